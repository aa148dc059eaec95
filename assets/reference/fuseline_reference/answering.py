"""What fuseline new asks of a model: what it takes and gives, then files of it."""

import torch

from fuseline_reference.drawing import Drawn
from fuseline_reference.loading import FORM, Refused, load
from fuseline_reference.tensors import DTYPES, write_npy

STORED = {**DTYPES, "f64": torch.float64, "i32": torch.int32, "u8": torch.uint8}


def described(tensors):
    return [{"name": name, "shape": list(tensor.shape), "floating": bool(tensor.is_floating_point())}
            for name, tensor in tensors.items()]


class Model:
    """The user's model, drawn anew for every seed."""

    def __init__(self, path, seed):
        self.path, self.seed = path, seed
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.module = load(path, FORM)
        self.shapes = None

    def draw(self, seed):
        return Drawn(self.path, self.module, seed, self.device)

    def describe(self):
        drawn = self.draw(self.seed)
        inputs, held = drawn.tensors()
        outputs = drawn.outputs()
        self.shapes = {name: list(tensor.shape) for name, tensor in {**inputs, **outputs}.items()}
        return {"inputs": described(inputs), "held": described(held), "outputs": described(outputs),
                "numbers": drawn.numbers(), "spread": drawn.spread}

    def check_shapes(self, tensors, seed):
        for name, tensor in tensors.items():
            if list(tensor.shape) != self.shapes.get(name, list(tensor.shape)):
                raise Refused(f"{self.path}: {name} has the shape {list(tensor.shape)} with seed {seed}, and "
                              f"{self.shapes[name]} with seed {self.seed}: it is to be the same for every seed")

    def write(self, folder, request):
        """Each draw in each dtype. What a kernel gets is rounded first, and the outputs are of the rounded values."""
        for number, draw in enumerate(request["draws"]):
            for dtype in request["dtypes"]:
                self.write_one(folder, self.draw(self.seed + 1000 * number), draw, dtype, request)

    def write_one(self, folder, drawn, draw, dtype, request):
        def file(each):
            return folder / each["file"].replace("{shape}", draw).replace("{dtype}", dtype)

        inputs, held = drawn.tensors()
        self.check_shapes(inputs, drawn.seed)
        for each in request["inputs"]:
            is_input = each["held"] is False
            value = (inputs if is_input else held)[each["of"]]
            stored = value.to(STORED[dtype if each["dtype"] == "T" else each["dtype"]])
            back = stored.to(value.dtype)
            if not value.is_floating_point() and bool((back != value).any()):
                raise Refused(f"{self.path}: {each['of']} holds numbers that {each['dtype']} does not")
            write_npy(file(each), stored.contiguous())
            drawn.replace(each["of"], back, is_input)
        outputs = drawn.outputs()
        self.check_shapes(outputs, drawn.seed)
        for each in request["outputs"]:
            value = outputs[each["of"]]
            whole = torch.float64 if value.is_floating_point() else torch.int64
            write_npy(file(each), value.to(whole).contiguous())
