"""What users call: functions and modules named as the problems, with autocast and gradients, over the operators."""

import hashlib
import keyword
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import torch

from ._formulas import Formula, differentiable_gradients, gradients, warn_once
from ._operators import DTYPES, Operator, define_formula_backward
from ._package import Package
from ._plans import Planner
from ._problems import Problem, size

MOST_KNOWN = 8  # A call that is like none of them pays for every check.
_FLOATING = (torch.float32, torch.float16, torch.bfloat16)


class Function:
    """One problem as a function. What torch.compile reads of it never changes."""

    def __init__(self, problem: Problem, operator: Operator, formula: Optional[Callable]) -> None:
        self.name = problem.name
        self.count = len(problem.inputs)
        self.lead = operator.lead
        self.dtypes = tuple(DTYPES[each] for each in problem.dtypes)
        self.typed = tuple(each.dtype == "T" for each in problem.inputs)
        self.formula = formula
        self.overload = operator.overload
        self.direct = operator.run
        self.learn = operator.known
        self.known: Tuple[Any, ...] = ()  # Calls in eager code that need no further look.
        self.backward: Optional[Callable[..., Any]] = None  # An overload: of inputs, gradients and numbers, as below.
        self.backward_order: Tuple[int, ...] = ()  # Places of its tensors among inputs and gradients.
        self.backward_outputs: Tuple[int, ...] = ()  # Which of its results is an input's gradient.


class _Differentiable(torch.autograd.Function):
    """The operator with a gradient: another operator, so that torch.compile sees two calls."""

    @staticmethod
    def forward(ctx: Any, name: str, *arguments: Any) -> Any:
        function = FUNCTIONS[name]
        ctx.problem = name  # Not `name`: a node of the graph has a method of that name.
        ctx.numbers = arguments[function.count:]
        ctx.save_for_backward(*arguments[:function.count])
        return _run(function, arguments[:function.count], arguments[function.count:])

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        function = FUNCTIONS[ctx.problem]
        tensors, numbers = ctx.saved_tensors, ctx.numbers
        # Gradients of gradients are asked for in eager code alone.
        if torch.is_grad_enabled() and not _is_compiling():
            found = differentiable_gradients(function.formula, tensors, numbers, upstream)
        else:
            given = (*tensors, *[each.contiguous() for each in upstream])
            outputs = function.backward(*[given[each] for each in function.backward_order], *numbers)
            outputs = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
            found = [outputs[place].to(tensor.dtype) for place, tensor in zip(function.backward_outputs, tensors)]
        return (None, *found, *[None for _ in numbers])


FUNCTIONS: Dict[str, Function] = {}

_is_compiling = torch.compiler.is_compiling
_PLAIN = (torch.Tensor, torch.nn.Parameter)


def _no_onlooker() -> "Callable[[], bool]":
    """A function that says whether nothing records or transforms calls: no mode, functorch, or tracing."""
    try:
        modes, tracing = torch._C._len_torch_dispatch_stack, torch._C._get_tracing_state
        transforms = torch._C._functorch.peek_interpreter_stack
        modes(), tracing(), transforms()
    except (AttributeError, TypeError):  # Private names; without them every call goes the long way.
        return lambda: False
    return lambda: modes() == 0 and transforms() is None and tracing() is None


_unwatched = _no_onlooker()


def _run(function: Function, tensors: Tuple[torch.Tensor, ...], numbers: Tuple[Any, ...]) -> Any:
    """The operator; in eager code without PyTorch's dispatcher, which takes as long as the launch does."""
    if not _is_compiling() and tensors[function.lead].is_cuda and _unwatched():
        for each in tensors:
            if type(each) not in _PLAIN:
                break
        else:
            return function.direct(*tensors, *numbers)
    return function.overload(*tensors, *numbers)


def _call(function: Function, tensors: Tuple[torch.Tensor, ...], numbers: Tuple[Any, ...]) -> Any:
    """The kernel where there may be one, else the formula. torch.compile goes through here."""
    # The shortest way first: every microsecond here is one of twenty.
    if not _is_compiling():
        for like, leaves, check, launch in function.known:
            if like == numbers and check(*tensors) and not (leaves and torch.is_grad_enabled()):
                outputs = launch(tensors)
                if outputs is not None:
                    return outputs
                break
    lead = tensors[function.lead]
    if not _is_compiling() and lead.is_cuda and _unwatched() and not torch.is_autocast_enabled("cuda"):
        graph = torch.is_grad_enabled()
        for each in tensors:
            if type(each) not in _PLAIN or (graph and each.requires_grad):
                break
        else:
            outputs = function.direct(*tensors, *numbers)
            if len(function.known) < MOST_KNOWN:
                known = function.learn(tensors, numbers)
                if known is not None:
                    function.known += (known,)
            return outputs
    if torch.is_autocast_enabled("cuda") and lead.is_cuda and lead.dtype in _FLOATING:
        wanted = torch.get_autocast_dtype("cuda")
        if wanted in function.dtypes:
            tensors = tuple(each.to(wanted) if typed and each.dtype in _FLOATING else each
                            for each, typed in zip(tensors, function.typed))
            lead = tensors[function.lead]
    if function.formula is not None and not (lead.is_cuda and lead.dtype in function.dtypes):
        if lead.is_cuda and not _is_compiling():
            warn_once(function.name, f"dtype {lead.dtype}", f"it is not tuned for {lead.dtype}")
        return function.formula(tensors, numbers)
    if function.backward is not None and torch.is_grad_enabled():
        for each in tensors:
            if each.requires_grad:
                return _Differentiable.apply(function.name, *tensors, *numbers)
    return _run(function, tensors, numbers)


