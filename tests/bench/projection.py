#!/usr/bin/env python3
"""How far projections are from what was measured: pairs of recordings of two GPUs, through the command line.

  projection.py FROM TO [--target NAME] [--fuseline PROGRAM]   errors of projecting every recording in folder FROM on
                                                               the GPU of folder TO; both hold T4 files, gzip or not
  projection.py --table FOLDER                                 a table of a folder's times, for tests/data/projection
  projection.py --seeds FILE [--target NAME]                   the given Triton kernels, from what triton_seeds.sh wrote
  projection.py --published FILE [--kernels]                   what others measured of one kernel on two GPUs, as
                                                               tests/data/projection/published.csv has it

Nothing is worked out here that the program works out: the projected times are columns of its CSV export. The
intervals are too. Python's standard library is enough.
"""
import argparse
import csv
import gzip
import io
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

DRAM = ("dram__bytes_read.sum", "dram__bytes_write.sum")
ROOT = pathlib.Path(__file__).resolve().parents[2]

# What the given kernels took on a real RTX 4090, in ms, from DRAM bytes and shares that were read there: a range where
# the reading leaves one. H200 times by do_bench, 2026-11-28, where no file is given.
SEEDS = {
    "layernorm_gelu_scale": {"implied": (3.77, 3.77), "h200_ms": 3.96, "bytes": 2147483648},
    "sum_layernorm": {"implied": (3.30, 3.30), "h200_ms": 2.54, "bytes": 2147483648},
    "softmax_bias_scale_sigmoid": {"implied": (5.1, 6.2), "h200_ms": 1.87, "bytes": 2181169152},
}

# GPUs that published times are from: what a data sheet of ours lacks. Rates in GB/s.
PUBLISHED_FROM = {
    # Copy: the median of NeuSight's own ReLUs of 1 to 18 GB. DRAM: NVIDIA's data sheet of the PCIe card. L2: as below.
    "a100_pcie_80gb": {"sheet": "a100_sxm_80gb", "device": "NVIDIA A100 80GB PCIe", "dram_gbps": 1935,
                       "copy_gbps": 1671, "l2_gbps": 5400},
    # github.com/RRZE-HPC/gpu-benches, commit 1038c5d: gpu-stream/a100_80.txt (the best "scale"),
    # gpu-l2-cache/a100_80.txt (2 to 25 MB).
    "a100_sxm_80gb": {"copy_gbps": 1737, "l2_gbps": 5400},
}
PROJECTED = ("projected_ms", "projected_low_ms", "projected_high_ms", "projected_bound")


def read_t4(path):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return json.load(file)


def name_of(path):
    """layernorm_gelu_scale.f32 of layernorm_gelu_scale.f32.kernelbench.t4.json.gz"""
    return ".".join(path.name.split(".")[:2])


def key_of(configuration):
    values = {name: value for name, value in configuration.items() if name != "variant"}
    return " ".join([configuration["variant"]] + [f"{name}={values[name]}" for name in sorted(values)])


def times_of(document):
    """Key -> (comparable ms, DRAM bytes or None): of a finalist the best's median in the finals times its ratio."""
    finals = document["metadata"]["fuseline"].get("finals") or []
    best = finals[0]["time_ms"]["median"] if finals else 0
    comparable = {each["sequence"]: best * each["ratio"] for each in finals}
    times = {}
    for result in document["results"]:
        found = {each["name"]: each["value"] for each in result["measurements"]}
        if result["invalidity"] != "correct" or "time" not in found:
            continue
        moved = sum(found[name] for name in DRAM) if all(name in found for name in DRAM) else None
        ms = comparable.get(result["fuseline"]["sequence"], found["time"])
        times[key_of(result["configuration"])] = (ms, moved)
    return times


