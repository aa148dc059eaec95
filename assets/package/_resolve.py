"""From a configuration to launches, workspace and macros, as the tuner's own resolve() works them out. No torch."""

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ._expressions import ExpressionError, evaluate, evaluate_integer
from ._problems import DTYPE_BYTES, Problem, text_of

MAXIMUM_ELEMENTS = 1 << 44
MAXIMUM_FLOAT = 3.4028234663852886e38
GRID_LIMITS = (2147483647, 65535, 65535)  # Blocks along the axes of a grid, on every device.
BLOCK_LIMITS = (1024, 1024, 64)
INTEGERS = {"i32": (-(2**31), 2**31 - 1), "u32": (0, 2**32 - 1), "i64": (-(2**63), 2**63 - 1), "u64": (0, 2**63 - 1)}
SWEPT_DTYPES = ("f32", "f16", "bf16")  # In expressions a dtype is its place here.
TYPE_NAMES = {"f32": "float", "f16": "__half", "bf16": "__nv_bfloat16"}


class Unfit(Exception):
    """Why a configuration cannot serve these dims on this device; nothing is wrong with the package."""


class Device(NamedTuple):
    """A GPU: its name, its compute capability as 10 * major + minor, and what it can hold (names as in wisdom.json)."""

    name: str
    capability: int
    limits: Mapping[str, int]

    @property
    def architecture(self) -> str:
        """"sm_90"."""
        return f"sm_{self.capability}"


class Launch(NamedTuple):
    """One kernel launch. An argument is (kind, value); a buffer's value is a tensor's or workspace's name."""

    kernel: str
    grid: Tuple[int, int, int]
    block: Tuple[int, int, int]
    shared_bytes: int
    cooperative: bool
    arguments: Tuple[Tuple[str, Any], ...]


class Resolved(NamedTuple):
    """A configuration for one shape, dtype and device. `workspace` has (name, bytes, zero)."""

    variant: str
    form: str
    source: str
    defines: Tuple[str, ...]
    options: Tuple[str, ...]
    launches: Tuple[Launch, ...]
    workspace: Tuple[Tuple[str, int, str], ...]


def instance_scope(problem: Problem, dtype: str, dims: Mapping[str, int],
                   scalars: Mapping[str, float]) -> Dict[str, float]:
    """Dims, scalars, what expressions see of the dtype, and derived dims.

    Errors: Unfit for a shape that the problem does not have.
    """
    for name, (least, most) in problem.dims.items():
        if not least <= dims[name] <= most:
            raise Unfit(f"{name} is {dims[name]}, and {least} to {most} are tuned for")
    scope: Dict[str, float] = {**dims, **scalars, "dtype_bytes": DTYPE_BYTES[dtype]}
    scope.update({f"dtype.{each}": float(place) for place, each in enumerate(SWEPT_DTYPES)})
    scope["dtype"] = scope[f"dtype.{dtype}"]
    try:
        for name, text in problem.derived:
            scope[name] = evaluate_integer(text, scope)
        for text in problem.requires:
            if evaluate(text, scope) == 0:
                raise Unfit(f'"{text}" is not met by {text_of(dims)}')
    except ExpressionError as error:
        raise Unfit(str(error)) from None
    return scope


def resolve(problem: Problem, variant: str, configuration: Mapping[str, Any], dtype: str, dims: Mapping[str, int],
            scalars: Mapping[str, float], device: Device) -> Resolved:
    """Works a configuration out. Errors: Unfit; KeyError where wisdom.json lacks a member."""
    manifest = problem.variants[variant]
    instance = instance_scope(problem, dtype, dims, scalars)
    _check_capability(manifest, device)
    chosen = _checked(manifest, configuration)
    try:
        scope = _variant_scope(manifest, chosen, instance, device)
        launches = tuple(_launch(each, scope, _names(manifest, chosen, dtype, None)) for each in manifest["launches"])
        for launch in launches:
            _check_limits(launch, device.limits)
        _check_constraints(manifest, scope)
        workspace = tuple(_workspace(each, scope, dtype) for each in manifest.get("workspace", []))
    except ExpressionError as error:
        raise Unfit(str(error)) from None
    form = manifest.get("form", "cuda")
    source = fill(manifest["source"], _names(manifest, chosen, None, device))
    defines = _defines(problem, manifest, chosen, dtype, scalars, scope) if form == "cuda" else []
    return Resolved(variant, form, source, tuple(defines), tuple(manifest.get("compile_options", [])), launches,
                    workspace)


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """Puts values into {placeholders}."""
    try:
        return re.sub(r"\{([^{}]*)\}", lambda match: values[match[1]], pattern)
    except KeyError as error:
        raise Unfit(f'the name "{pattern}" has the unknown placeholder {error}') from None


def _check_capability(manifest: Mapping[str, Any], device: Device) -> None:
    needed = round(float(manifest.get("minimum_compute_capability", 0)) * 10)
    if device.capability < needed:
        raise Unfit(f"it needs compute capability {needed / 10}, and {device.capability / 10} is there")


def _checked(manifest: Mapping[str, Any], configuration: Mapping[str, Any]) -> Dict[str, Any]:
    """The configuration in the manifest's order."""
    ordered = {}
    for parameter in manifest["parameters"]:
        name = parameter["name"]
        if name not in configuration:
            raise Unfit(f"parameter {name} is missing")
        value = configuration[name]
        if not any(type(each) is type(value) and each == value for each in parameter["values"]):
            raise Unfit(f"parameter {name} has no value {value!r}")
        ordered[name] = value
    if len(ordered) != len(configuration):
        raise Unfit("it has other parameters than the variant")
    return ordered


