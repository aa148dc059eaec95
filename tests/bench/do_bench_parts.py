#!/usr/bin/env python3
"""What the difference between Triton's do_bench and our time is made of: from its loop to ours, one change a line.

do_bench_parts.py [--data DATA] [--ours NAME=MS]... FOLDER NAME...

FOLDER, NAME, DATA: as do_bench.py takes them, and what that needs. --ours: our time of NAME's best on this very device
within the same minutes, by `fuseline-gpu-tests --gtest_filter='Best/*'` (alone); else the recording's, which may be of
another device.

Every line has the median over all samples and what the change is worth in percent of our time; the changes add up to
the whole difference. All loops but do_bench's own take turns in random order, so that they meet the same clocks. Then,
for samples that are held back, the median by their place in the batch and by how long the device works before it: what
idling leaves behind.
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess

import cupy
import torch
import triton
import triton.testing

import do_bench
import predecessors

ROUNDS = 40
SAMPLES = 6  # A batch.
HOLD_NS = 6_000_000
WORK_MS = (0, 1, 2, 4, 8)
READ_THREADS = 256


def held(before, launches, hold=True):
    """Times, in ms, of [(calls before, call)] of one batch, behind calls that are not timed."""
    if hold:
        cupy_hold((1,), (1,), (cupy.int64(HOLD_NS),))
    for call in before:
        call()
    events = []
    for lead, call in launches:
        for each in lead:
            each()
        start, end = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        call()
        end.record()
        events.append((start, end))
    events[-1][1].synchronize()
    return [cupy.cuda.get_elapsed_time(start, end) for start, end in events]


def our_read(data_source):
    """Our own kernel that reads 1.5 times L2's size, as the worker launches it."""
    module = predecessors.compiled(data_source.read_text(), ["--gpu-architecture=sm_90", "-std=c++17", "-DFUSELINE_PART=0"])
    kernel = module.get_function("fuseline_read")
    attributes = cupy.cuda.Device().attributes
    count = attributes["L2CacheSize"] * 3 // 2 // 16
    memory = cupy.zeros(count * 16 + 256, cupy.uint8)
    stamp = cupy.zeros(4, cupy.uint64)
    blocks = attributes["MultiProcessorCount"] * (attributes["MaxThreadsPerMultiProcessor"] // READ_THREADS)
    sink = memory[count * 16 :]
    return lambda: kernel((blocks,), (READ_THREADS,), (memory, cupy.uint64(count), cupy.int32(1), sink, stamp))


class Loops:
    def __init__(self, cache, data, problem, configuration, tensors):
        driver = triton.runtime.driver.active
        flushed = driver.get_empty_cache_for_benchmark()
        own_read = our_read(data)
        places = do_bench.laid_out(problem, tensors)

        def best():
            configuration.run(tensors)

        def at(place):
            return lambda: configuration.run(places[place % do_bench.PLACES])

        def clean():
            cache.read(do_bench.clean_mib())

        self.best, self.clean = best, clean
        self.flush = lambda: driver.clear_cache(flushed)
        busy = [best] * 16 + [clean] * 2
        alone = [([best, clean], best)] * SAMPLES
        pair = [([best, clean], best), ([best, self.flush], best)] * (SAMPLES // 2)
        turns = [([at(i + 1), clean], at(i)) for i in range(SAMPLES)]
        ours = [([at(i + 1), own_read], at(i)) for i in range(SAMPLES)]
        one_place = [([at(0), own_read], at(0))] * SAMPLES
        self.loops = {
            "its write, held back": lambda: held([], pair)[1::2],
            "our read for its write": lambda: held([], pair)[0::2],
            "the device works before a batch": lambda: held(busy, pair)[0::2],
            "nothing written between samples": lambda: held(busy, alone),
            "three places, the predecessor on another": lambda: held(busy, turns),
            "our kernel reads, 1.5 times L2": lambda: held(busy, ours),
            "the same on one place": lambda: held(busy, one_place),
            "the same, not held back": lambda: held(busy, ours, hold=False),
        }


def take_turns(loops):
    times = {name: [] for name in loops}
    shuffled = random.Random(1)
    for round_ in range(ROUNDS + 2):
        order = list(loops)
        shuffled.shuffle(order)
        for name in order:
            found = loops[name]()
            if round_ >= 2:
                times[name].append(found)
    return times


def state():
    query = "power.draw,clocks.sm,clocks.mem,temperature.gpu"
    return subprocess.run(["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"], capture_output=True, text=True).stdout.strip()


def examine(cache, options, support, path, ours_ms):
    recording = json.loads(path.read_text())
    info = recording["metadata"]["fuseline"]
    final = info["finals"][0]
    ours = ours_ms or final["time_ms"]["median"]
    problem = json.loads((options.data / "kernels" / info["problem"] / "problem.json").read_text())
    result = next(each for each in recording["results"] if each["fuseline"]["sequence"] == final["sequence"])
    configuration = predecessors.Configuration(options.data, problem, result)
    tensors = predecessors.tensors_of(problem, info["dims"], info["dtype"])
    loops = Loops(cache, support, problem, configuration, tensors)
    print(f"\n{path.name}: {configuration.key}\nours {ours:.5f} ms {'here' if ours_ms else 'recorded'}; {state()}", flush=True)
    flushed = triton.testing.do_bench(loops.best, warmup=do_bench.WARMUP_MS, rep=do_bench.REPEAT_MS, return_mode="all")
    print("  after do_bench", state())
    lines = [("do_bench, mean", statistics.fmean(flushed)), ("its median", statistics.median(flushed))]
    times = take_turns(loops.loops)
    print("  after the loops", state())
    lines += [(name, statistics.median(ms for batch in batches for ms in batch)) for name, batches in times.items()]
    before = None
    for name, ms in lines:
        change = "" if before is None else f"{100 * (ms - before) / ours:+.2f}"
        print(f"  {name:44} {ms:.5f} ms {100 * (ms / ours - 1):+6.2f} % {change:>7}", flush=True)
        before = ms
    for name, batches in times.items():
        print(f"  {name:44} by place in the batch:", " ".join(f"{statistics.median(at):.5f}" for at in zip(*batches)))
    estimate_ms = lines[-1][1]
    for work_ms in WORK_MS:
        work = [loops.best] * round(work_ms / estimate_ms)
        found = [held(work, [([loops.best, loops.clean], loops.best)] * 12) for _ in range(20)]
        print(f"  held back, then {work_ms} ms of work: by place", " ".join(f"{statistics.median(at):.5f}" for at in zip(*found)), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--support", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "profiler/measure/support.cu")
    parser.add_argument("--ours", action="append", default=[], metavar="NAME=MS")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    global cupy_hold
    cache = predecessors.Cache()
    cupy_hold = cache.kernels["hold"]
    ours = dict(each.split("=") for each in options.ours)
    print(f"{torch.cuda.get_device_name()}, Triton {triton.__version__}, PyTorch {torch.__version__}, CuPy {cupy.__version__}")
    for name in options.names:
        for path in do_bench.found(options.folder, name):
            examine(cache, options, options.support, path, float(ours.get(name, 0)))
            cupy.get_default_memory_pool().free_all_blocks()


if __name__ == "__main__":
    main()
