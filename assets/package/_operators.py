"""Every problem as an operator of PyTorch: kernels for CUDA tensors, the formula for the rest and for the CPU."""

import hashlib
import threading
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import torch

from ._driver import DriverError, Prepared, driver
from ._formulas import Formula, gradients, warn_once
from ._plans import NoPlan, Plan, Planner
from ._problems import Problem, Tensor, size
from ._resolve import Unfit

DTYPES = {"f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16,
          "i64": torch.int64, "i32": torch.int32, "u64": torch.uint64, "u8": torch.uint8}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
ALIGNMENT = 16  # Bytes; what every kernel may rely on.

_current_device: Callable[[], int] = getattr(torch._C, "_cuda_getDevice", torch.cuda.current_device)
_raw_stream: Callable[[int], int] = getattr(torch._C, "_cuda_getCurrentRawStream",
                                            lambda index: torch.cuda.current_stream(index).cuda_stream)

# Inductor must hand inputs over as eager code would: a padded layout would end at the formula.
_TAGS = (torch.Tag.pt2_compliant_tag, getattr(torch.Tag, "needs_exact_strides", torch.Tag.needs_fixed_stride_order))


class Refusal(NamedTuple):
    """Why no kernel runs; `kind` is the same for reasons that differ in their figures alone."""

    kind: str
    reason: str


class Ready(NamedTuple):
    """A loaded configuration, and what a call makes for it.

    Of an output: the place of an input that has its shape and dtype or nothing, its shape, its dtype.
    """

    prepared: Prepared
    index: int
    dtypes: Tuple[torch.dtype, ...]
    outputs: Tuple[Tuple[Optional[int], Tuple[int, ...], torch.dtype], ...]
    scratch: Tuple[int, ...]


class Known(NamedTuple):
    """A call that went through all checks: another one like it needs only `check` of its tensors."""

    numbers: Tuple[Any, ...]
    leaves: bool  # Some tensor asks for a gradient: it stands only where gradients are off, which `check` does not see.
    check: Callable[..., bool]
    launch: Callable[[Tuple[torch.Tensor, ...]], Any]  # None where a pointer is not aligned.


