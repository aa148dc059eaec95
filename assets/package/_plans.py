"""Chooses what runs: an entry of wisdom.json, its configuration for the shape at hand, and an image. No torch."""

import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from ._package import Package
from ._problems import Problem, distance, text_of
from ._resolve import Device, Resolved, Unfit, macro_name, resolve

MOST_COMPILED = 3  # Configurations that are compiled for one shape before the formula takes it.


class NoPlan(Exception):
    """Why no kernel of the package can run; `kind` is the same for reasons that differ in their figures alone."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Image(NamedTuple):
    """Compiled kernels. `symbols` has what a kernel's name is in them; `origin` is shipped, cached or compiled."""

    data: bytes
    form: str
    symbols: Mapping[str, str]
    origin: str
    seconds: float


class Plan(NamedTuple):
    """A configuration for one shape with its image."""

    problem: Problem
    dtype: str
    dims: Mapping[str, int]
    entry: Mapping[str, Any]
    exact: bool
    resolved: Resolved
    image: Image


class Planner:
    """The package's problems, and the choice among their entries. Thread-safe."""

    def __init__(self, package: Package, compiler: Any = None) -> None:
        """`compiler`: an object as _compiler.Compiler, or nothing where nothing is to be compiled."""
        self._package = package
        self._compiler = compiler
        try:
            self.problems = {name: Problem(name, data) for name, data in package.wisdom["problems"].items()}
            self._entries: List[Mapping[str, Any]] = list(package.wisdom["entries"])
            self._images: Dict[tuple, List[Mapping[str, Any]]] = {}
            for image in package.wisdom["images"]:
                self._images.setdefault((image["problem"], image["variant"]), []).append(image)
        except (KeyError, TypeError, AttributeError, StopIteration) as error:
            raise package.error("wisdom.json", f"a member is missing or wrong ({error!r})") from None

    def plans(self, problem: Problem, dtype: str, dims: Mapping[str, int], scalars: Mapping[str, float],
              device: Device) -> Iterator[Plan]:
        """What can run, best first; images are made as it goes on. Ends with NoPlan, or PackageError for damage."""
        try:
            yield from self._plans(problem, dtype, dims, scalars, device)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._package.error("wisdom.json", f"a member is missing or wrong ({error!r})") from None

    def choose(self, problem: Problem, dtype: str, dims: Mapping[str, int], scalars: Mapping[str, float],
               device: Device) -> Plan:
        """The first of plans()."""
        return next(self.plans(problem, dtype, dims, scalars, device))

    def _plans(self, problem: Problem, dtype: str, dims: Mapping[str, int], scalars: Mapping[str, float],
               device: Device) -> Iterator[Plan]:
        exact, others = self._candidates(problem, dtype, dims, scalars, device)
        if not exact and not others:
            raise NoPlan(f"untuned {dtype}", f"the package has no configuration for {dtype}")
        imageless, reasons = [], []
        for entry in exact:
            try:
                resolved = self._resolved(problem, entry, dtype, dims, scalars, device, True)
            except Unfit as reason:
                reasons.append(str(reason))
                continue
            images = self._images_for(problem, resolved, device)
            for image in images:
                yield Plan(problem, dtype, dims, entry, True, resolved, self._shipped(image))
            if not images:
                imageless.append((entry, resolved))
        yield from self._made(problem, dtype, dims, scalars, device, imageless, others, reasons)

    def _made(self, problem: Problem, dtype: str, dims: Mapping[str, int], scalars: Mapping[str, float], device: Device,
              imageless: List[tuple], others: List[Mapping[str, Any]], reasons: List[str]) -> Iterator[Plan]:
        """Plans whose image is to be compiled, and other shapes' configurations."""
        compiled = 0
        candidates = [(entry, resolved, True) for entry, resolved in imageless]
        candidates += [(entry, None, False) for entry in self._for_untuned(others)]
        for entry, resolved, exact in candidates:
            images, made = [], None
            try:
                if resolved is None:
                    resolved = self._resolved(problem, entry, dtype, dims, scalars, device, False)
                    images = self._images_for(problem, resolved, device)
                if not images and compiled < MOST_COMPILED:
                    made = self._compiled(problem, resolved, device)
                    compiled += 1
            except Unfit as reason:
                reasons.append(str(reason))
                continue
            for image in images:
                yield Plan(problem, dtype, dims, entry, exact, resolved, self._shipped(image))
            if made is not None:
                yield Plan(problem, dtype, dims, entry, exact, resolved, made)
        why = "; ".join(dict.fromkeys(reasons))
        raise NoPlan("shape", f"no configuration can run {dtype} with {text_of(dims)} on {device.name} "
                     f"({device.architecture}){': ' + why if why else ''}")

    def _candidates(self, problem: Problem, dtype: str, dims: Mapping[str, int], scalars: Mapping[str, float],
                    device: Device) -> Tuple[List[Mapping[str, Any]], List[Mapping[str, Any]]]:
        """Entries of this very shape, nearest device first; and the rest, nearest shape first, of one shape nearest
        device first."""
        own = [each for each in self._entries if each["problem"] == problem.name and each["dtype"] == dtype]
        wanted = {name: float(value) for name, value in scalars.items()}
        exact, others = [], []
        for entry in own:
            same = dict(entry["dims"]) == dict(dims) and \
                {name: float(value) for name, value in entry.get("scalars", {}).items()} == wanted
            (exact if same else others).append(entry)
        exact.sort(key=lambda entry: self._device_distance(entry, device))
        others.sort(key=lambda entry: (distance(dims, entry["dims"]), self._device_distance(entry, device)))
        return exact, others

    @staticmethod
    def _for_untuned(others: List[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
        """What a shape runs that was not tuned, best first: of the package's distilled configurations that of the
        nearest shape, so that few are ever compiled, and then, where none of them can run, as without them: the
        configurations of the shapes. Each is tried once. The packages for C++ choose alike (`for_untuned()`)."""
        distilled = [{**entry, **entry["untuned"]} for entry in others if "untuned" in entry]
        seen, kept = set(), []
        for entry in [*distilled, *others]:
            key = (entry["variant"], tuple(sorted(entry["configuration"].items())))
            if key not in seen:
                seen.add(key)
                kept.append(entry)
        return kept

    @staticmethod
    def _device_distance(entry: Mapping[str, Any], device: Device) -> int:
        if entry["device"]["name"] == device.name:
            return 0
        return 1 if capability_of(entry) == device.capability else 2

    def _resolved(self, problem: Problem, entry: Mapping[str, Any], dtype: str, dims: Mapping[str, int],
                  scalars: Mapping[str, float], device: Device, exact: bool) -> Resolved:
        resolved = resolve(problem, entry["variant"], entry["configuration"], dtype, dims, scalars, device)
        limits = entry["device"]["limits"]
        here = {name: device.limits.get(name) for name in limits}
        if exact and here == dict(limits) and capability_of(entry) == device.capability:
            self._check_recorded(entry, resolved)
        return resolved

    def _check_recorded(self, entry: Mapping[str, Any], resolved: Resolved) -> None:
        """On limits as the entry's, its launches must come out as they were recorded."""
        recorded = [(each["kernel"], tuple(each["grid"]), tuple(each["block"]), each["shared_bytes"])
                    for each in entry["launches"]]
        worked_out = [(each.kernel, each.grid, each.block, each.shared_bytes) for each in resolved.launches]
        scratch = [(each["name"], each["bytes"]) for each in entry.get("workspace", [])]
        if recorded != worked_out or scratch != [(name, count) for name, count, _ in resolved.workspace]:
            raise self._package.error("wisdom.json", f"the launches of {entry['problem']} {entry['dtype']} come out as "
                                      f"{worked_out}, and {recorded} are recorded")

    def _images_for(self, problem: Problem, resolved: Resolved, device: Device) -> List[Mapping[str, Any]]:
        """Images of the package that were compiled for this: the device's cubin, then PTX, the newest first."""
        defines: Optional[List[str]] = None
        found = []
        for image in self._images.get((problem.name, resolved.variant), []):
            cubin = image["form"] == "cubin"
            if cubin and image["architecture"] != device.architecture:
                continue
            if not cubin and _number(image["architecture"]) > device.capability:
                continue
            if list(image.get("options", [])) != list(resolved.options):
                continue
            if image.get("source", resolved.source) != resolved.source:
                continue
            if defines is None:
                defines = self.defines_of(problem, resolved)
            if sorted(image.get("defines", [])) == sorted(defines):
                found.append(image)
        found.sort(key=lambda each: (each["form"] == "cubin", _number(each["architecture"])), reverse=True)
        return found

    def _shipped(self, image: Mapping[str, Any]) -> Image:
        return Image(self._package.bytes(image["file"]), image["form"], image.get("symbols", {}), "shipped", 0.0)

    def defines_of(self, problem: Problem, resolved: Resolved) -> List[str]:
        """Those macros of a configuration that its source or a header names."""
        if resolved.form != "cuda":
            return []
        source, headers = self._sources(problem, resolved)
        texts = [source, *headers.values()]
        return [each for each in resolved.defines if any(macro_name(each) in text for text in texts)]

    def _sources(self, problem: Problem, resolved: Resolved) -> Tuple[str, Dict[str, str]]:
        """The configuration's source, and every header by the name that it is included by."""
        own = f"sources/{problem.name}/"
        names = {file: file[len("sources/"):] for file in self._package.files("sources/common/")}
        names.update({file: file[len(own):] for file in self._package.files(own) if not file.endswith((".cu", ".py"))})
        headers = {name: self._package.text(file) for file, name in names.items()}
        return self._package.text(own + resolved.source), headers

    def _compiled(self, problem: Problem, resolved: Resolved, device: Device) -> Image:
        if resolved.form != "cuda":
            raise Unfit(f"the {resolved.form} of variant {resolved.variant} is not made for it")
        if self._compiler is None:
            raise Unfit("nothing was compiled for it, and there is no compiler")
        source, headers = self._sources(problem, resolved)
        begin = time.perf_counter()
        kernels = [each.kernel for each in resolved.launches]
        image, symbols, cached = self._compiler.compile(resolved.source, source, headers,
                                                        self.defines_of(problem, resolved) + list(resolved.options),
                                                        kernels, device.architecture)
        return Image(image, "cubin", symbols, "cached" if cached else "compiled", time.perf_counter() - begin)


def _number(architecture: str) -> int:
    """89 of "compute_89" and of "sm_89"."""
    return int(architecture.partition("_")[2].rstrip("af"))


def capability_of(entry: Mapping[str, Any]) -> int:
    """90 of an entry that was made for compute capability "9.0"."""
    major, _, minor = str(entry["device"]["compute_capability"]).partition(".")
    return int(major) * 10 + int(minor or 0)
