#!/usr/bin/env python3
"""What the best of each recording is said to be bound by, beside what an expert would read.

usage: bounds.py RECORDING.t4.json ... [--fuseline PROGRAM]

A row each, Markdown: compulsory bytes over the copy's time (of copy), what DRAM moved over what a copy reaches (moved),
how busy DRAM, L2 and the issue slots were, and what the statement says first.
"""
import argparse
import json
import pathlib
import subprocess

METRICS = {"DRAM": "dram__throughput.avg.pct_of_peak_sustained_elapsed",
           "L2": "lts__throughput.avg.pct_of_peak_sustained_elapsed",
           "issue": "smsp__issue_active.avg.pct_of_peak_sustained_active"}


def row(program, recording):
    done = subprocess.run([program, "-q", "export", recording, "--format", "json", "-o", "-"], stdout=subprocess.PIPE,
                          check=True)
    best = json.loads(done.stdout)["best"]
    bounds = (best["analysis"] or {}).get("bounds") or []
    moved = [each["share"] for each in bounds if each["by"] == "the copy's rate"]
    counters = best["counters"]
    busy = [f"{counters[name]:.1f}" if name in counters else "-" for name in METRICS.values()]
    name = pathlib.Path(recording).name.removesuffix(".t4.json")
    said = f"{bounds[0]['by']} ({bounds[0]['level']})" if bounds else "nothing was read"
    return [name, f"{100 * best['bandwidth']['of_copy']:.1f}", f"{100 * moved[0]:.1f}" if moved else "< 95", *busy, said]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="+", metavar="RECORDING")
    parser.add_argument("--fuseline", default="fuseline", metavar="PROGRAM")
    arguments = parser.parse_args()
    print("| recording | of copy % | moved % | " + " | ".join(f"{name} %" for name in METRICS) + " | said first |")
    print("|" + "---|" * (4 + len(METRICS)))
    for recording in arguments.recordings:
        print("| " + " | ".join(row(arguments.fuseline, recording)) + " |", flush=True)


if __name__ == "__main__":
    main()