class Operator:
    """One problem as torch.ops.<namespace>.<name>. Thread-safe."""

    def __init__(self, library: torch.library.Library, planner: Planner, problem: Problem,
                 compute: Optional[Callable[[Sequence[torch.Tensor], Sequence[Any]], Sequence[torch.Tensor]]]) -> None:
        """`compute`: all outputs by the formula, of tensors and numbers in the problem's order; None: there is none."""
        self.problem = problem
        self.count = len(problem.inputs)
        # Whose dtype T is.
        self.lead = next((number for number, each in enumerate(problem.inputs) if each.dtype == "T"), 0)
        self.loaded: List[Dict[str, Any]] = []
        self._planner = planner
        self._compute = compute
        self._strided = [number for number, each in enumerate(problem.inputs) if each.strides]
        self._table: Dict[tuple, Union[Ready, Refusal]] = {}
        self._lock = threading.RLock()
        self.overload = define(library, problem.name, problem.inputs, problem.scalars, problem.given,
                               len(problem.outputs), {"CUDA": self.run, "CPU": self._cpu}, self._fake)

    # What runs.

    def _key(self, arguments: tuple) -> tuple:
        lead = arguments[self.lead]
        key = (lead.get_device(), lead.dtype, *[each.shape for each in arguments[:self.count]], *arguments[self.count:])
        return (*key, *[arguments[number].stride() for number in self._strided]) if self._strided else key

    def run(self, *arguments: Any) -> Any:
        """What the operator does with CUDA tensors, without gradients."""
        ready = self._table.get(self._key(arguments))
        if type(ready) is not Ready:
            return self._first(arguments)
        # Shapes, the lead's dtype and device, and numbers are the key's; the rest may differ from call to call.
        index, strided, pointers, number = ready.index, self._strided, [], 0
        for dtype in ready.dtypes:
            tensor = arguments[number]
            pointer = tensor.data_ptr()
            if (pointer % ALIGNMENT or tensor.dtype is not dtype or tensor.get_device() != index
                    or not (tensor.is_contiguous() or number in strided)):
                return self._first(arguments)
            pointers.append(pointer)
            number += 1
        return self._launch(ready, arguments, pointers)

    @staticmethod
    def _launch(ready: Ready, arguments: tuple, pointers: List[int]) -> Any:
        # empty_like() takes 2 us, new_empty() 4 and torch.empty() 8.
        outputs, scratch = [], []
        for like, shape, dtype in ready.outputs:
            if like is not None:
                output = torch.empty_like(arguments[like])
            else:
                output = arguments[0].new_empty(shape, dtype=dtype)
            outputs.append(output)
            pointers.append(output.data_ptr())
        for size in ready.scratch:
            scratch.append(arguments[0].new_empty(size, dtype=torch.uint8))
            pointers.append(scratch[-1].data_ptr())
        if _current_device() == ready.index:
            ready.prepared.run(pointers, _raw_stream(ready.index))
        else:
            with torch.cuda.device(ready.index):
                ready.prepared.run(pointers, _raw_stream(ready.index))
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def known(self, tensors: Tuple[torch.Tensor, ...], numbers: Tuple[Any, ...]) -> Optional[Known]:
        """The short way for calls like one that run() has just served by a kernel; None where there is no such way."""
        ready = self._table.get(self._key((*tensors, *numbers)))
        if _TensorGuards is None or type(ready) is not Ready:
            return None

        def launch(given: Tuple[torch.Tensor, ...]) -> Any:
            pointers = [each.data_ptr() for each in given]
            for pointer in pointers:
                if pointer % ALIGNMENT:
                    return None
            return self._launch(ready, given, pointers)
        leaves = any(each.requires_grad for each in tensors)
        return Known(numbers, leaves, _check_like(_TensorGuards, tensors), launch)

    def _first(self, arguments: tuple) -> Any:
        """A call that no loaded configuration serves: one is loaded, or the formula runs."""
        tensors = arguments[:self.count]
        refusal = self._refusal(tensors)
        if refusal is None:
            with self._lock:
                key = self._key(arguments)
                ready = self._table.get(key)
                if ready is None:
                    ready = self._table[key] = self._load(tensors, arguments[self.count:])
            if isinstance(ready, Ready):
                return self._launch(ready, arguments, [each.data_ptr() for each in tensors])
            refusal = ready
        if self._compute is None:
            raise RuntimeError(f"fuseline: {self.problem.name}: {refusal.reason}, and the package has no formula")
        warn_once(self.problem.name, refusal.kind, refusal.reason)
        return self._by_formula(arguments)

    def _cpu(self, *arguments: Any) -> Any:
        if self._compute is None:
            raise RuntimeError(f"fuseline: {self.problem.name}: the package has no formula for CPU tensors")
        return self._by_formula(arguments)

    def _by_formula(self, arguments: tuple) -> Any:
        """The formula's outputs in the dtypes and layout that the kernels' would have."""
        tensors = arguments[:self.count]
        dtype = tensors[self.lead].dtype
        with torch.no_grad(), torch.autocast(tensors[self.lead].device.type, enabled=False):
            outputs = self._compute(tensors, arguments[self.count:])
        wanted = [dtype if spec.dtype == "T" else DTYPES[spec.dtype] for spec in self.problem.outputs]
        tidy = [_own(output.to(each).contiguous(), tensors) for output, each in zip(outputs, wanted)]
        return tidy[0] if len(tidy) == 1 else tuple(tidy)

    def _fake(self, *arguments: Any) -> Any:
        tensors = arguments[:self.count]
        given = arguments[self.count + len(self.problem.scalars):]
        dims = self.problem.infer([each.shape for each in tensors], [None] * self.count, given)
        lead = tensors[self.lead]
        outputs = [lead.new_empty(self.problem.shape_of(each, dims),
                                  dtype=lead.dtype if each.dtype == "T" else DTYPES[each.dtype])
                   for each in self.problem.outputs]
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    # What is looked at before anything is loaded.

    def _refusal(self, tensors: Sequence[torch.Tensor]) -> Optional[Refusal]:
        """Why no kernel can take these, whatever the package has. Errors: RuntimeError for tensors of two devices."""
        lead = tensors[self.lead]
        if NAMES.get(lead.dtype) not in self.problem.dtypes:
            return Refusal(f"dtype {lead.dtype}", f"it is not tuned for {lead.dtype}")
        for tensor, spec in zip(tensors, self.problem.inputs):
            wanted = lead.dtype if spec.dtype == "T" else DTYPES[spec.dtype]
            if tensor.dtype is not wanted:
                return Refusal("mixed", f"{spec.name} is {tensor.dtype}, and {wanted} is wanted")
            if tensor.device != lead.device:
                # The formula could not either, and its own error would come after a warning.
                raise RuntimeError(f"fuseline: {self.problem.name}: {spec.name} is on {tensor.device}, and "
                                   f"{self.problem.inputs[self.lead].name} is on {lead.device}")
            if tensor.numel() == 0:
                return Refusal("empty", f"{spec.name} is empty")
            if not (tensor.is_contiguous() or spec.strides):
                return Refusal("layout", f"{spec.name} is not contiguous")
            if tensor.data_ptr() % ALIGNMENT:
                return Refusal("alignment", f"{spec.name} does not start at a multiple of {ALIGNMENT} bytes")
        return None

    def _load(self, tensors: Sequence[torch.Tensor], numbers: Sequence[Any]) -> Union[Ready, Refusal]:
        """Chooses, loads and checks. Errors: PackageError, DriverError, ShapeError, RuntimeError while capturing."""
        problem = self.problem
        with torch.cuda.device(tensors[self.lead].get_device()):
            capturing = torch.cuda.is_current_stream_capturing()
        if capturing:
            raise RuntimeError(f"fuseline: {problem.name}: call it once with these shapes before a CUDA graph is "
                               "captured; its kernels are loaded at the first call")
        shapes = [tuple(each.shape) for each in tensors]
        strides = [tensor.stride() if spec.strides else None for tensor, spec in zip(tensors, problem.inputs)]
        dims = problem.infer(shapes, strides, numbers[len(problem.scalars):])
        problem.check_shapes(shapes, dims)
        for tensor, spec in zip(tensors, problem.inputs):
            if spec.strides and not _lies_as(tensor, spec, dims):
                return Refusal("layout", f"{spec.name} has the strides {tensor.stride()}, and "
                                         f"[{', '.join(spec.strides)}] are tuned for")
        try:
            return self._choose(tensors[self.lead], dims, dict(zip(problem.scalars, numbers)))
        except NoPlan as reason:
            return Refusal(reason.kind, str(reason))

    def _choose(self, lead: torch.Tensor, dims: Mapping[str, int], scalars: Mapping[str, float]) -> Ready:
        problem, index = self.problem, lead.get_device()
        names = [each.name for each in (*problem.inputs, *problem.outputs)]
        with torch.cuda.device(index):
            try:
                cuda = driver()
            except DriverError as error:
                raise NoPlan("driver", str(error)) from None
            device = cuda.device(index)
            refused: List[str] = []
            try:
                for plan in self._planner.plans(problem, NAMES[lead.dtype], dims, scalars, device):
                    try:
                        module = _module(cuda, index, plan)
                        prepared = Prepared(cuda, index, device, plan.resolved, module, plan.image.symbols, names)
                    except Unfit as reason:
                        refused.append(str(reason))
                        continue
                    self._note(plan, index)
                    return self._ready(prepared, lead, dims)
            except NoPlan as reason:
                raise NoPlan(reason.kind, "; ".join([str(reason), *dict.fromkeys(refused)])) from None
        raise NoPlan("shape", "no configuration fits this device")

    def _ready(self, prepared: Prepared, lead: torch.Tensor, dims: Mapping[str, int]) -> Ready:
        def dtype_of(spec: Tensor) -> torch.dtype:
            return lead.dtype if spec.dtype == "T" else DTYPES[spec.dtype]

        def like(spec: Tensor) -> Optional[int]:
            """An input that lies as this output does: a contiguous one of its shape and dtype."""
            for number, each in enumerate(problem.inputs):
                if not each.strides and dtype_of(each) is dtype_of(spec) and \
                        problem.shape_of(each, dims) == problem.shape_of(spec, dims):
                    return number
            return None

        problem = self.problem
        return Ready(prepared, lead.get_device(), tuple(dtype_of(each) for each in problem.inputs),
                     tuple((like(each), problem.shape_of(each, dims), dtype_of(each)) for each in problem.outputs),
                     tuple(max(1, size) for size, _ in prepared.workspace))

    def _note(self, plan: Plan, index: int) -> None:
        self.loaded.append({"problem": self.problem.name, "dtype": plan.dtype, "dims": dict(plan.dims),
                            "device": index, "variant": plan.resolved.variant,
                            "configuration": dict(plan.entry["configuration"]), "tuned_for_this_shape": plan.exact,
                            "image": plan.image.origin, "compile_s": plan.image.seconds})


