"""A problem as data: its tensors, and the dimensions that shapes and strides of its inputs tell. No torch."""

import ast
import math
import operator
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

DTYPE_BYTES = {"f64": 8, "i64": 8, "u64": 8, "f32": 4, "i32": 4, "f16": 2, "bf16": 2, "u8": 1}


class ShapeError(ValueError):
    """Shapes that are not the problem's, whatever the device."""


_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,  # Sizes are whole: half a row of 7 is 3.
}
_FUNCTIONS: Dict[str, Callable] = {
    "idiv": operator.floordiv,
    "cdiv": lambda a, b: -(-a // b),
    "mod": operator.mod,
    "min": min,
    "max": max,
}


def size(text: str, dims: Mapping[str, Any]) -> Any:
    """The value of a size such as "2 * W" or "D/2" over whole numbers, which may be symbolic."""

    def value(node: ast.AST) -> Any:
        if isinstance(node, ast.Expression):
            return value(node.body)
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return node.value
        if isinstance(node, ast.Name):
            return dims[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return _FUNCTIONS[node.func.id](*[value(each) for each in node.args])
        raise KeyError(text)

    return value(ast.parse(text.strip(), mode="eval"))


def _factors(text: str) -> Optional[List[str]]:
    """"2 * W" as ["2", "W"]; None where it is no product."""
    factors = [each.strip() for each in text.split("*")]
    return factors if all(each.isidentifier() or each.isdigit() for each in factors) else None


class Tensor(NamedTuple):
    """One tensor of a problem. `dtype` "T" is the dtype that is chosen for the whole problem."""

    name: str
    dtype: str
    shape: Tuple[str, ...]
    strides: Optional[Tuple[str, ...]]
    elements: str

    def dtype_in(self, dtype: str) -> str:
        """Its dtype where T is `dtype`."""
        return dtype if self.dtype == "T" else self.dtype


class Problem:
    """What wisdom.json says of a problem."""

    def __init__(self, name: str, data: Mapping[str, Any]) -> None:
        self.name = name
        self.title: str = data.get("title", "")
        self.formula: str = data.get("formula", "")
        self.dims = {each["name"]: (each["minimum"], each["maximum"]) for each in data["dims"]}
        self.derived = [(each["name"], each["value"]) for each in data.get("derived", [])]
        self.requires: List[str] = list(data.get("requires", []))
        self.dtypes: List[str] = list(data["dtypes"])
        self.scalars: Dict[str, float] = {name: float(value) for name, value in data.get("scalars", {}).items()}
        self.backward: Optional[str] = data.get("backward")
        self.torch: Optional[str] = data.get("torch")
        self.variants: Mapping[str, Any] = data["variants"]
        tensors = [(each["role"], self._tensor(each)) for each in data["tensors"]]
        self.inputs = [tensor for role, tensor in tensors if role == "input"]
        self.outputs = [tensor for role, tensor in tensors if role == "output"]
        self.given, self._steps = self._plan_inference()

    @staticmethod
    def _tensor(data: Mapping[str, Any]) -> Tensor:
        strides = data.get("strides")
        shape = tuple(str(each) for each in data["shape"])
        return Tensor(data["name"], data["dtype"], shape, tuple(map(str, strides)) if strides else None,
                      str(data["elements"]))

    def _plan_inference(self) -> Tuple[List[str], List[tuple]]:
        """Dims that the caller must give, and steps (dim, input, axis, of strides, other factors) for the rest."""
        places = []
        for number, tensor in enumerate(self.inputs):
            for strided, texts in ((False, tensor.shape), (True, tensor.strides or ())):
                for axis, text in enumerate(texts):
                    factors = _factors(text)
                    if factors:
                        places.append((number, axis, strided, factors))
        known: List[str] = []
        given: List[str] = []
        steps = []
        while len(known) < len(self.dims):
            step = self._next_step(places, known)
            if step is None:
                given.append(next(dim for dim in self.dims if dim not in known))
                known.append(given[-1])
            else:
                steps.append(step)
                known.append(step[0])
        return given, steps

    def _next_step(self, places: Sequence[tuple], known: Sequence[str]) -> Optional[tuple]:
        for number, axis, strided, factors in places:
            unknown = [each for each in factors if each in self.dims and each not in known]
            others = [each for each in factors if each not in unknown]
            if len(unknown) == 1 and all(each.isdigit() or each in self.dims for each in others):
                return unknown[0], number, axis, strided, others
        return None

    def infer(self, shapes: Sequence[Sequence[Any]], strides: Sequence[Optional[Sequence[Any]]],
              given: Sequence[Any]) -> Dict[str, Any]:
        """Every dim from the inputs' shapes and strides and the dims that are given, in the problem's order.

        `strides` may hold None where an input's layout tells nothing; dims that need it are left out then.
        """
        for tensor, shape in zip(self.inputs, shapes):
            if len(shape) != len(tensor.shape):
                raise ShapeError(f"{self.name}: {tensor.name} has the shape {tuple(shape)}, and "
                                 f"[{', '.join(tensor.shape)}] is wanted")
        dims: Dict[str, Any] = dict(zip(self.given, given))
        for name, number, axis, strided, others in self._steps:
            source = strides[number] if strided else shapes[number]
            if source is None or not all(each in dims or each.isdigit() for each in others):
                continue
            try:
                dims[name] = source[axis] // size(" * ".join(others), dims) if others else source[axis]
            except ZeroDivisionError:
                raise ShapeError(f"{self.name}: {name} cannot be told where one of {', '.join(others)} is 0") from None
        return {name: dims[name] for name in self.dims if name in dims}

    def check_shapes(self, shapes: Sequence[Sequence[int]], dims: Mapping[str, int]) -> None:
        """ShapeError where an input's shape does not follow from `dims`."""
        for name in self.given:
            if dims[name] < 1:
                raise ShapeError(f"{self.name}: {name} is {dims[name]}, and at least 1 is wanted")
        for tensor, shape in zip(self.inputs, shapes):
            wanted = self.shape_of(tensor, dims)
            if tuple(shape) != wanted:
                raise ShapeError(f"{self.name}: {tensor.name} has the shape {tuple(shape)}, and {wanted} is wanted: "
                                 f"[{', '.join(tensor.shape)}] with {text_of(dims)}")

    def shape_of(self, tensor: Tensor, dims: Mapping[str, Any]) -> Tuple[Any, ...]:
        """The shape of a tensor; sizes may be symbolic."""
        try:
            return tuple(size(text, dims) for text in tensor.shape)
        except KeyError:
            known = dict(dims)
            for name, text in self.derived:
                try:
                    known[name] = size(text, known)
                except (KeyError, SyntaxError):
                    continue  # A derived dimension that no shape names.
            return tuple(size(text, known) for text in tensor.shape)

    def is_backward_of(self, forward: "Problem") -> bool:
        """Whether it takes the forward's inputs and a gradient an output, and gives a gradient d<input> for each."""
        inputs = [tensor.name for tensor in self.inputs]
        own = [tensor.name for tensor in forward.inputs]
        gradients = [name for name in inputs if name not in own]
        return (all(name in inputs for name in own) and len(gradients) == len(forward.outputs)
                and {"d" + name for name in own} == {tensor.name for tensor in self.outputs}
                and set(self.scalars) <= set(forward.scalars) and set(self.given) <= set(forward.given))


def text_of(dims: Mapping[str, Any]) -> str:
    """"N = 32, W = 64"."""
    return ", ".join(f"{name} = {value}" for name, value in dims.items())


def distance(a: Mapping[str, int], b: Mapping[str, int]) -> int:
    """How far apart two shapes are: the sum of squares of their dims' ratios in logarithms, in steps of 1e-9.

    It is rounded, so that shapes that are equally far apart come out so, whatever the order of the sum.
    """
    return round(1e9 * sum(math.log(max(1, a[name]) / max(1, b[name])) ** 2 for name in a))