def write_table(folder):
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["problem", "dtype", "configuration", "time_ms", "dram_mb"])
    for path in sorted(pathlib.Path(folder).glob("*.t4.json*")):
        problem, dtype = name_of(path).split(".")
        for key, (ms, moved) in sorted(times_of(read_t4(path)).items()):
            out.writerow([problem, dtype, key, f"{ms:.5g}", f"{moved / 1e6:.6g}" if moved else ""])


def projected_rows(fuseline, path, target):
    text = subprocess.run([fuseline, "export", str(path), "--format", "csv", "--target", target],
                          check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(io.StringIO(text)))


def key_of_row(row, names):
    values = {name: row[name] for name in names if row.get(name, "") != ""}
    return " ".join([row["variant"]] + [f"{name}={values[name]}" for name in sorted(values)])


def summary(errors):
    ordered = sorted(errors)
    return (100 * statistics.median(ordered), 100 * statistics.fmean(ordered),
            100 * ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))])


def compare(options):
    there = {name_of(path): path for path in sorted(pathlib.Path(options.to).glob("*.t4.json*"))}
    every, best, held, cases = [], [], 0, 0
    print(f"{'recording':42} {'n':>5} {'median %':>9} {'mean %':>8} {'90 %':>7} {'held %':>7} {'best %':>7}")
    for path in sorted(pathlib.Path(options.source).glob("*.t4.json*")):
        name = name_of(path)
        if name not in there:
            continue
        source = read_t4(path)
        names = {each for result in source["results"] for each in result["configuration"] if each != "variant"}
        measured = times_of(read_t4(there[name]))
        errors, inside = [], 0
        best_error = None
        for row in projected_rows(options.fuseline, path, options.target):
            ms = measured.get(key_of_row(row, names), (0, None))[0]
            if not row["projected_ms"] or not ms or not row.get("counter " + DRAM[0]):
                continue
            error = float(row["projected_ms"]) / ms - 1
            errors.append(abs(error))
            inside += float(row["projected_low_ms"]) <= ms <= float(row["projected_high_ms"])
            if row["rank"] == "1":
                best_error = error
        if not errors:
            continue
        every += errors
        held += inside
        cases += len(errors)
        if best_error is not None:
            best.append(abs(best_error))
        shown = "" if best_error is None else f"{100 * best_error:+7.1f}"
        print(f"{name:42} {len(errors):5} {summary(errors)[0]:9.1f} {summary(errors)[1]:8.1f} "
              f"{summary(errors)[2]:7.1f} {100 * inside / len(errors):7.0f} {shown}")
    if not every:
        sys.exit("no two recordings of one problem and type, with counters, in these folders")
    print(f"{'all':42} {cases:5} {summary(every)[0]:9.1f} {summary(every)[1]:8.1f} {summary(every)[2]:7.1f} "
          f"{100 * held / cases:7.0f}")
    print(f"of the best of each: mean {100 * statistics.fmean(best):.1f} %, largest {100 * max(best):.1f} %")


def seed_recording(read):
    """A T4 file of one configuration, on an H200: the run of a recording of ours with what was read in it."""
    path = next((ROOT / "presets/recordings/h200").glob("layernorm_gelu_scale.f32.*.t4.json"))
    document = read_t4(path)
    kept = document["metadata"]["fuseline"]
    for name in ("finals", "final_rounds", "target_fit"):
        kept.pop(name, None)
    kept["compulsory_bytes"] = int(read["bytes"])
    counters = {}
    if "dram_read" in read:
        counters = {DRAM[0]: read["dram_read"], DRAM[1]: read["dram_written"],
                    "smsp__inst_executed.sum": read["instructions"],
                    "sm__inst_executed_pipe_xu.sum": read["special_instructions"],
                    "l1tex__data_pipe_lsu_wavefronts_mem_shared.avg.pct_of_peak_sustained_elapsed":
                        read["shared_busy_percent"]}
    result = document["results"][0]
    result["times"]["runtimes"] = [read["time_ms"]] * 10
    result["measurements"] = [{"name": "time", "value": read["time_ms"], "unit": "ms"}]
    result["measurements"] += [{"name": name, "value": value, "unit": ""} for name, value in counters.items()]
    measurement = result["fuseline"]["measurement"]
    measurement.update(counters=counters, launches=[], samples_ms=[read["time_ms"]] * 10)
    measurement.pop("facts", None)
    if "blocks" in read:
        measurement["launches"] = [{"grid": [int(read["blocks"]), 1, 1], "block": [int(read["threads"]), 1, 1],
                                    "shared_bytes": int(read["dynamic_shared_bytes"])}]
        measurement["facts"] = {"registers": int(read["registers"]), "spill_bytes": 0, "local_bytes": 0,
                                "static_shared_bytes": int(read["static_shared_bytes"]), "max_threads_per_block": 1024,
                                "occupancy": 0, "occupancy_limiter": "", "waves": 0}
    document["results"] = [result]
    return document


