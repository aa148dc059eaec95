"""The user's two files: the reference and the module that launches kernels, with the same parameters."""

import torch

from fuseline_reference.loading import Refused
from fuseline_reference.tensors import DTYPES
from fuseline_triton.capture import Watch

class Models:
    """The reference and the module of the user's, with the same parameters, in one dtype, on the GPU."""

    def __init__(self, reference, module, dtype, seed):
        torch.manual_seed(seed)
        init = reference.get_init_inputs()
        self.reference = self.made("the reference", lambda: reference.Model(*init), dtype)
        torch.manual_seed(seed)
        self.module = self.made("the module", lambda: module.ModelNew(*init), dtype)
        self.share_parameters()
        torch.manual_seed(seed + 1)
        self.inputs = [self.placed(each, dtype) for each in reference.get_inputs()]

    def share_parameters(self):
        """By name; what is named differently in ModelNew, by its place and shape."""
        theirs, ours = self.reference.state_dict(), self.module.state_dict()
        left = [name for name in theirs if name not in ours or ours[name].shape != theirs[name].shape]
        free = [name for name in ours if name not in theirs or ours[name].shape != theirs[name].shape]
        if len(left) != len(free) or any(theirs[a].shape != ours[b].shape for a, b in zip(left, free)):
            raise Refused(f"ModelNew has the parameters {', '.join(ours)}, which are not those of Model: "
                          f"{', '.join(theirs)}")
        names = {**{name: name for name in theirs}, **dict(zip(left, free))}
        self.module.load_state_dict({names[name]: value for name, value in theirs.items()})

    @staticmethod
    def made(what, make, dtype):
        try:
            return make().to("cuda", DTYPES[dtype]).eval()
        except Exception as error:
            raise Refused(f"making {what} raises {type(error).__name__}: {error}") from error

    @staticmethod
    def placed(value, dtype):
        if not isinstance(value, torch.Tensor):
            return value
        return value.to("cuda", DTYPES[dtype]) if value.is_floating_point() else value.to("cuda")

    def launches(self):
        """Of each kernel the launch that moved most, in a second run: the first is for those that tune themselves."""
        try:
            with torch.no_grad():
                self.module(*self.inputs)
                torch.cuda.synchronize()
                with Watch() as watch:
                    self.module(*self.inputs)
                    torch.cuda.synchronize()
        except Exception as error:
            raise Refused(f"running ModelNew raises {type(error).__name__}: {error}") from error
        if not watch.launches:
            raise Refused("ModelNew launches no Triton kernel")
        return watch