def _check_like(guards: Any, tensors: Sequence[torch.Tensor]) -> Callable[..., bool]:
    """A function that says whether other tensors are as these: class, dtype, device, shape, strides, gradients, modes.

    It is what torch.compile holds its inputs against, one call for all of them.
    """
    return guards(*tensors, dynamic_dims_sizes=[list(each.shape) for each in tensors],
                  dynamic_dims_strides=[list(each.stride()) for each in tensors]).check


def _tensor_guards() -> Any:
    """PyTorch's class, held against what is asked of it here: it is not part of what PyTorch promises."""
    class Subclass(torch.Tensor):
        pass

    try:
        made = torch._C._dynamo.guards.TensorGuards
        with torch.enable_grad():
            plain = torch.zeros(2, 4)
            check = _check_like(made, (plain, plain))
            others = (torch.zeros(2, 4, dtype=torch.float16), torch.zeros(2, 3), torch.zeros(4, 2).t(),
                      torch.zeros(2, 4, device="meta"), torch.zeros(2, 4, requires_grad=True),
                      plain.as_subclass(Subclass))
            sound = check(torch.ones(2, 4), plain) and not any(check(plain, each) for each in others)
            with torch.utils._python_dispatch.TorchDispatchMode():
                sound = sound and not check(plain, plain)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                sound = sound and not check(plain, plain)
    except Exception:  # Whatever is missing or takes other arguments: every call goes the long way.
        return None
    return made if sound else None


