#!/usr/bin/env python3
"""Compares the counters that `fuseline profile` reads with Nsight Compute's for the same launches, on a machine with an NVIDIA GPU and ncu.

    ncu_agreement.py [PREFIX] [--problem NAME]... [--dtype f32]... [--preset-path FOLDER] [--out FILE.md]

PREFIX is an installed tree (found beside this script where it is left out). Each problem is swept, and the fastest configuration of each of its variants is read by
both; bytes, instructions and hit rates must agree within 2 % (figures below 1 MB or 10,000 instructions in both are passed over), percentages within 2 points. Prints a
table; exit 1 where something does not agree.
"""
import csv
import functools
import io
import json
import statistics
import subprocess
import sys

import nsight

PERCENT = [
    "sm__throughput.avg.pct_of_peak_sustained_elapsed",
    "sm__warps_active.avg.pct_of_peak_sustained_active",
    "dram__throughput.avg.pct_of_peak_sustained_elapsed",
    "smsp__issue_active.avg.pct_of_peak_sustained_active",
    "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active",
]
RELATIVE = [
    "lts__t_sector_hit_rate.pct",
    "dram__bytes_read.sum",
    "dram__bytes_write.sum",
    "lts__t_bytes.sum",
    "l1tex__t_bytes.sum",
    "smsp__inst_executed.sum",
    "sm__inst_executed_pipe_xu.sum",
    "smsp__inst_executed_op_global_st.sum",
    "smsp__sass_thread_inst_executed_op_fadd_pred_on.sum",
    "smsp__sass_thread_inst_executed_op_fmul_pred_on.sum",
    "smsp__sass_thread_inst_executed_op_ffma_pred_on.sum",
]
NEGLIGIBLE = {"bytes": 1e6, "inst": 1e4}
PROBLEMS = ["layernorm_gelu_scale", "sum_layernorm_avgpool_gelu", "softmax_bias_scale_sigmoid"]
POINTS, SHARE = 2.0, 0.02
# Nsight Compute prints base units where it is asked to.
NCU = ["ncu", "--target-processes", "all", "--clock-control", "none", "--cache-control", "all", "--print-units", "base", "--csv", "--page", "raw"]


def medians(text):
    """Of the launches in Nsight Compute's raw page."""
    rows = list(csv.reader(io.StringIO(nsight.table_after(text, "ID"))))
    launches = [dict(zip(rows[0], row)) for row in rows[2:]]  # Row 1 holds the units.
    read = lambda name: [nsight.number(launch[name], f"Nsight Compute's {name}") for launch in launches if launch.get(name)]
    return {name: statistics.median(read(name)) for name in PERCENT + RELATIVE if read(name)}


def theirs(fuseline, chosen, kernel):
    command = NCU + ["--metrics", ",".join(PERCENT + RELATIVE), "--kernel-name", kernel, "--launch-count", "3"]
    return medians(subprocess.run(command + nsight.run_once(fuseline, chosen), check=False, capture_output=True, text=True).stdout)


def compared(mine, reference):
    """Lines (metric, ours, theirs, difference, agrees)."""
    shown = lambda value: "none" if value is None else f"{value:.6g}"
    for name in PERCENT + RELATIVE:
        a, b = mine.get(name), reference.get(name)
        if a is None or b is None:
            yield name, shown(a), shown(b), "missing", False
            continue
        if name in PERCENT:
            yield name, shown(a), shown(b), f"{a - b:+.2f} points", abs(a - b) <= POINTS
            continue
        kind = "bytes" if "bytes" in name else "inst" if "inst" in name else ""
        small = max(abs(a), abs(b)) < NEGLIGIBLE.get(kind, 0)
        difference = (a - b) / b if b else 0.0 if a == b else float("inf")
        yield name, shown(a), shown(b), f"{100 * difference:+.2f} %", small or abs(difference) <= SHARE


def kernels_of(problems, problem, variant):
    manifest = json.loads((problems / problem / f"{variant}.json").read_text())
    return [launch["kernel"] for launch in manifest["launches"]]


def comparison(fuseline, chosen, kernels, folder):
    counters = nsight.profiled(fuseline, chosen, ["--set", "full"], folder)["counters"]
    return [], list(compared(counters, theirs(fuseline, chosen, f"regex:^({'|'.join(kernels)})$")))


def main():
    given = nsight.command_line(__doc__, PROBLEMS)
    problems = given.preset_path or given.prefix / "share" / "fuseline" / "kernels"

    def looked_at(problem, dtype, folder):
        for variant, parameters in sorted(nsight.fastest(given.fuseline, problem, dtype, folder), key=lambda each: each[0]):
            chosen = nsight.arguments(problem, dtype, variant, parameters)
            yield variant, parameters, functools.partial(comparison, given.fuseline, chosen, kernels_of(problems, problem, variant), folder)

    return nsight.compare(given, "Counters", looked_at)


if __name__ == "__main__":
    sys.exit(main())