def _variant_scope(manifest: Mapping[str, Any], chosen: Mapping[str, Any], instance: Mapping[str, float],
                   device: Device) -> Dict[str, float]:
    scope = dict(instance)
    scope.update({f"device.{name}": value for name, value in device.limits.items()})
    scope["device.compute_capability"] = device.capability // 10 + device.capability % 10 / 10.0
    for parameter in manifest["parameters"]:
        name, value = parameter["name"], chosen[parameter["name"]]
        if not isinstance(value, str):
            scope[name] = float(value)
            continue
        for position, each in enumerate(parameter["values"]):
            scope[f"{name}.{each}"] = float(position)
        scope[name] = scope[f"{name}.{value}"]
    for each in manifest.get("derived", []):
        scope[each["name"]] = evaluate(str(each["value"]), scope)
    return scope


def _launch(spec: Mapping[str, Any], scope: Mapping[str, float], names: Mapping[str, str]) -> Launch:
    def extents(texts: List[Any]) -> Tuple[int, int, int]:
        found = [evaluate_integer(str(text), scope, 1) for text in texts] + [1, 1, 1]
        return found[0], found[1], found[2]

    return Launch(fill(spec["kernel"], names), extents(spec["grid"]), extents(spec["block"]),
                  evaluate_integer(str(spec.get("shared_bytes", "0")), scope), bool(spec.get("cooperative", False)),
                  tuple(_argument(each, scope) for each in spec["args"]))


def _argument(spec: Mapping[str, Any], scope: Mapping[str, float]) -> Tuple[str, Any]:
    kind, text = next(iter(spec.items()))
    text = str(text)
    if kind == "buffer":
        return kind, text
    if kind in INTEGERS:
        # A whole number as it is written: an expression's numbers are exact to 2^53 only.
        value = int(text) if re.fullmatch(r"-?[0-9]+", text) else evaluate_integer(text, scope, -(2**53))
        least, most = INTEGERS[kind]
        if not least <= value <= most:
            raise Unfit(f'"{text}" is {value}, which no {kind} can be')
        return kind, value
    real = evaluate(text, scope)
    if kind == "f32" and abs(real) > MAXIMUM_FLOAT:
        raise Unfit(f'"{text}" is {real}, which no f32 can be')
    return kind, real


def _check_limits(launch: Launch, limits: Mapping[str, int]) -> None:
    """A limit that is not known (0) bounds nothing."""
    threads = launch.block[0] * launch.block[1] * launch.block[2]
    shared = limits.get("shared_bytes_per_block", 0)
    for wanted, limit, what in ((launch.shared_bytes, shared, "bytes of shared memory"),
                                (threads, limits.get("max_threads_per_block", 0), "threads")):
        if 0 < limit < wanted:
            raise Unfit(f"{wanted} {what} a block are over the {limit} there")
    for extents, most, what in ((launch.grid, GRID_LIMITS, "blocks"), (launch.block, BLOCK_LIMITS, "threads")):
        for axis in range(3):
            if extents[axis] > most[axis]:
                raise Unfit(f"{extents[axis]} {what} along axis {axis} are over the {most[axis]} there")


def _check_constraints(manifest: Mapping[str, Any], scope: Mapping[str, float]) -> None:
    for each in manifest.get("constraints", []):
        if evaluate(each["require"], scope) == 0:
            raise Unfit(each["reason"])


def _workspace(spec: Mapping[str, Any], scope: Mapping[str, float], dtype: str) -> Tuple[str, int, str]:
    elements = evaluate_integer(str(spec["elements"]), scope)
    if elements > MAXIMUM_ELEMENTS:
        raise Unfit(f"{elements} elements of workspace are more than 2^44")
    element = DTYPE_BYTES[dtype if spec["dtype"] == "T" else spec["dtype"]]
    return spec["name"], elements * element, spec.get("zero", "never")


def _shown(value: Any) -> str:
    """A value as names of files and kernels have it."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _names(manifest: Mapping[str, Any], chosen: Mapping[str, Any], dtype: Optional[str],
           device: Optional[Device]) -> Dict[str, str]:
    names = {}
    if device is not None:
        names["sm"] = str(device.capability)
    if dtype is not None and manifest.get("form", "cuda") == "cuda":
        names["T"] = TYPE_NAMES.get(dtype, "float")
    names.update({name: _shown(value) for name, value in chosen.items()})
    return names


def _macro(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return repr(value) if isinstance(value, float) else str(value)


def _defines(problem: Problem, manifest: Mapping[str, Any], chosen: Mapping[str, Any], dtype: str,
             scalars: Mapping[str, float], scope: Mapping[str, float]) -> List[str]:
    """Every macro, in the order in which the tuner gives them. repr() of a float is its shortest text, as there."""
    defines = [f"-DFUSELINE_DTYPE_{dtype.upper()}=1"]
    defines += [f"-DDIM_{name}={int(scope[name])}" for name in (*problem.dims, *(name for name, _ in problem.derived))]
    defines += [f"-DSCALAR_{name}={float(scalars[name])!r}" for name in problem.scalars]
    defines += [f"-DPARAM_{name}={_macro(value)}" for name, value in chosen.items()]
    for each in manifest.get("derived", []):
        value = float(scope[each["name"]])
        whole = abs(value) <= 2.0**53 and value == int(value)
        defines.append(f"-DDERIVED_{each['name']}={int(value) if whole else repr(value)}")
    return defines


def macro_name(define: str) -> str:
    """"DIM_W" of "-DDIM_W=64"."""
    return define[2:].partition("=")[0]
