"""A small package made from the tree's own problems, as an export writes one; and its modules without torch."""

import contextlib
import hashlib
import importlib
import json
import os
import pathlib
import shutil
import struct
import sys
import tempfile
import types

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXED = ROOT / "assets" / "package"
KERNELS = ROOT / "kernels"

H200 = {"name": "NVIDIA H200", "compute_capability": "9.0",
        "limits": {"sm_count": 132, "max_threads_per_block": 1024, "max_threads_per_sm": 2048, "max_blocks_per_sm": 32,
                   "shared_bytes_per_block": 232448, "shared_bytes_per_sm": 233472, "registers_per_sm": 65536,
                   "l2_bytes": 62914560}}
RTX_4090 = {"name": "NVIDIA GeForce RTX 4090", "compute_capability": "8.9",
            "limits": {"sm_count": 128, "max_threads_per_block": 1024, "max_threads_per_sm": 1536,
                       "max_blocks_per_sm": 24, "shared_bytes_per_block": 101376, "shared_bytes_per_sm": 102400,
                       "registers_per_sm": 65536, "l2_bytes": 75497472}}
STAND_IN = {"name": "Stand-in for a GPU", "compute_capability": "9.0",
            "limits": {"sm_count": 4, "max_threads_per_block": 1024, "max_threads_per_sm": 2048,
                       "max_blocks_per_sm": 32, "shared_bytes_per_block": 232448, "shared_bytes_per_sm": 233472,
                       "registers_per_sm": 65536, "l2_bytes": 1048576}}

DOUBLED_SOURCE = """#include "common/dtype.cuh"
using namespace fuseline;
extern "C" __global__ void KERNEL(const T* x, T* out) {
  const long long i = static_cast<long long>(blockIdx.x) * PARAM_block + threadIdx.x;
  if (i < DIM_n) out[i] = from_float(2.0f * to_float(x[i]));
}
"""


def doubled(kernel="k", arguments=(), workspace=(), cooperative=False):
    """The problem that the stand-in driver's kernels do: out = 2 x, and its source."""
    launch = {"kernel": kernel, "grid": ["cdiv(n, block)"], "block": ["block"], "shared_bytes": "0",
              "cooperative": cooperative, "args": [{"buffer": "x"}, {"buffer": "out"}, *arguments]}
    data = {
        "title": "Doubled", "formula": "out = 2 x", "source": "a test", "dims": [{"name": "n", "minimum": 1,
                                                                                 "maximum": 1 << 30}],
        "derived": [], "requires": [], "dtypes": ["f32", "f16"], "scalars": {},
        "tensors": [{"name": "x", "role": "input", "dtype": "T", "shape": ["n"], "elements": "n"},
                    {"name": "out", "role": "output", "dtype": "T", "shape": ["n"], "elements": "n"}],
        "tolerance": {"f32": {"absolute": 1e-5, "relative": 1e-5}},
        "variants": {"plain": {"form": "cuda", "source": "plain.cu",
                               "parameters": [{"name": "block", "values": [64, 128, 256]}], "derived": [],
                               "constraints": [{"require": "block <= n", "reason": "more threads than elements"}],
                               "minimum_compute_capability": 0, "compile_options": [], "workspace": list(workspace),
                               "launches": [launch]}},
    }
    return data, {"plain.cu": DOUBLED_SOURCE.replace("KERNEL", kernel)}


def _entries(text):
    """"[N, C, 2 * W]" as a list."""
    return [each.strip() for each in text.strip("[] ").split(",")]


def _argument(argument, buffers):
    if isinstance(argument, dict):
        return {kind: str(value) for kind, value in argument.items()}
    return {"buffer": argument} if argument in buffers else {"f32": argument}


def _variant(path, tensors):
    data = json.loads(path.read_text())
    buffers = tensors + [each["name"] for each in data.get("workspace", [])]
    launches = [{"kernel": each["kernel"], "grid": [str(e) for e in each["grid"]],
                 "block": [str(e) for e in each["block"]], "shared_bytes": str(each.get("shared_bytes", "0")),
                 "cooperative": each.get("cooperative", False),
                 "args": [_argument(argument, buffers) for argument in each["args"]]} for each in data["launches"]]
    return {"form": data.get("form", "cuda"), "source": data["source"],
            "parameters": [{"name": each["name"], "values": each.get("full", each["values"])}
                           for each in data["parameters"]],
            "derived": data.get("derived", []), "constraints": data.get("constraints", []),
            "minimum_compute_capability": data.get("minimum_compute_capability", 0),
            "compile_options": data.get("compile_options", []),
            "workspace": [{**each, "elements": str(each["elements"]), "zero": each.get("zero", "never")}
                          for each in data.get("workspace", [])],
            "launches": launches}


