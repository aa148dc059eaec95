"""What the comparisons with Nsight Compute share: a sweep whose fastest are looked at, a command line that names one of them, and a table of figures."""
import argparse
import itertools
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile


class Refused(Exception):
    """What cannot be compared, and why: one sentence."""


def fastest(fuseline, problem, dtype, folder):
    """The fastest of every variant in a sweep of its own, the best first: [(variant, parameters)]."""
    recording = folder / "sweep.t4.json"
    subprocess.run([fuseline, "sweep", problem, "--dtype", dtype, "--device", "cuda:0", "--db", ":memory:", "--quiet", "--record", recording], check=True)
    return fastest_of(json.loads(recording.read_text()))


def fastest_of(recording):
    # What came to the finals is before what did not, as in a ranking.
    finals = {each["sequence"]: each["time_ms"]["median"] for each in recording["metadata"]["fuseline"].get("finals", [])}
    best = {}
    for result in recording["results"]:
        if result["invalidity"] != "correct":
            continue
        sequence = result["fuseline"]["sequence"]
        time = (sequence not in finals, finals.get(sequence) or next(m["value"] for m in result["measurements"] if m["name"] == "time"))
        variant = result["configuration"]["variant"]
        if variant not in best or time < best[variant][0]:
            best[variant] = (time, result["configuration"])
    by_time = sorted(best.items(), key=lambda item: item[1][0])
    return [(variant, {name: value for name, value in configuration.items() if name != "variant"}) for variant, (_, configuration) in by_time]


def arguments(problem, dtype, variant, parameters):
    chosen = [problem, "--dtype", dtype, "--variant", variant, "--device", "cuda:0"]
    for name, value in parameters.items():
        chosen += ["--param", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
    return chosen


def profiled(fuseline, chosen, options, folder):
    path = folder / "profile.json"
    subprocess.run([fuseline, "profile", *chosen, *options, "--json", path, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return json.loads(path.read_text())


def run_once(fuseline, chosen):
    """What Nsight Compute is to look at: the configuration, verified and timed."""
    return [fuseline, "sweep", *chosen, "--db", ":memory:", "--counters", "none", "--quiet"]


def number(text, what):
    """What Nsight Compute printed. Refused is what is missing or no finite number: it would agree with nothing, or with everything."""
    try:
        value = float(str(text).replace(",", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Refused(f"{what} is {text!r}, which is no number")
    return value


def table_after(text, first):
    """What Nsight Compute printed from its heading on, which begins with this column."""
    begin = text.find(f'"{first}"')
    if begin < 0:
        last = text.strip().splitlines()[-1:] or ["nothing"]
        raise Refused(f"Nsight Compute printed no table; its last line: {last[0]}")
    return text[begin:]


def version():
    try:
        said = subprocess.run(["ncu", "--version"], check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        sys.exit("ncu is not found: Nsight Compute is needed, with its folder in PATH")
    found = re.search(r"Version (\S+)", said)
    if not found:
        sys.exit(f"ncu --version says no version: {said.strip()}")
    return found.group(1)


def command_line(text, problems):
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument("--problem", action="append", help="default: " + ", ".join(problems))
    parser.add_argument("--dtype", action="append", help="default: f32")
    parser.add_argument("--preset-path", type=pathlib.Path, help="folder of folders of problems, such as import-triton writes")
    parser.add_argument("--out", type=pathlib.Path)
    given = parser.parse_args()
    given.problem, given.dtype = given.problem or list(problems), given.dtype or ["f32"]
    given.fuseline = given.prefix / "bin" / "fuseline"
    if not given.fuseline.exists():
        parser.error(f"{given.fuseline} is missing: name an install tree")
    if given.preset_path:
        os.environ["FUSELINE_PATH"] = str(given.preset_path.resolve())
    return given


def compare(given, title, looked_at):
    """A table a configuration. looked_at(problem, dtype, folder) yields (variant, parameters, comparison); comparison() gives (remarks, figures), figures lines
    (figure, ours, theirs, difference, agrees). Exit status: 1 where something does not agree, cannot be compared, or nothing was."""
    lines, disagreeing, count = [f"{title}, Nsight Compute {version()}."], 0, 0
    with tempfile.TemporaryDirectory() as name:
        for problem, dtype in itertools.product(given.problem, given.dtype):
            for variant, parameters, comparison in looked_at(problem, dtype, pathlib.Path(name)):
                count += 1
                lines += ["", f"**{problem.partition(':')[0]}** {dtype} `{variant}` " + " ".join(f"{k}={v}" for k, v in parameters.items()), ""]
                try:
                    remarks, figures = comparison()
                except Refused as why:
                    disagreeing += 1
                    lines.append(f"Not compared: {why}. **")
                    continue
                lines += [*remarks, *([""] if remarks else []), "| figure | fuseline | ncu | difference |", "|---|---|---|---|"]
                for figure, ours, theirs, difference, agrees in figures:
                    disagreeing += not agrees
                    lines.append(f"| {figure} | {ours} | {theirs} | {difference}{'' if agrees else ' **'} |")
    lines.append(f"\n{count} configurations, {disagreeing} figures that do not agree.")
    text = "\n".join(lines) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text)
    return 1 if disagreeing or not count else 0