def seeds(options):
    found = json.loads(pathlib.Path(options.seeds).read_text(encoding="utf-8")) if options.seeds != "-" else {}
    print(f"{'kernel':28} {'H200 ms':>8} {'projected':>10} {'80 % from':>10} {'to':>7} {'by its readings':>16} "
          f"{'off %':>12} bound")
    for name, given in SEEDS.items():
        read = found.get(name, {"time_ms": given["h200_ms"], "bytes": given["bytes"]})
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "seed.t4.json"
            path.write_text(json.dumps(seed_recording(read)), encoding="utf-8")
            row = projected_rows(options.fuseline, path, options.target)[0]
        low, high = given["implied"]
        ms = float(row["projected_ms"])
        implied = f"{low:.2f}" if low == high else f"{low:.1f} to {high:.1f}"
        off = f"{100 * (ms / low - 1):+.0f}" if low == high else f"{100 * (ms / high - 1):+.0f} to {100 * (ms / low - 1):+.0f}"
        print(f"{name:28} {read['time_ms']:8.2f} {ms:10.2f} {float(row['projected_low_ms']):10.2f} "
              f"{float(row['projected_high_ms']):7.2f} {implied:>16} {off:>12} {row['projected_bound']}")


def device_of(name):
    """The data sheet of a GPU, with what was published of it."""
    known = PUBLISHED_FROM.get(name, {})
    sheet = json.loads((ROOT / f"presets/devices/{known.get('sheet', name)}.json").read_text(encoding="utf-8"))
    sheet["device"] = sheet["device_names"][0]
    sheet.update(known)
    return sheet


def published_recording(device, cases):
    """A T4 file of the times of cases that have the same bytes, as if they had been measured here."""
    path = next((ROOT / "presets/recordings/h200").glob("layernorm_gelu_scale.f32.*.t4.json"))
    document = read_t4(path)
    document["metadata"]["device"] = device["device"]
    kept = document["metadata"]["fuseline"]
    for name in ("finals", "final_rounds", "target_fit", "target", "clocks", "counter_cost", "given"):
        kept.pop(name, None)
    major, minor = (int(part) for part in device["compute_capability"].split("."))
    kept.update(compulsory_bytes=int(cases[0]["bytes"]), flops=float(cases[0]["flops"]), copy_gbps=device["copy_gbps"],
                after="itself", input_bytes=0, output_bytes=0)
    kept["device"].update(name=device["device"], dram_peak_gbps=device["dram_gbps"], uuid="",
                          memory_bytes=device["memory_bytes"],
                          limits={**device["limits"], "compute_major": major, "compute_minor": minor})
    kept["device"]["ceilings"].update(copy_gbps=device["copy_gbps"], read_gbps=device["copy_gbps"],
                                      l2_gbps=device["l2_gbps"], fp32_gflops=device["fp32_gflops"])
    document["results"] = document["results"][:len(cases)]  # Of different configurations: one counts once.
    for sequence, (result, case) in enumerate(zip(document["results"], cases, strict=True)):
        ms = float(case["from_ms"])
        result["times"]["runtimes"] = [ms] * 10
        result["measurements"] = [{"name": "time", "value": ms, "unit": "ms"}]
        result["fuseline"]["sequence"] = sequence
        measurement = result["fuseline"]["measurement"]
        measurement.update(counters={}, launches=[], samples_ms=[ms] * 10, after="itself")
        for name in ("facts", "clocks"):
            measurement.pop(name, None)
        result["invalidity"] = "correct"
    return document


