#!/usr/bin/env python3
"""Compares the source profiles that `fuseline profile --source` takes with Nsight Compute's source page for the same code, on a machine with an NVIDIA GPU and ncu.

    ncu_source_agreement.py [PREFIX] [--problem NAME]... [--dtype f32]... [--preset-path FOLDER] [--out FILE.md]

PREFIX is an installed tree (found beside this script where it is left out). Each problem is swept, and the fastest configurations of its two best variants are profiled by
both. Nsight Compute names instructions by address; both have the same SASS, so that its samples are added up by the lines that fuseline's profile gives the offsets. Of each
kernel the shares of the five hottest lines and of all stall reasons must agree within 5 points, the hottest lines must be the same (but for those within 5 points of the
fifth), and executed instructions of each opcode within 1 % (below 10,000 in both they are passed over). A figure that is missing or no number does not agree. Prints a table;
exit 1 where something does not agree.
"""
import argparse
import collections
import csv
import io
import itertools
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PROBLEMS = ["layernorm_gelu_scale", "softmax_bias_scale_sigmoid"]
VARIANTS, HOTTEST, POINTS, SHARE, NEGLIGIBLE = 2, 5, 5.0, 0.01, 1e4
# Nsight Compute's columns, and what the metrics of PC sampling are called.
REASONS = {
    "barrier": "barrier", "branch_resolving": "branch_resolving", "dispatch": "dispatch_stall", "drain": "drain", "gmma": "gmma", "imc": "imc_miss",
    "lg": "lg_throttle", "long_sb": "long_scoreboard", "math": "math_pipe_throttle", "membar": "membar", "mio": "mio_throttle", "misc": "misc",
    "no_inst": "no_instructions", "not_selected": "not_selected", "selected": "selected", "short_sb": "short_scoreboard", "sleep": "sleeping",
    "sleeping": "sleeping", "tex": "tex_throttle", "wait": "wait",
}


def configurations(fuseline, problem, dtype, folder):
    """The fastest of each of the best variants in a sweep of its own: (variant, parameters)."""
    recording = folder / "sweep.t4.json"
    subprocess.run([fuseline, "sweep", problem, "--dtype", dtype, "--device", "cuda:0", "--db", ":memory:", "--quiet", "--record", recording], check=True)
    best = {}
    for result in json.loads(recording.read_text())["results"]:
        if result["invalidity"] != "correct":
            continue
        time = next(m["value"] for m in result["measurements"] if m["name"] == "time")
        variant = result["configuration"]["variant"]
        if variant not in best or time < best[variant][0]:
            best[variant] = (time, result["configuration"])
    for variant, (_, configuration) in sorted(best.items(), key=lambda item: item[1][0])[:VARIANTS]:
        yield variant, {name: value for name, value in configuration.items() if name != "variant"}


