#!/usr/bin/env python3
"""Compares the counters that `fuseline profile` reads with Nsight Compute's for the same launches, on a machine with an NVIDIA GPU and ncu.

    ncu_agreement.py [PREFIX] [--problem NAME]... [--dtype f32]... [--preset-path FOLDER] [--out FILE.md]

PREFIX is an installed tree (found beside this script where it is left out). Each problem is swept, and the fastest configuration of each of its variants is read by
both; bytes, instructions and hit rates must agree within 2 % (figures below 1 MB or 10,000 instructions in both are passed over), percentages within 2 points. Prints a
table; exit 1 where something does not agree.
"""
import argparse
import csv
import io
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

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


def configurations(fuseline, problem, dtype, folder):
    """The fastest of every variant in a sweep of its own: (variant, parameters)."""
    recording = folder / "sweep.t4.json"
    subprocess.run([fuseline, "sweep", problem, "--dtype", dtype, "--device", "cuda:0", "--db", ":memory:", "--quiet", "--record", recording], check=True)
    data = json.loads(recording.read_text())
    best = {}
    for result in data["results"]:
        if result["invalidity"] != "correct":
            continue
        time = next(m["value"] for m in result["measurements"] if m["name"] == "time")
        variant = result["configuration"]["variant"]
        if variant not in best or time < best[variant][0]:
            best[variant] = (time, result["configuration"])
    for variant, (_, configuration) in sorted(best.items()):
        parameters = {k: v for k, v in configuration.items() if k != "variant"}
        yield variant, parameters


def arguments(problem, dtype, variant, parameters):
    chosen = [problem, "--dtype", dtype, "--variant", variant, "--device", "cuda:0"]
    for name, value in parameters.items():
        if isinstance(value, bool):
            value = str(value).lower()
        chosen += ["--param", f"{name}={value}"]
    return chosen


def ours(fuseline, chosen, folder):
    path = folder / "profile.json"
    subprocess.run([fuseline, "profile", *chosen, "--set", "full", "--json", path, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return json.loads(path.read_text())


def theirs(fuseline, chosen, kernel):
    command = NCU + ["--metrics", ",".join(PERCENT + RELATIVE), "--kernel-name", kernel, "--launch-count", "3"]
    command += [fuseline, "sweep", *chosen, "--db", ":memory:", "--counters", "none", "--quiet"]
    text = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    rows = list(csv.reader(io.StringIO(text[text.index('"ID"'):])))
    launches = [dict(zip(rows[0], row)) for row in rows[2:]]  # Row 1 holds the units.
    read = lambda name: [float(launch[name].replace(",", "")) for launch in launches if launch.get(name)]
    return {name: statistics.median(read(name)) for name in PERCENT + RELATIVE if read(name)}


def compared(mine, reference):
    """Lines (metric, ours, theirs, difference, agrees)."""
    for name in PERCENT + RELATIVE:
        if name not in mine or name not in reference:
            yield name, mine.get(name), reference.get(name), None, False
            continue
        a, b = mine[name], reference[name]
        if name in PERCENT:
            yield name, a, b, f"{a - b:+.2f} points", abs(a - b) <= POINTS
            continue
        kind = "bytes" if "bytes" in name else "inst" if "inst" in name else ""
        small = max(abs(a), abs(b)) < NEGLIGIBLE.get(kind, 0)
        difference = (a - b) / b if b else 0.0 if a == b else float("inf")
        yield name, a, b, f"{100 * difference:+.2f} %", small or abs(difference) <= SHARE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--problem", action="append", help="default: " + ", ".join(PROBLEMS))
    parser.add_argument("--dtype", action="append", help="default: f32")
    parser.add_argument("--preset-path", type=pathlib.Path, help="folder of folders of problems, such as import-triton writes")
    parser.add_argument("--out", type=pathlib.Path)
    given = parser.parse_args()
    fuseline = given.prefix / "bin" / "fuseline"
    problems = given.prefix / "share" / "fuseline" / "kernels"
    if given.preset_path:
        problems = given.preset_path
        os.environ["FUSELINE_PATH"] = str(problems.resolve())
    lines, disagreeing, count = [], 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for problem, dtype in itertools.product(given.problem or PROBLEMS, given.dtype or ["f32"]):
            for variant, parameters in configurations(fuseline, problem, dtype, folder):
                chosen = arguments(problem, dtype, variant, parameters)
                profile = ours(fuseline, chosen, folder)
                reference = theirs(fuseline, chosen, f"regex:^({'|'.join(kernels_of(problems, problem, variant))})$")
                count += 1
                lines += ["", f"**{problem}** {dtype} `{variant}` " + " ".join(f"{k}={v}" for k, v in parameters.items()), "",
                          "| metric | fuseline | ncu | difference |", "|---|---|---|---|"]
                for metric, a, b, difference, agrees in compared(profile["counters"], reference):
                    disagreeing += not agrees
                    lines.append(f"| {metric} | {a if a is None else f'{a:.6g}'} | {b if b is None else f'{b:.6g}'} | {difference}{'' if agrees else ' **'} |")
    lines.append(f"\n{count} configurations, {disagreeing} figures that do not agree.")
    text = "\n".join(lines) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text)
    return 1 if disagreeing or not count else 0


def kernels_of(problems, problem, variant):
    manifest = json.loads((problems / problem / f"{variant}.json").read_text())
    return [launch["kernel"] for launch in manifest["launches"]]


if __name__ == "__main__":
    sys.exit(main())