def project_published(fuseline, cases):
    """Adds to each case its projected_ms, projected_low_ms, projected_high_ms and projected_bound."""
    groups = {}
    for case in cases:
        groups.setdefault((case["from_device"], case["to_device"], case["bytes"], case["flops"]), []).append(case)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "published.t4.json"
        for (source, target, _, _), group in groups.items():
            path.write_text(json.dumps(published_recording(device_of(source), group)), encoding="utf-8")
            for row in projected_rows(fuseline, path, target):
                group[int(row["sequence"])].update({name: row[name] for name in PROJECTED})


def published_line(label, cases):
    errors, old, inside = [], [], 0
    for case in cases:
        ms = float(case["to_ms"])
        ratio = device_of(case["from_device"])["dram_gbps"] / device_of(case["to_device"])["dram_gbps"]
        errors.append(float(case["projected_ms"]) / ms - 1)
        old.append(float(case["from_ms"]) * ratio / ms - 1)
        inside += float(case["projected_low_ms"]) <= ms <= float(case["projected_high_ms"])
    mine, before = summary([abs(each) for each in errors]), summary([abs(each) for each in old])
    print(f"{label:50} {len(cases):5} {mine[0]:9.1f} {mine[1]:7.1f} {mine[2]:7.1f} {100 * inside / len(cases):7.0f} "
          f"{100 * statistics.median(errors):+7.1f} | {before[0]:9.1f} {before[1]:7.1f} {before[2]:7.1f}")


def published(options):
    with open(options.published, encoding="utf-8") as file:
        cases = list(csv.DictReader(line for line in file if not line.startswith("#")))
    project_published(options.fuseline, cases)
    print(f"{'':50} {'':5} {'as projected':>25} {'':15} | same share of the data sheet")
    print(f"{'source, GPUs':50} {'cases':>5} {'median %':>9} {'mean %':>7} {'90 %':>7} {'held %':>7} {'bias %':>7} | "
          f"{'median %':>9} {'mean %':>7} {'90 %':>7}")
    pairs, kernels = {}, {}
    for case in cases:
        pair = f"{case['source']}: {case['from_device']} to {case['to_device']}"
        pairs.setdefault(pair, []).append(case)
        kernels.setdefault(pair, {}).setdefault(case["kernel"], []).append(case)
    for pair, found in pairs.items():
        published_line(pair, found)
        for kernel, some in sorted(kernels[pair].items() if options.kernels else []):
            published_line("  " + kernel, some)
    if len(pairs) > 1:
        published_line("all", cases)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", metavar="FROM")
    parser.add_argument("to", nargs="?", metavar="TO")
    parser.add_argument("--target", default=None)
    parser.add_argument("--fuseline", default=str(ROOT / "build/release/bin/fuseline"))
    parser.add_argument("--table", metavar="FOLDER")
    parser.add_argument("--seeds", metavar="FILE", help="- without a file: times of 2026-11-28, no counters")
    parser.add_argument("--published", metavar="FILE", help="a table of such times")
    parser.add_argument("--kernels", action="store_true", help="with --published: a line for each kernel too")
    options = parser.parse_args()
    if options.table:
        write_table(options.table)
    elif options.seeds:
        options.target = options.target or "rtx4090"
        seeds(options)
    elif options.published:
        published(options)
    elif options.source and options.to:
        options.target = options.target or "h100_sxm"
        compare(options)
    else:
        parser.error("two folders, --table, --seeds or --published")


if __name__ == "__main__":
    main()
