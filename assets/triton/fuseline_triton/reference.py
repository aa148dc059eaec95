"""What a kernel's outputs should be, in fp64, from a PyTorch model in KernelBench's form.

A kernel is a part of a model: its input is what a convolution made, and its output may be pooled afterwards. So the
model runs twice. The first run finds the operations whose results are the kernel's inputs and outputs, by their values.
In the second run the kernel's very inputs take the place of those results, and everything from there on is computed in
fp64, so that what came before adds no error of its own.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

# Relative distance, by norm, up to which two tensors are the same values computed twice.
SAME = {torch.float32: 1e-3, torch.float16: 1e-2, torch.bfloat16: 3e-2, torch.float64: 1e-6}


class NoReference(Exception):
    """The model says nothing of this kernel; the message says why."""


def distance(a, b):
    """Relative, by norm, of tensors with the same number of elements in the same order."""
    a, b = a.reshape(-1).float(), b.reshape(-1).float()
    norm = torch.linalg.vector_norm(b)
    return (torch.linalg.vector_norm(a - b) / norm.clamp_min(1e-30)).item()


def same_values(a, b):
    """Whether `a` is what `b` is: the same elements in the same order; the shape may differ."""
    if not a.is_floating_point() or not b.is_floating_point() or a.numel() != b.numel() or a.device != b.device:
        return False
    return distance(a, b) <= SAME.get(b.dtype, 1e-3)


class Finder(TorchDispatchMode):
    """Finds every place among the results of a model's operations where a tensor wanted appears."""

    def __init__(self, wanted):
        super().__init__()
        self.wanted = wanted  # Name to tensor.
        self.places = {name: [] for name in wanted}  # (operation, result of it), in order.
        self.at = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for position, result in enumerate(tree_flatten(out)[0]):
            if isinstance(result, torch.Tensor):
                for name, tensor in self.wanted.items():
                    if same_values(result, tensor):
                        self.places[name].append((self.at, position))
        self.at += 1
        return out


class Finished(Exception):
    """Everything wanted was computed."""


class Substituted(TorchDispatchMode):
    """Puts tensors in the place of results, and computes in fp64 from the first of them on."""

    def __init__(self, given, wanted):
        super().__init__()
        self.given = given  # (operation, result of it) to tensor.
        self.wanted = wanted  # (operation, result of it) to name.
        self.found = {}
        self.at = 0
        self.begun = False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if self.begun:
            args, kwargs = tree_map(self.widened, (args, kwargs))
            if isinstance(kwargs.get("dtype"), torch.dtype) and kwargs["dtype"].is_floating_point:
                kwargs["dtype"] = torch.float64
        results, layout = tree_flatten(func(*args, **kwargs))
        for position, result in enumerate(results):
            place = (self.at, position)
            if place in self.given:
                self.begun = True
                results[position] = self.given[place].double().reshape(result.shape)
            if place in self.wanted:
                self.found[self.wanted[place]] = results[position]
        self.at += 1
        if len(self.found) == len(self.wanted):
            raise Finished
        return tree_unflatten(results, layout)

    @staticmethod
    def widened(value):
        return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def places_of(model, inputs, tensors):
    finder = Finder(tensors)
    with torch.no_grad(), finder:
        model(*inputs)
    return finder.places


def expected_outputs(model, inputs, kernel_inputs, kernel_outputs):
    """Name to fp64 tensor, of the outputs' shapes. `model` and `inputs` are on the device, in the kernel's dtype, and
    `kernel_inputs` and `kernel_outputs` are what the kernel read and wrote in the model that was made from the same
    parameters. Error (NoReference): the model does not compute an output, or nothing that the kernel reads."""
    places = places_of(model, inputs, {**kernel_inputs, **kernel_outputs})
    missing = [name for name in kernel_outputs if not places[name]]
    if missing:
        raise NoReference(f"nothing that the reference computes is what the kernel writes as {', '.join(missing)} "
                          "(compared by value, one operation after the other)")
    wanted = {places[name][-1]: name for name in kernel_outputs}
    first = min(place[0] for place in wanted)
    given = {}
    constant = [*model.parameters(), *model.buffers(), *inputs]
    for name, tensor in kernel_inputs.items():
        before = [place for place in places[name] if place[0] < first]
        if before:
            given[before[-1]] = tensor
        elif tensor.is_floating_point() and not any(same_values(each, tensor) for each in constant):
            raise NoReference(f"nothing that the reference computes or holds is what the kernel reads as {name}")
    if not given:
        # The kernel reads nothing but the model's own inputs and parameters: all of the model is in fp64.
        return run(model, inputs, {}, wanted, kernel_outputs, widened=True)
    return run(model, inputs, given, wanted, kernel_outputs, widened=False)


def run(model, inputs, given, wanted, kernel_outputs, widened):
    mode = Substituted(given, wanted)
    mode.begun = widened
    try:
        with torch.no_grad(), mode:
            model(*inputs)
    except Finished:
        pass
    return {name: mode.found[name].reshape(tensor.shape) for name, tensor in kernel_outputs.items()}
