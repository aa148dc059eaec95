#!/usr/bin/env python3
"""Whether Triton's do_bench finds the times that sweeps recorded, and what the difference between the two is made of.

do_bench.py [--data DATA] FOLDER [NAME]...

FOLDER: recordings, *.t4.json, as `fuseline sweep --record` writes them. NAME: the start of their names, PROBLEM.DTYPE or PROBLEM.DTYPE.SHAPE (default:
ten of them); names with the dtype last, as kernels.sh gives them, are found too. DATA: the folder with the kernels/ that were swept (default: the
repository's). Needs a GPU, CuPy, PyTorch and Triton.

Prints a table in Markdown. The best configuration of every recording is compiled as it was and timed again:

- ours: the time in the recording, the median over the finals.
- do_bench: the median of triton.testing.do_bench, which writes 256 MiB before every launch. L2 is then full of dirty lines, and the launch pays for
  writing them back. Its mean, which do_bench gives unless it is told otherwise, holds what Python and the power limit do to single launches.
- same predecessor: events round every launch, as do_bench has them, with our predecessor in place of that write: an untimed launch of the
  configuration itself, then a read of twice the L2's size. A few samples at a time are held back on the device until all of them are queued.
- memset: the very same loop, the read replaced by do_bench's write.

Tensors lie as the worker lays them out, on three places that samples take in turn: buffers of an allocator's own take up to 0.8 % more in some kernels.
do_bench_parts.py says what each of these is worth.

Differences are in percent of ours. Where the one with the same predecessor is near zero and the one behind the memset near do_bench's own, the write is
what sets the two tools apart: not the events, not Python, not the clocks of another run.
Exit 1: a difference with the same predecessor is over 1 %, or a recording is missing.
"""
import argparse
import datetime
import json
import pathlib
import statistics
import sys

import cupy
import torch
import triton
import triton.testing

import predecessors

NAMES = (
    "softmax_bias_scale_sigmoid.f16",
    "softmax_bias_scale_sigmoid.bf16",
    "softmax_bias_scale_sigmoid.f32",
    "layernorm_gelu_scale.f32",
    "layernorm_gelu_scale.bf16",
    "sum_layernorm_avgpool_gelu.f32",
    "sum_layernorm_avgpool_gelu.bf16",
    "softmax_bias_scale_sigmoid_backward.f16",
    "swiglu.f16",
    "rmsnorm_residual.bf16",
)
AGREED_PERCENT = 1.0
PLACES = 3  # As kGuardBytes, kAlignment and kPlaces of tuner/worker/device_memory.hpp are.
GUARD, ALIGNMENT = 4096, 256
PAIRS = 3  # In a batch: one sample behind the read and one behind the write each, so that both meet the same clocks.
BATCHES = 40
WARMUP_MS, REPEAT_MS = 200, 1500
COLUMNS = ("problem", "dtype", "ours ms", "do_bench ms", "difference %", "its mean, difference %", "same predecessor ms", "difference %", "memset, difference %")


def found(folder, name):
    """The recordings of that name. The problem is all of the name's first part: its backward problem begins like it."""
    problem, *rest = name.split(".")
    return [path for path in sorted(folder.glob(f"{problem}.*.t4.json")) if set(rest) <= set(path.name.split("."))]


