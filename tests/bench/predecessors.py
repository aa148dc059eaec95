#!/usr/bin/env python3
"""What a launch costs by what ran before it: the best configuration of a recording behind itself, behind others of the same sweep, and behind
kernels that leave the L2 cache full of clean or of dirty lines.

predecessors.py [--counters] [DATA] [PROBLEM.DTYPE.SHAPE]...

DATA: the folder with kernels/ and presets/ (default: the repository's). Needs a GPU and CuPy. Every sample is one launch between two events. Before
its predecessor runs, 256 MiB are read, so that the predecessor, too, always meets the same cache. Samples are taken in random order, a few to a
batch that is held back until all of it is submitted. --counters runs each pair once, to be read by Nsight Compute:

  ncu --clock-control none --cache-control none --metrics dram__bytes_read.sum,dram__bytes_write.sum predecessors.py --counters
"""
import argparse
import json
import pathlib
import random
import statistics
import sys

import cupy

NAMES = (
    "softmax_bias_scale_sigmoid.f16.kernelbench",
    "softmax_bias_scale_sigmoid.bf16.kernelbench",
    "layernorm_gelu_scale.f32.kernelbench",
    "softmax_bias_scale_sigmoid_backward.f16.kernelbench",
    "swiglu.f16.default",
)
CONFIGURATIONS = 12
REPEATS = 24
BATCH = 6
HOLD_NS = 3_000_000
MIB = 1 << 20
TYPES = {"f32": cupy.float32, "f16": cupy.float16, "bf16": cupy.uint16}
REGISTERS, MOST_SHARED = 4, 8  # CU_FUNC_ATTRIBUTE_NUM_REGS, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
FUNCTIONS = {"__builtins__": {}, "idiv": lambda a, b: a // b, "cdiv": lambda a, b: -(-a // b), "min": min, "max": max}  # What sizes may use.
SOURCE = r"""
extern "C" __global__ void read_all(const uint4* from, long long count, uint4* sink) {
  uint4 mix = {0, 0, 0, 0};
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
    const uint4 value = from[i];
    mix.x ^= value.x; mix.y ^= value.y; mix.z ^= value.z; mix.w ^= value.w;
  }
  if (mix.x == 0x12345u && mix.y == 77u) *sink = mix;  // Never: what is read is all the same.
}
extern "C" __global__ void write_all(uint4* to, long long count, unsigned value) {
  for (long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x; i < count; i += (long long)gridDim.x * blockDim.x) {
    to[i] = make_uint4(value, value, value, value);
  }
}
extern "C" __global__ void hold(long long ns) {
  long long start, now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(start));
  do { asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now)); } while (now - start < ns);
}
"""


class Cache:
    """Kernels that leave a known state in L2."""

    def __init__(self):
        module = cupy.RawModule(code=SOURCE, options=("-std=c++17",))
        self.kernels = {name: module.get_function(name) for name in ("read_all", "write_all", "hold")}
        self.clean, self.dirty, self.sink = (cupy.zeros(size, cupy.uint8) for size in (256 * MIB, 256 * MIB, 16))
        multiprocessors = cupy.cuda.Device().attributes["MultiProcessorCount"]
        self.shape = ((4 * multiprocessors,), (512,))

    def read(self, mib):
        self.kernels["read_all"](*self.shape, (self.clean, cupy.int64(mib * MIB // 16), self.sink))

    def write(self, mib):
        self.kernels["write_all"](*self.shape, (self.dirty, cupy.int64(mib * MIB // 16), cupy.uint32(7)))

    def zero(self, mib):
        self.dirty.data.memset_async(0, mib * MIB, cupy.cuda.get_current_stream())

    def hold(self):
        self.kernels["hold"]((1,), (1,), (cupy.int64(HOLD_NS),))


def compiled(code, options):
    """The image of a source, as a module. RawModule would add -ftz=true, and no later option takes that back: instructions and registers would differ."""
    headers = [o for o in cupy._core.core.assemble_cupy_compiler_options(()) if o.startswith("-I")]
    program = cupy.cuda.nvrtc.createProgram(code, "kernel.cu", (), ())
    try:
        cupy.cuda.nvrtc.compileProgram(program, tuple(options + headers))
        module = cupy.cuda.Module()
        module.load(cupy.cuda.nvrtc.getCUBIN(program))
        return module
    except cupy.cuda.nvrtc.NVRTCError as error:
        raise RuntimeError(cupy.cuda.nvrtc.getProgramLog(program)) from error
    finally:
        cupy.cuda.nvrtc.destroyProgram(program)


class Configuration:
    """One configuration of a recording, compiled as it was."""

    def __init__(self, data, problem, result):
        values = dict(result["configuration"])
        folder = data / "kernels" / problem["name"]
        manifest = json.loads((folder / f"{values['variant']}.json").read_text())
        measured = result["fuseline"]["measurement"]
        module = compiled((folder / manifest["source"]).read_text(), measured["compile_options"] + [f"-I{data / 'kernels'}"])
        self.key = " ".join(str(value) for value in values.values())
        self.work = {work["name"]: cupy.empty(1 << 22, cupy.uint32) for work in manifest.get("workspace", [])}
        self.launches = []
        for launch, shape in zip(manifest["launches"], measured["launches"]):
            kernel = module.get_function(launch["kernel"])
            if shape["shared_bytes"] > 48 << 10:
                cupy.cuda.driver.funcSetAttribute(kernel.ptr, MOST_SHARED, shape["shared_bytes"])
            self.launches.append((kernel, shape, launch["args"]))
        registers = [cupy.cuda.driver.funcGetAttribute(REGISTERS, kernel.ptr) for kernel, _, _ in self.launches]
        if measured["facts"]["registers"] not in registers:
            print(f"{problem['name']}, {self.key}: {registers} registers, recorded {measured['facts']['registers']}: other code", file=sys.stderr)

    def run(self, tensors):
        for kernel, shape, names in self.launches:
            arguments = tuple(tensors.get(name, self.work.get(name)) for name in names)
            kernel(tuple(shape["grid"]), tuple(shape["block"]), arguments, shared_mem=shape["shared_bytes"])


def tensors_of(problem, dims, dtype):
    scope = dict(dims)
    for one in problem.get("derived", []):
        scope[one["name"]] = int(eval(one["value"], FUNCTIONS, scope))
    cupy.random.seed(7)
    tensors = {}
    for tensor in problem["tensors"]:
        elements = int(eval(str(tensor["elements"]), FUNCTIONS, scope))
        own = dtype if tensor["dtype"] == "T" else tensor["dtype"]
        if tensor["role"] == "output":
            tensors[tensor["name"]] = cupy.empty(elements, TYPES[own])
            continue
        values = cupy.random.standard_normal(elements, dtype=cupy.float32)
        tensors[tensor["name"]] = (values.view(cupy.uint32) >> 16).astype(cupy.uint16) if own == "bf16" else values.astype(TYPES[own])
    return tensors


def selected(recording):
    """The finalists, the best first, then configurations within 1.6 times the best's time that differ in variant or cache hints."""
    correct = sorted((r for r in recording["results"] if r["invalidity"] == "correct"), key=lambda r: r["measurements"][0]["value"])
    place = {final["sequence"]: i for i, final in enumerate(recording["metadata"]["fuseline"]["finals"])}
    finalists = sorted((r for r in correct if r["fuseline"]["sequence"] in place), key=lambda r: place[r["fuseline"]["sequence"]])[:5]
    limit = 1.6 * correct[0]["measurements"][0]["value"]
    others = [r for r in correct if r["fuseline"]["sequence"] not in place and r["measurements"][0]["value"] < limit]
    hints = {}
    for result in others:
        values = result["configuration"]
        hints.setdefault(tuple(str(values.get(name)) for name in ("variant", "store", "load", "keep")), result)
    chosen = finalists + list(hints.values())
    return (chosen + [r for r in others if r not in chosen])[:CONFIGURATIONS]


def sample(cache, launches):
    """Times, in ms, of [(label, calls before, call)], in one batch."""
    cache.hold()
    events = []
    for label, before, call in launches:
        for each in before:
            each()
        start, end = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        call()
        end.record()
        events.append((label, start, end))
    events[-1][2].synchronize()
    return [(label, cupy.cuda.get_elapsed_time(start, end)) for label, start, end in events]


def predecessors_of(cache, configurations, tensors):
    """Calls by the name of what they leave behind."""
    bytes_copied = next(iter(tensors.values())).nbytes
    source, target = (cupy.empty(bytes_copied, cupy.uint8) for _ in range(2))
    found = {
        "itself": [lambda: configurations[0].run(tensors)],
        "a copy": [lambda: target.data.copy_from_device_async(source.data, bytes_copied, cupy.cuda.get_current_stream())],
        "a write of 256 MiB": [lambda: cache.write(256)],
        "cudaMemset of 256 MiB": [lambda: cache.zero(256)],
        "a read of 64 MiB": [lambda: cache.read(64)],
        "a read of 128 MiB": [lambda: cache.read(128)],
        "a read of 256 MiB": [lambda: cache.read(256)],
        "a write, then a read of 256 MiB": [lambda: cache.write(256), lambda: cache.read(256)],
    }
    for other in configurations[1:]:
        found[f"{other.key}"] = [lambda other=other: other.run(tensors)]
        found[f"{other.key}, then a read of 256 MiB"] = [lambda other=other: other.run(tensors), lambda: cache.read(256)]
    return found


def examine(cache, data, name, counters):
    recording = json.loads((data / "presets" / "recordings" / "h200" / f"{name}.t4.json").read_text())
    info = recording["metadata"]["fuseline"]
    problem = json.loads((data / "kernels" / info["problem"] / "problem.json").read_text())
    configurations = [Configuration(data, problem, result) for result in selected(recording)]
    tensors = tensors_of(problem, info["dims"], info["dtype"])
    behind = predecessors_of(cache, configurations, tensors)

    def best():
        configurations[0].run(tensors)

    for _ in range(5):
        best()
    cupy.cuda.Device().synchronize()
    print(f"\n{name}: {configurations[0].key}")
    if counters:
        for label, calls in behind.items():
            for call in [lambda: cache.read(256)] + calls + [best]:
                call()
            cupy.cuda.Device().synchronize()
            print(f"  behind {label}", flush=True)
        return
    shuffled = random.Random(1)
    times = {}
    for _ in range(REPEATS):
        order = list(behind.items())
        shuffled.shuffle(order)
        for first in range(0, len(order), BATCH):
            batch = [(label, [lambda: cache.read(256)] + calls, best) for label, calls in order[first : first + BATCH]]
            for label, ms in sample(cache, batch):
                times.setdefault(label, []).append(ms)
    neutral = statistics.median(times["a read of 256 MiB"])
    for label, values in sorted(times.items(), key=lambda item: statistics.median(item[1])):
        median = statistics.median(values)
        print(f"  {median:.5f} ms  {100 * (median / neutral - 1):+.2f} %  behind {label}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counters", action="store_true")
    parser.add_argument("data", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("names", nargs="*", default=NAMES)
    arguments = parser.parse_args()
    cache = Cache()
    for name in arguments.names:
        examine(cache, arguments.data, name, arguments.counters)
        cupy.get_default_memory_pool().free_all_blocks()


if __name__ == "__main__":
    main()
