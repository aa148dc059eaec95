"""The problems' formulas in PyTorch: what runs where no kernel can, and what gradients are taken from."""

import functools
import sys
import threading
import types
import warnings
from typing import Any, Dict, Optional, Sequence, Set, Tuple

import torch

from ._package import Package
from ._problems import Problem

_NARROW = (torch.float16, torch.bfloat16)


class Formula:
    """formula() of a problem's torch.py, called with tensors and numbers in the problem's order."""

    def __init__(self, package: Package, problem: Problem, parent: str) -> None:
        module = _load(package, str(problem.torch), f"{parent}._formula_{problem.name}")
        try:
            self.function = module.formula
            self.parameters: Dict[str, float] = dict(module.PARAMETERS)
        except AttributeError as error:
            raise package.error(str(problem.torch), str(error)) from None
        self.keywords: Tuple[str, ...] = (*problem.scalars, *problem.given)
        self._typed = [each.dtype == "T" for each in problem.inputs]

    def __call__(self, tensors: Sequence[torch.Tensor], numbers: Sequence[Any]) -> Any:
        """Differentiable; a tuple where the problem has several outputs."""
        return self.function(*tensors, **dict(zip(self.keywords, numbers)))

    def of_mixed(self, tensors: Sequence[torch.Tensor], numbers: Sequence[Any]) -> Tuple[torch.Tensor, ...]:
        """The same as a tuple, of tensors whose dtypes may differ: they are cast to one that holds them all."""
        dtypes = [each.dtype for each, typed in zip(tensors, self._typed) if typed]
        if len(set(dtypes)) > 1:
            wider = functools.reduce(torch.promote_types, dtypes)
            tensors = [each.to(wider) if typed else each for each, typed in zip(tensors, self._typed)]
        outputs = self(tensors, numbers)
        return outputs if isinstance(outputs, tuple) else (outputs,)


def _load(package: Package, file: str, name: str) -> types.ModuleType:
    """A module from bytes that were held against their checksum; nothing is written beside the file."""
    module = types.ModuleType(name)
    module.__file__ = f"{package.folder}/{file}"
    exec(compile(package.text(file), module.__file__, "exec"), module.__dict__)
    sys.modules[name] = module  # torch.compile looks a function's globals up there.
    return module


def gradients(formula: Formula, tensors: Sequence[torch.Tensor], numbers: Sequence[Any],
              upstream: Sequence[torch.Tensor]) -> Tuple[torch.Tensor, ...]:
    """The formula's own gradient at every input; zeros for an input that has none. Nothing of it is differentiable.

    16-bit inputs are worked on in float32, as kernels do: sums over many rows would not come out in 16 bits.
    """
    with torch.inference_mode(False), torch.enable_grad():
        leaves = [each.detach().float() if each.dtype in _NARROW else each.detach() for each in tensors]
        leaves = [each.clone() if each.is_inference() else each for each in leaves]
        wanted = [each.requires_grad_() for each in leaves if each.is_floating_point()]
        outputs = formula.of_mixed(leaves, numbers)
        found = torch.autograd.grad(outputs, wanted, _matching(upstream, outputs), allow_unused=True)
    by_leaf = {id(leaf): gradient for leaf, gradient in zip(wanted, found) if gradient is not None}
    return tuple(by_leaf[id(leaf)] if id(leaf) in by_leaf else torch.zeros_like(leaf) for leaf in leaves)


def differentiable_gradients(formula: Formula, tensors: Sequence[torch.Tensor], numbers: Sequence[Any],
                             upstream: Sequence[torch.Tensor]) -> Tuple[Optional[torch.Tensor], ...]:
    """The same with a graph of its own, for gradients of gradients; None for an input that needs none."""
    outputs = formula.of_mixed(tensors, numbers)
    wanted = [each for each in tensors if each.requires_grad]
    found = torch.autograd.grad(outputs, wanted, _matching(upstream, outputs), create_graph=True, allow_unused=True)
    remaining = iter(found)
    return tuple(next(remaining) if each.requires_grad else None for each in tensors)


def _matching(upstream: Sequence[torch.Tensor], outputs: Sequence[torch.Tensor]) -> Tuple[torch.Tensor, ...]:
    return tuple(gradient.to(output.dtype) for gradient, output in zip(upstream, outputs))


_warned: Set[Tuple[str, str]] = set()
_warned_lock = threading.Lock()


def warn_once(name: str, kind: str, reason: str) -> None:
    """Says once a problem and kind of reason why its formula runs."""
    with _warned_lock:
        if (name, kind) in _warned:
            return
        _warned.add((name, kind))
    warnings.warn(f"fuseline: {name}: {reason}; the PyTorch formula runs instead", RuntimeWarning, stacklevel=3)