_TensorGuards = _tensor_guards()  # None where calls go the long way.


def _own(output: torch.Tensor, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
    """An operator's output is never its input."""
    return output.clone() if any(output is each for each in inputs) else output


def _lies_as(tensor: torch.Tensor, spec: Tensor, dims: Mapping[str, int]) -> bool:
    """Whether a tensor has the strides tuned for; those of single elements mean nothing."""
    wanted = [size(each, dims) for each in spec.strides or ()]
    return all(extent == 1 or stride == want for extent, stride, want in zip(tensor.shape, tensor.stride(), wanted))


_modules: Dict[tuple, Any] = {}
_modules_lock = threading.Lock()


def _module(cuda: Any, index: int, plan: Plan) -> Any:
    """The image on the device, loaded once."""
    key = (index, hashlib.sha256(plan.image.data).digest())
    with _modules_lock:
        if key not in _modules:
            _modules[key] = cuda.load(index, plan.image.data, plan.image.form)
        return _modules[key]


def define(library: torch.library.Library, name: str, inputs: Sequence[Tensor], scalars: Sequence[str],
           given: Sequence[str], outputs: int, implementations: Mapping[str, Callable], fake: Callable) -> Any:
    """Defines an operator of tensors, floats and sizes that gives tensors; returns its overload."""
    arguments = [f"Tensor {each.name}" for each in inputs] + [f"float {each}" for each in scalars]
    arguments += [f"SymInt {each}" for each in given]
    results = "Tensor" if outputs == 1 else f"({', '.join(['Tensor'] * outputs)})"
    library.define(f"{name}({', '.join(arguments)}) -> {results}", tags=_TAGS)
    for key, implementation in implementations.items():
        library.impl(name, implementation, key)
    torch.library.register_fake(f"{library.ns}::{name}", fake, lib=library)
    return getattr(getattr(torch.ops, library.ns), name).default


def define_formula_backward(library: torch.library.Library, problem: Problem, formula: Formula) -> Any:
    """<problem>_formula_backward: the formula's own gradient at every input, of inputs and a gradient an output."""
    count, outputs = len(problem.inputs), len(problem.outputs)
    upstream = [Tensor(f"grad_{each.name}", "T", each.shape, None, each.elements) for each in problem.outputs]

    def run(*arguments: Any) -> Any:
        tensors, numbers = arguments[:count], arguments[count + outputs:]
        with torch.autocast(tensors[0].device.type, enabled=False):
            found = gradients(formula, tensors, numbers, arguments[count:count + outputs])
        tidy = [_own(each.to(tensor.dtype).contiguous(), arguments[:count + outputs])
                for each, tensor in zip(found, tensors)]
        return tidy[0] if count == 1 else tuple(tidy)

    def fake(*arguments: Any) -> Any:
        made = [each.new_empty(each.shape) for each in arguments[:count]]
        return made[0] if count == 1 else tuple(made)

    return define(library, f"{problem.name}_formula_backward", [*problem.inputs, *upstream], list(problem.scalars),
                  problem.given, count, {"CUDA": run, "CPU": run}, fake)