def clean_mib():
    """Twice the size of L2, as far as the buffer that is read goes."""
    return min(256, 2 * cupy.cuda.Device().attributes["L2CacheSize"] // predecessors.MIB)


def laid_out(problem, tensors):
    """The same tensors as the worker lays them out: all places in one allocation, outputs between guard bands."""
    roles = {tensor["name"]: tensor["role"] for tensor in problem["tensors"]}
    offsets, cursor = {}, 0
    for name, tensor in tensors.items():
        guard = GUARD if roles[name] == "output" else 0
        cursor += guard
        offsets[name] = cursor
        cursor = -(-(cursor + tensor.nbytes + guard) // ALIGNMENT) * ALIGNMENT
    memory = cupy.cuda.memory.Memory(PLACES * cursor)  # Of the driver itself, as ours.
    places = []
    for place in range(PLACES):
        views = {}
        for name, tensor in tensors.items():
            pointer = cupy.cuda.MemoryPointer(memory, place * cursor + offsets[name])
            views[name] = cupy.ndarray(tensor.shape, tensor.dtype, pointer)
            views[name][...] = tensor
        places.append(views)
    return places


def loops(cache, calls):
    """Medians, in ms, behind a read of twice the L2 and behind do_bench's write; `calls`: the launch on each place."""
    driver = triton.runtime.driver.active
    flushed = driver.get_empty_cache_for_benchmark()
    mib = clean_mib()
    batch = []
    for i in range(PAIRS):
        call, other = calls[i % PLACES], calls[(i + 1) % PLACES]
        batch.append(("clean", [other, lambda: cache.read(mib)], call))
        batch.append(("memset", [other, lambda: driver.clear_cache(flushed)], call))
    predecessors.sample(cache, batch)  # Nothing is loaded for the first time in what counts.
    times = {"clean": [], "memset": []}
    for _ in range(BATCHES):
        for label, ms in predecessors.sample(cache, batch):
            times[label].append(ms)
    return statistics.median(times["clean"]), statistics.median(times["memset"])


def compare(cache, data, path):
    """A row of the table, and the difference with the same predecessor in percent."""
    recording = json.loads(path.read_text())
    info = recording["metadata"]["fuseline"]
    if info.get("after") != "clean":
        print(f"do_bench.py: {path.name}: recorded behind another predecessor: {info.get('after', 'unsettled')}", file=sys.stderr)
    final = info["finals"][0]
    ours = final["time_ms"]["median"]
    problem = json.loads((data / "kernels" / info["problem"] / "problem.json").read_text())
    result = next(each for each in recording["results"] if each["fuseline"]["sequence"] == final["sequence"])
    configuration = predecessors.Configuration(data, problem, result)
    places = laid_out(problem, predecessors.tensors_of(problem, info["dims"], info["dtype"]))
    calls = [lambda tensors=tensors: configuration.run(tensors) for tensors in places]
    every = triton.testing.do_bench(calls[0], warmup=WARMUP_MS, rep=REPEAT_MS, return_mode="all")
    theirs = statistics.median(every)
    clean, behind_memset = loops(cache, calls)
    percent = [100 * (ms / ours - 1) for ms in (theirs, statistics.fmean(every), clean, behind_memset)]
    title = f"{info['problem']} ({info['shape']})" if info.get("shape") else info["problem"]
    row = [title, info["dtype"], f"{ours:.4f}", f"{theirs:.4f}", f"{percent[0]:+.2f}", f"{percent[1]:+.2f}", f"{clean:.4f}", f"{percent[2]:+.2f}", f"{percent[3]:+.2f}"]
    return row, percent[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*", default=NAMES)
    arguments = parser.parse_args()
    # do_bench's events are PyTorch's and the launches CuPy's: on two streams they would time nothing.
    if torch.cuda.current_stream().cuda_stream != cupy.cuda.get_current_stream().ptr:
        sys.exit("do_bench.py: PyTorch and CuPy launch on different streams: unset CUPY_CUDA_PER_THREAD_DEFAULT_STREAM")
    cache = predecessors.Cache()
    versions = f"Triton {triton.__version__}, PyTorch {torch.__version__}, CuPy {cupy.__version__}"
    print(f"{torch.cuda.get_device_name()}, {versions}, {datetime.date.today()}\n")
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + "---|" * len(COLUMNS), flush=True)
    failed = False
    done = set()
    for name in arguments.names:
        paths = found(arguments.folder, name)
        if not paths:
            print(f"do_bench.py: no recording of {name} in {arguments.folder}", file=sys.stderr)
            failed = True
        for path in paths:
            if path in done:
                continue
            done.add(path)
            row, difference = compare(cache, arguments.data, path)
            failed = failed or abs(difference) > AGREED_PERCENT
            print("| " + " | ".join(row) + " |", flush=True)
            cupy.get_default_memory_pool().free_all_blocks()
            torch.cuda.empty_cache()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