class _Module(torch.nn.Module):
    """Base of the problems' modules: parameters by name, numbers as they were given."""

    function: Function
    problem: Problem
    initial: Dict[str, float]
    dims: Tuple[str, ...]
    places: Tuple[Any, ...]  # Of the problem's inputs: a parameter's name, or a place among forward()'s own.
    free: int

    def __init__(self, *, device: Any = None, dtype: Optional[torch.dtype] = None, **values: Any) -> None:
        super().__init__()
        problem, own = self.problem, type(self).__name__
        wanted = (*self.dims, *problem.scalars)
        for name in values:
            if name not in wanted:
                raise TypeError(f"{own}() has no argument {name}; it takes {', '.join((*wanted, 'device', 'dtype'))}")
        missing = [name for name in self.dims if name not in values]
        if missing:
            raise TypeError(f"{own}() needs {', '.join(missing)}")
        self.sizes = {name: int(values[name]) for name in self.dims}
        scalars = {name: float(values.get(name, value)) for name, value in problem.scalars.items()}
        self.numbers = (*scalars.values(), *[self.sizes[name] for name in problem.given])
        self.shown = ", ".join(f"{name}={value}" for name, value in {**self.sizes, **scalars}.items())
        for each in problem.inputs:
            if each.name in self.initial:
                shape = [size(text, self.sizes) for text in each.shape]
                fixed = None if each.dtype == "T" else DTYPES[each.dtype]
                parameter = torch.full(shape, self.initial[each.name], device=device, dtype=fixed or dtype)
                setattr(self, each.name, torch.nn.Parameter(parameter))

    def forward(self, *inputs: torch.Tensor) -> Any:
        """Inputs that are no parameters, in the problem's order."""
        if len(inputs) != self.free:
            raise TypeError(f"{type(self).__name__} takes {self.free} tensors, and {len(inputs)} are given")
        tensors = []
        for place in self.places:
            tensors.append(getattr(self, place) if isinstance(place, str) else inputs[place])
        return _call(self.function, tuple(tensors), self.numbers)

    def extra_repr(self) -> str:
        return self.shown


def _function_of(package: Package, function: Function, problem: Problem, parent: str) -> Callable:
    """def <problem>(inputs, *, scalars with their defaults, dims that no shape tells)."""
    tensors = [each.name for each in problem.inputs]
    numbers = [*problem.scalars, *problem.given]
    for name in (problem.name, *tensors, *numbers):
        if not name.isidentifier() or keyword.iskeyword(name):
            raise package.error("wisdom.json", f"{name!r} cannot name anything in Python")
    keywords = [f"{name}={value!r}" for name, value in problem.scalars.items()] + list(problem.given)
    signature = ", ".join([*tensors, *(["*", *keywords] if keywords else [])])
    text = (f"def _made(_call_, _function_):\n"
            f"    def {problem.name}({signature}):\n"
            f"        return _call_(_function_, ({''.join(name + ', ' for name in tensors)}), "
            f"({''.join(name + ', ' for name in numbers)}))\n"
            f"    return {problem.name}\n")
    namespace: Dict[str, Any] = {"__name__": __name__}
    exec(compile(text, f"<fuseline {problem.name}>", "exec"), namespace)
    made = namespace["_made"](_call, function)
    made.__module__ = parent
    made.__qualname__ = problem.name
    made.__doc__ = f"{problem.title}: {problem.formula}\n\nShapes: " + "; ".join(
        f"{each.name} [{', '.join(each.shape)}]" for each in (*problem.inputs, *problem.outputs))
    return made