def arguments(problem, dtype, variant, parameters):
    chosen = [problem, "--dtype", dtype, "--variant", variant, "--device", "cuda:0"]
    for name, value in parameters.items():
        chosen += ["--param", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
    return chosen


def ours(fuseline, chosen, folder):
    path = folder / "profile.json"
    subprocess.run([fuseline, "profile", *chosen, "--source", "--json", path, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return json.loads(path.read_text())["source_profile"]


def theirs(fuseline, chosen, kernel, folder):
    """Rows of the source page of one launch, after those that verify."""
    report = folder / "report"
    command = ["ncu", "--target-processes", "all", "--clock-control", "none", "--cache-control", "all", "--section", "SourceCounters", "--kernel-name-base", "mangled"]
    command += ["--kernel-name", f"regex:^{re.escape(kernel)}$", "--launch-skip", "3", "--launch-count", "1", "--force-overwrite", "--export", report]
    subprocess.run([*command, fuseline, "sweep", *chosen, "--db", ":memory:", "--counters", "none", "--quiet"], check=False, capture_output=True)
    page = subprocess.run(["ncu", "--import", f"{report}.ncu-rep", "--page", "source", "--csv", "--print-source", "sass", "--print-units", "base"],
                          check=True, capture_output=True, text=True).stdout
    rows = list(csv.reader(io.StringIO(page[page.index('"Address"'):])))
    return [dict(zip(rows[0], row)) for row in rows[1:] if row and row[0].startswith("0x")]


def number(text):
    """NaN for what is missing or no number: it agrees with nothing."""
    try:
        return float(str(text).replace(",", ""))
    except ValueError:
        return math.nan


def shares(counts):
    total = sum(counts.values())
    return {name: 100 * count / total for name, count in counts.items()} if total else {}


class Figures:
    """Of one kernel: shares of its lines and reasons, in percent, and executed instructions by opcode."""

    def __init__(self):
        self.lines, self.reasons, self.opcodes, self.samples = collections.Counter(), collections.Counter(), collections.Counter(), 0

    def add(self, line, reasons, opcode, executed):
        self.samples += sum(reasons.values())
        self.lines[line] += sum(reasons.values())
        for reason, count in reasons.items():
            self.reasons[reason] += count
        self.opcodes[opcode] += executed

    def hottest(self):
        return [line for line, _ in self.lines.most_common(HOTTEST)]


def opcode_of(text):
    """LDG of "@!P0 LDG.E.128 R4, ..."."""
    words = [word for word in text.split() if not word.startswith("@")]
    return words[0].split(".")[0].rstrip(";") if words else "?"


def figures_of(profile, rows):
    mine, reference = Figures(), Figures()
    by_offset = {each["offset"]: each for each in profile["instructions"]}
    if not rows:
        return mine, reference
    base = int(rows[0]["Address"], 16)
    for row in rows:
        offset = int(row["Address"], 16) - base
        instruction = by_offset.get(offset, {})
        line = (instruction.get("file", "?"), instruction.get("line", 0))
        reasons = {REASONS[name[6:]]: number(value) for name, value in row.items()
                   if name.startswith("stall_") and "(" not in name and name[6:] in REASONS and number(value) != 0}
        opcode = opcode_of(row["Source"])
        executed = number(row["Instructions Executed"])
        reference.add(line, reasons, opcode, executed)
        # CUPTI does not count what fills the code behind the kernel's end; Nsight Compute says 0 of it.
        own = instruction.get("metrics", {}).get("inst_executed", 0 if executed == 0 else None)
        mine.add(line, instruction.get("samples", {}), opcode, number(own))
    return mine, reference


def compared(mine, reference):
    """Lines (figure, ours, theirs, difference, agrees)."""
    for what, a, b in (("line", shares(mine.lines), shares(reference.lines)), ("stall", shares(mine.reasons), shares(reference.reasons))):
        names = [*dict.fromkeys(mine.hottest() + reference.hottest())] if what == "line" else sorted(a.keys() | b.keys(), key=lambda name: -a.get(name, 0))
        for name in names:
            x, y = a.get(name, 0.0), b.get(name, 0.0)
            shown = f"`{name[0]}:{name[1]}`" if what == "line" else name
            yield f"{what} {shown}", f"{x:.1f} %", f"{y:.1f} %", f"{x - y:+.1f} points", abs(x - y) <= POINTS
    strangers = set(reference.hottest()) - set(mine.hottest())
    share = shares(reference.lines)
    least = min((share.get(line, 0) for line in mine.hottest()), default=math.nan)
    same = bool(mine.samples and reference.samples) and all(share[line] - least <= POINTS for line in strangers)
    yield "hottest lines", len(mine.hottest()), len(reference.hottest()), f"{len(strangers)} differ", same
    for opcode in sorted(mine.opcodes.keys() | reference.opcodes.keys()):
        x, y = mine.opcodes.get(opcode, math.nan), reference.opcodes.get(opcode, math.nan)
        small = x < NEGLIGIBLE and y < NEGLIGIBLE
        if small:
            continue
        difference = (x - y) / y if y else math.inf
        yield f"executed {opcode}", f"{x:.6g}", f"{y:.6g}", f"{100 * difference:+.2f} %", abs(difference) <= SHARE


def version_of_ncu():
    said = subprocess.run(["ncu", "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"Version (\S+)", said)
    return found.group(1) if found else "unknown"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--problem", action="append", help="default: " + ", ".join(PROBLEMS))
    parser.add_argument("--dtype", action="append", help="default: f32")
    parser.add_argument("--preset-path", type=pathlib.Path, help="folder of folders of problems, such as import-triton writes")
    parser.add_argument("--out", type=pathlib.Path)
    given = parser.parse_args()
    fuseline = given.prefix / "bin" / "fuseline"
    if given.preset_path:
        os.environ["FUSELINE_PATH"] = str(given.preset_path.resolve())
    lines, disagreeing, count = [f"Nsight Compute {version_of_ncu()}."], 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for problem, dtype in itertools.product(given.problem or PROBLEMS, given.dtype or ["f32"]):
            for variant, parameters in configurations(fuseline, problem, dtype, folder):
                chosen = arguments(problem, dtype, variant, parameters)
                profile = ours(fuseline, chosen, folder)
                mine, reference = figures_of(profile, theirs(fuseline, chosen, profile["kernel"], folder))
                count += 1
                lines += ["", f"**{problem}** {dtype} `{variant}` " + " ".join(f"{k}={v}" for k, v in parameters.items()), "",
                          f"{mine.samples:.0f} samples in {profile['launches']} launches, ncu {reference.samples:.0f} in one; {profile['seconds']:.2f} s; "
                          f"{profile['disassembler']}.", *(f"Remark: {remark}." for remark in profile["remarks"]), "",
                          "| figure | fuseline | ncu | difference |", "|---|---|---|---|"]
                for figure, a, b, difference, agrees in compared(mine, reference):
                    disagreeing += not agrees
                    lines.append(f"| {figure} | {a} | {b} | {difference}{'' if agrees else ' **'} |")
    lines.append(f"\n{count} kernels, {disagreeing} figures that do not agree.")
    text = "\n".join(lines) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text)
    return 1 if disagreeing or not count else 0


if __name__ == "__main__":
    sys.exit(main())
