#!/usr/bin/env python3
"""What the best of each recording is said to be bound by, beside what an expert would read.

usage: bounds.py RECORDING.t4.json ... [--fuseline PROGRAM]

A row each, Markdown: compulsory bytes over the copy's time (of copy), what DRAM moved over what a copy reaches (moved,
where the statement gives it), how busy L2 was, L2 beside the copy (level and ask, see tuner/counters/README.md), the
busiest unit of the SMs (issue slots, special functions as XU, shared memory), and what the statement says first.
"""
import argparse
import json
import pathlib
import re
import subprocess

L2 = "lts__throughput.avg.pct_of_peak_sustained_elapsed"
UNITS = {"issue": "smsp__issue_active.avg.pct_of_peak_sustained_active",
         "XU": "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active",
         "shared": "l1tex__data_pipe_lsu_wavefronts_mem_shared.avg.pct_of_peak_sustained_elapsed"}
SHAPES = (".kernelbench", ".default")


def row(program, recording):
    done = subprocess.run([program, "-q", "export", recording, "--format", "json", "-o", "-"], stdout=subprocess.PIPE,
                          check=True)
    best = json.loads(done.stdout)["best"]
    bounds = (best["analysis"] or {}).get("bounds") or []
    moved = [each["share"] for each in bounds if each["by"] == "the copy's rate"]
    counters = best["counters"]
    units = [(counters[metric], unit) for unit, metric in UNITS.items() if metric in counters] or [(0, "-")]
    beside = [re.search(r"([0-9]+) % of what it is at the copy's rate; a byte asks ([0-9.]+)", each["text"])
              for each in bounds if each["by"] == "L2"]
    level, ask = beside[0].groups() if beside and beside[0] else ("-", "-")
    name = pathlib.Path(recording).name.removesuffix(".gz").removesuffix(".t4.json")
    for shape in SHAPES:
        name = name.removesuffix(shape)
    said = "nothing was read"
    if bounds:
        said = bounds[0]["by"].removeprefix("the ") + (f" or {bounds[0]['or']}" if "or" in bounds[0] else "")
    return [name, f"{100 * best['bandwidth']['of_copy']:.1f}", f"{100 * moved[0]:.1f}" if moved else "-",
            f"{counters[L2]:.1f}" if L2 in counters else "-", level, ask, "{1} {0:.0f}".format(*max(units)), said]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="+", metavar="RECORDING")
    parser.add_argument("--fuseline", default="fuseline", metavar="PROGRAM")
    arguments = parser.parse_args()
    print("| recording | of copy % | moved % | L2 % | level % | ask | SM unit % | said first |")
    print("|" + "---|" * 8)
    for recording in arguments.recordings:
        print("| " + " | ".join(row(arguments.fuseline, recording)) + " |", flush=True)


if __name__ == "__main__":
    main()