def tree_problem(name):
    """A problem of kernels/ as wisdom.json has it, and its sources."""
    folder = KERNELS / name
    data = json.loads((folder / "problem.json").read_text())
    tensors = []
    for each in data["tensors"]:
        shape, _, strides = each["shape"].partition(", strides ")
        tensor = {"name": each["name"], "role": each["role"], "dtype": each["dtype"], "shape": _entries(shape),
                  "elements": each["elements"]}
        if strides:
            tensor["strides"] = _entries(strides)
        tensors.append(tensor)
    manifests = [path for path in sorted(folder.glob("*.json")) if path.name != "problem.json"]
    wisdom = {"title": data["title"], "formula": data["formula"], "source": data["source"],
              "dims": [{"name": each["name"], "minimum": each["min"], "maximum": each["max"]} for each in data["dims"]],
              "derived": data.get("derived", []), "requires": data.get("requires", []), "dtypes": data["dtypes"],
              "scalars": data.get("scalars", {}), "tensors": tensors, "tolerance": data["tolerance"],
              "variants": {path.stem: _variant(path, [each["name"] for each in tensors]) for path in manifests}}
    sources = {path.name: path.read_text() for path in sorted(folder.glob("*.cu")) if path.name != "reference.cu"}
    if (folder / "torch.py").exists():
        wisdom["torch"] = f"sources/{name}/torch.py"
        sources["torch.py"] = (folder / "torch.py").read_text()
    return wisdom, sources


def cubin(*kernels):
    """What the stand-in driver takes for a cubin: an ELF header and the kernels' names."""
    names = b"".join(b".text." + each.encode() + b"\0" for each in kernels)
    header = bytearray(64)
    header[:4] = b"\x7fELF"
    struct.pack_into("<Q", header, 0x28, 64 + len(names))  # Where sections start, which there are none of.
    return bytes(header) + names


class Sample:
    """A package in the making."""

    def __init__(self):
        self.wisdom = {"schema": "fuseline/wisdom/1", "tool": {"name": "fuseline", "version": "0.2.0"}, "problems": {},
                       "images": [], "entries": []}
        self.files = {f"sources/common/{path.name}": path.read_bytes() for path in (KERNELS / "common").glob("*.cuh")}

    def problem(self, name, data, sources):
        self.wisdom["problems"][name] = data
        for file, text in sources.items():
            self.files[f"sources/{name}/{file}"] = text.encode()

    def tree_problem(self, name):
        self.problem(name, *tree_problem(name))

    def entry(self, problem, dtype, dims, variant, configuration, device, measured=True, image=None):
        """An entry whose launches are worked out here; `image`: also one of these bytes for the device."""
        module = fixed_modules()
        data = self.wisdom["problems"][problem]
        described = module["_problems"].Problem(problem, data)
        capability = int(device["compute_capability"].replace(".", ""))
        resolved = module["_resolve"].resolve(
            described, variant, configuration, dtype, dims, described.scalars,
            module["_resolve"].Device(device["name"], capability, device["limits"]))
        self.wisdom["entries"].append({
            "problem": problem, "dtype": dtype, "dims": dims, "scalars": data["scalars"], "device": device,
            "measured": measured, "variant": variant, "configuration": configuration,
            "launches": [{"kernel": each.kernel, "grid": list(each.grid), "block": list(each.block),
                          "shared_bytes": each.shared_bytes} for each in resolved.launches],
            "workspace": [{"name": name, "bytes": count} for name, count, _ in resolved.workspace], "time_ms": 0.5})
        if image is not None:
            self.image(problem, dtype, variant, resolved, f"sm_{capability}", image)
        return resolved

    def image(self, problem, dtype, variant, resolved, architecture, content, form="cubin"):
        texts = [self.files[f"sources/{problem}/{resolved.source}"].decode()]
        texts += [text.decode() for name, text in self.files.items() if name.startswith("sources/common/")]
        defines = [each for each in resolved.defines if any(each[2:].split("=")[0] in text for text in texts)]
        digest = hashlib.sha256(repr(defines).encode()).hexdigest()[:12]
        file = f"images/{problem}.{dtype}.{digest}.{architecture}.{form}"
        self.files[file] = content
        self.wisdom["images"].append({"file": file, "form": form, "architecture": architecture, "problem": problem,
                                      "variant": variant, "defines": defines, "options": list(resolved.options),
                                      "symbols": {each.kernel: each.kernel for each in resolved.launches}})

    def write(self, folder):
        """Writes everything with checksums into `folder`, which must not be there."""
        folder = pathlib.Path(folder)
        files = dict(self.files)
        files.update({path.name: path.read_bytes() for path in FIXED.glob("*.py")})
        files["wisdom.json"] = json.dumps(self.wisdom, indent=1).encode()
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        sums = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
        (folder / "SHA256SUMS").write_text("".join(sums))
        return str(folder)


_count = 0


def modules(folder):
    """The parts that know no torch, imported under a parent that imports nothing."""
    global _count
    _count += 1
    parent = f"sample_{_count}"
    sys.modules[parent] = types.ModuleType(parent)
    sys.modules[parent].__path__ = [str(folder)]
    names = ("_expressions", "_package", "_problems", "_resolve", "_driver", "_compiler", "_plans")
    return {name: importlib.import_module(f"{parent}.{name}") for name in names}


_fixed = None


def fixed_modules():
    """The same from the tree itself."""
    global _fixed
    if _fixed is None:
        _fixed = modules(FIXED)
    return _fixed


@contextlib.contextmanager
def temporary_folder():
    """A folder that is gone afterwards, whatever is in it."""
    folder = tempfile.mkdtemp(prefix="fuseline-package-")
    try:
        yield pathlib.Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def environment(**changes):
    """Environment variables for a while; None removes one."""
    before = {name: os.environ.get(name) for name in changes}
    try:
        for name, value in changes.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
