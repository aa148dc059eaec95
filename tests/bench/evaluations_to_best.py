#!/usr/bin/env python3
"""How many evaluations strategies need until they are within 1 % of the best of a recording.

    evaluations_to_best.py [--fuseline build/release/bin/fuseline] [--strategies auto,random] [--seeds 25] [--within 1] RECORDING...

A RECORDING is any file that `fuseline sweep --device replay:FILE` takes. Each strategy is replayed with each seed and a budget of half
the recording (or --budget), and the evaluations until the first within so many per cent of the best of the whole recording are counted:
the median over the seeds, with quartiles; "-" where more than the budget would be needed. Times are the medians of the sweep.
A recording by Fuseline is replayed with its problem named, so that `auto` knows what it would know of a live sweep.
"""
import argparse
import gzip
import json
import math
import pathlib
import statistics
import subprocess
import tempfile


def problem_options(path):
    """What names the problem of one of our recordings; nothing for a foreign one."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as stream:
        data = json.load(stream)
    ours = data.get("metadata", {}).get("fuseline") if isinstance(data.get("metadata"), dict) else None
    if not ours or not ours.get("problem"):
        return []
    dims = [part for name, value in ours["dims"] for part in ("--dim", f"{name}={value}")]
    set_scalars = ours.get("set_scalars", [])
    scalars = [part for name, value in ours.get("scalars", []) if name in set_scalars for part in ("--scalar", f"{name}={value}")]
    return [ours["problem"], "--dtype", ours["dtype"], *dims, *scalars]


def trace_of(fuseline, path, options):
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / "trace.jsonl"
        subprocess.run([fuseline, "sweep", *options, "--device", f"replay:{path}", "--db", ":memory:", "--quiet", "--trace", trace], check=True)
        return [json.loads(line)["time_ms"] for line in trace.read_text().splitlines()]


def evaluations_until(times, target_ms):
    return next((i for i, time in enumerate(times, 1) if time is not None and time <= target_ms), math.inf)


def shown(count):
    return "-" if math.isinf(count) else f"{count:.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fuseline", default="build/release/bin/fuseline")
    parser.add_argument("--strategies", default="auto,random")
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--within", type=float, default=1, help="per cent")
    parser.add_argument("--budget", type=int, help="evaluations (default: half the recording)")
    parser.add_argument("--no-problem", action="store_true", help="replay our recordings as foreign ones")
    parser.add_argument("recordings", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    strategies = arguments.strategies.split(",")
    print("| recording | configurations | within {:g} % | {} |".format(arguments.within, " | ".join(strategies)))
    print("|---" * (3 + len(strategies)) + "|")
    for path in arguments.recordings:
        options = [] if arguments.no_problem else problem_options(path)
        every = trace_of(arguments.fuseline, path, [*options, "--strategy", "exhaustive"])
        target_ms = min(time for time in every if time is not None) * (1 + arguments.within / 100)
        near = sum(time is not None and time <= target_ms for time in every)
        budget = arguments.budget or max(1, len(every) // 2)
        cells = []
        for strategy in strategies:
            counts = []
            for seed in range(arguments.seeds):
                search = [*options, "--strategy", strategy, "--seed", str(seed), "--budget", str(budget)]
                counts.append(evaluations_until(trace_of(arguments.fuseline, path, search), target_ms))
            counts.sort()
            low, high = counts[len(counts) // 4], counts[-1 - len(counts) // 4]
            cells.append(f"{shown(statistics.median_low(counts))} ({shown(low)}-{shown(high)})")
        print(f"| {path.name} | {len(every)} | {near} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