def _module_of(function: Function, problem: Problem, formula: Formula, parent: str) -> type:
    """The problem's nn.Module: LayernormGeluScale of layernorm_gelu_scale."""
    parameters = [each for each in problem.inputs if each.name in formula.parameters]
    needed = {name for each in parameters for text in each.shape for name in problem.dims
              if name in text.replace("*", " ").replace("(", " ").replace(")", " ").replace("/", " ").split()}
    places: List[Any] = []
    for each in problem.inputs:
        places.append(each.name if each in parameters else sum(not isinstance(place, str) for place in places))
    name = "".join(part.capitalize() for part in problem.name.split("_"))
    return type(name, (_Module,), {
        "__module__": parent, "__doc__": f"{problem.title}: {problem.formula}", "function": function,
        "problem": problem, "initial": formula.parameters, "places": tuple(places),
        "free": len(problem.inputs) - len(parameters),
        "dims": tuple(each for each in problem.dims if each in needed or each in problem.given)})


def _connect_backward(function: Function, problem: Problem, backward: Problem, operator: Operator) -> None:
    """Where the package has the problem's backward: its tensors and results by name."""
    inputs = [each.name for each in problem.inputs]
    upstream = [each.name for each in backward.inputs if each.name not in inputs]
    given = [*inputs, *upstream]
    function.backward = _without_missing(operator, problem, backward)
    function.backward_order = tuple(given.index(each.name) for each in backward.inputs)
    results = [each.name for each in backward.outputs]
    function.backward_outputs = tuple(results.index("d" + name) for name in inputs)


def _without_missing(operator: Operator, problem: Problem, backward: Problem) -> Any:
    """The backward's overload, called with the forward's numbers."""
    names = [*problem.scalars, *problem.given]
    wanted = [names.index(each) for each in (*backward.scalars, *backward.given)]
    if wanted == list(range(len(names))):
        return operator.overload
    count, overload = len(backward.inputs), operator.overload
    return lambda *arguments: overload(*arguments[:count], *[arguments[count + each] for each in wanted])


def _gradient_of(formula: Formula, problem: Problem, backward: Problem) -> Callable:
    """What a backward problem computes, by autograd of its forward's formula; outputs as the backward has them."""
    inputs = [each.name for each in problem.inputs]
    own = {each.name: number for number, each in enumerate(backward.inputs)}
    upstream = [number for name, number in own.items() if name not in inputs]
    numbers_here = [*backward.scalars, *backward.given]

    def compute(tensors: Sequence[torch.Tensor], numbers: Sequence[Any]) -> Tuple[torch.Tensor, ...]:
        known = {**problem.scalars, **dict(zip(numbers_here, numbers))}
        found = gradients(formula, [tensors[own[name]] for name in inputs],
                          [known[name] for name in formula.keywords], [tensors[number] for number in upstream])
        by_name = dict(zip(("d" + name for name in inputs), found))
        return tuple(by_name[each.name] for each in backward.outputs)
    return compute


def _first_of(compute: Callable) -> Callable:
    return lambda tensors, numbers: compute(tensors, numbers)[0]


def build(package: Package, planner: Planner, parent: str) -> Dict[str, Any]:
    """Defines every operator in a namespace of the package's own; returns functions and modules by their names."""
    problems = planner.problems
    forwards = {each.backward: each for each in problems.values() if each.backward in problems}
    formulas = {name: Formula(package, each, parent) for name, each in problems.items() if each.torch}
    library = torch.library.Library(namespace_of(package, parent), "DEF")
    by_name: Dict[str, Operator] = {}
    made: Dict[str, Any] = {"_library": library, "_operators": by_name}  # Operators end when nobody holds the library.
    for name, problem in problems.items():
        direct: Any = formulas.get(name)
        compute = direct.of_mixed if direct is not None else None
        forward = forwards.get(name)
        if forward is not None and forward.name in formulas and problem.is_backward_of(forward):
            compute = _gradient_of(formulas[forward.name], forward, problem)
            direct = compute if len(problem.outputs) > 1 else _first_of(compute)
        by_name[name] = Operator(library, planner, problem, compute)
        FUNCTIONS[name] = Function(problem, by_name[name], direct)
        made[name] = _function_of(package, FUNCTIONS[name], problem, parent)
    for name, formula in formulas.items():
        function, problem = FUNCTIONS[name], problems[name]
        backward = problems.get(problem.backward or "")
        if backward is not None and backward.is_backward_of(problem):
            _connect_backward(function, problem, backward, by_name[backward.name])
        else:
            function.backward = define_formula_backward(library, problem, formula)
            function.backward_order = tuple(range(len(problem.inputs) + len(problem.outputs)))
            function.backward_outputs = tuple(range(len(problem.inputs)))
        module = _module_of(function, problem, formula, parent)
        made[module.__name__] = module
    return made


def namespace_of(package: Package, parent: str) -> str:
    """fuseline_<8 hex digits>: of everything that the package lists, and of the name that it is imported by."""
    return "fuseline_" + hashlib.sha256(f"{package.digest} {parent}".encode()).hexdigest()[:8]
