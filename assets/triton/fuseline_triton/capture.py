"""Kernels as they are launched: what they are given, which of their tensors they write, and running them again."""

import inspect

import torch
from triton.runtime.jit import JITFunction

from fuseline_reference.loading import Refused
from fuseline_triton.reference import SAME, distance

SCALARS = {"i32": "i32", "i64": "i64", "u32": "u32", "u64": "u64", "fp32": "f32", "fp64": "f64"}


class Launched:
    """One launch of a kernel: what it was given, and what its tensors held before and after."""

    def __init__(self, jit, arguments, options, grid, compiled, before):
        self.jit = jit
        self.arguments = arguments  # Name to value, constants too.
        self.options = options  # num_warps and the like, as given.
        self.grid = grid
        self.compiled = compiled
        self.before = before  # Name to a copy of each tensor.

    @property
    def name(self):
        return self.compiled.metadata.name

    def bytes(self):
        return sum(tensor.numel() * tensor.element_size() for tensor in self.before.values())

    def constants(self):
        """Names of tl.constexpr parameters."""
        return [each.name for each in self.jit.params if each.is_constexpr]


class Watch:
    """Notes every launch while it is open; of each kernel, the one that moved most."""

    def __init__(self):
        self.original = JITFunction.run
        self.launches = {}
        self.counts = {}

    def __enter__(self):
        watch = self

        def run(jit, *args, grid, warmup, **kwargs):
            parameters = [each.name for each in jit.params]
            arguments = dict(zip(parameters, args))
            arguments.update({name: value for name, value in kwargs.items() if name in parameters})
            for name, parameter in inspect.signature(jit.fn).parameters.items():
                if name not in arguments and parameter.default is not inspect.Parameter.empty:
                    arguments[name] = parameter.default
            options = {name: value for name, value in kwargs.items() if name not in parameters}
            before = {name: value.clone() for name, value in arguments.items() if isinstance(value, torch.Tensor)}
            compiled = watch.original(jit, *args, grid=grid, warmup=warmup, **kwargs)
            if compiled is not None and not warmup:
                one = Launched(jit, arguments, options, grid, compiled, before)
                watch.counts[one.name] = watch.counts.get(one.name, 0) + 1
                if one.name not in watch.launches or one.bytes() >= watch.launches[one.name].bytes():
                    watch.launches[one.name] = one
            return compiled

        JITFunction.run = run
        return self

    def __exit__(self, *_):
        JITFunction.run = self.original


def grid_of(grid, arguments):
    sizes = grid(arguments) if callable(grid) else grid
    sizes = [int(each) for each in sizes]
    return tuple(sizes + [1] * (3 - len(sizes)))


class Kernel:
    """A launch that can be repeated with other constants: what its tensors are for, and what it computes."""

    def __init__(self, launch):
        self.launch = launch
        self.grid = grid_of(launch.grid, launch.arguments)
        self.tensors = {name: tensor.clone() for name, tensor in launch.before.items()}
        self.given = {name: launch.arguments[name] for name in launch.constants()}
        metadata = launch.compiled.metadata
        self.options = {"num_warps": metadata.num_warps, "num_stages": metadata.num_stages}
        self.check_supported()
        self.outputs = []
        self.find_outputs()
        self.expected = {name: self.tensors[name].clone() for name in self.outputs}

    def check_supported(self):
        metadata = self.launch.compiled.metadata
        if getattr(metadata, "num_ctas", 1) != 1:
            raise Refused(f"{self.launch.name}: a cluster of {metadata.num_ctas} blocks; plain launches are imported")
        if getattr(metadata, "global_scratch_size", 0):
            raise Refused(f"{self.launch.name}: it needs scratch memory of Triton's runtime")
        for name, kind in self.parameters():
            if not kind.startswith("*") and kind not in SCALARS:
                raise Refused(f"{self.launch.name}: the argument {name} is of type {kind}, which is not imported")
        for name, tensor in self.tensors.items():
            if dense(tensor) is None:
                raise Refused(f"{self.launch.name}: the tensor {name} has gaps (strides {tuple(tensor.stride())})")

    def parameters(self):
        """Names and Triton's types of what is passed at a launch, in order."""
        signature = self.launch.compiled.src.signature
        return [(name, kind) for name, kind in signature.items() if kind != "constexpr"]

    def run(self, constants=None, options=None, grid=None):
        """Launches it on its own tensors; what was compiled."""
        compiled = self.compile(constants, options, grid, warmup=False)
        torch.cuda.synchronize()
        return compiled

    def compile(self, constants=None, options=None, grid=None, warmup=True):
        """Without a launch, where `warmup` is true."""
        arguments = {**self.launch.arguments, **self.tensors, **(constants or {})}
        return self.launch.jit.run(grid=grid or self.grid, warmup=warmup, **arguments,
                                   **{**self.launch.options, **self.options, **(options or {})})

    def restore(self, poisoned=()):
        for name, tensor in self.tensors.items():
            if name in poisoned:
                tensor.fill_(float("nan"))
            else:
                tensor.copy_(self.launch.before[name])

    def find_outputs(self):
        """A tensor is an output where it is written, and must not be read: that would be both at once."""
        self.restore()
        self.run()
        written = {name for name, tensor in self.tensors.items() if not torch.equal(tensor, self.launch.before[name])}
        for name, tensor in self.tensors.items():
            # Written with what it held already: seen where it held something else.
            if name in written or not tensor.is_floating_point():
                continue
            self.restore(poisoned=[name])
            self.run()
            if not bool(torch.isnan(tensor).all()):
                written.add(name)
        if not written:
            raise Refused(f"{self.launch.name}: it writes none of its tensors")
        self.outputs = [name for name in self.tensors if name in written]
        if integer := [name for name in self.outputs if not self.tensors[name].is_floating_point()]:
            raise Refused(f"{self.launch.name}: the output {integer[0]} is of integers, which are not compared")
        self.restore()
        self.run()
        first = {name: self.tensors[name].clone() for name in self.outputs}
        self.restore(poisoned=self.outputs)
        self.run()
        for name in self.outputs:
            if not torch.equal(first[name].nan_to_num(), self.tensors[name].nan_to_num()):
                raise Refused(f"{self.launch.name}: what it writes to {name} depends on what was there before; a "
                              "tensor that is read and written is not imported")

    def right(self):
        """Whether the outputs are what the configuration given computes, up to another order of sums."""
        return all(distance(self.tensors[name], self.expected[name]) <= SAME[self.expected[name].dtype]
                   for name in self.outputs)

    def tried(self, constants, options, grid):
        """What was compiled, where it runs and its results are right; else None."""
        self.restore(poisoned=self.outputs)
        try:
            compiled = self.run(constants, options, grid)
        except torch.cuda.OutOfMemoryError:
            raise
        except Exception as error:
            if any(lost in str(error) for lost in ("illegal memory access", "misaligned address", "launch failure")):
                named = ", ".join(f"{name}={value}" for name, value in {**constants, **options}.items())
                raise Refused(f"{self.launch.name}: with {named} it ends in an error that the GPU's context does not "
                              "survive: --keep NAME leaves a constant as it is") from error
            return None
        return compiled if self.right() else None


def dense(tensor):
    """All of a tensor's memory as one dimension, or None where it has gaps."""
    order = sorted(range(tensor.dim()), key=lambda i: (-tensor.stride(i), i))
    step = 1
    for i in reversed(order):
        if tensor.size(i) > 1:
            if tensor.stride(i) != step:
                return None
            step *= tensor.size(i)
    return tensor.as_strided((tensor.numel(),), (1,))
