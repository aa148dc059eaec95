#!/usr/bin/env python3
"""What the order of `fuseline sweep --device static:NAME` is worth: recordings beside the tables of their own device.

usage: static_order.py NAME RECORDING.t4.json ... [--fuseline PROGRAM]

For each recording: configurations in both, how many agree in registers, spills and occupancy with what was measured,
the rank correlation (Spearman) of place and time, and how much slower the best is of the first quarter and half.
"""
import argparse
import csv
import io
import subprocess
import sys

FACTS = ("registers", "spill_bytes", "occupancy")
NOT_PARAMETERS = {"chip", "measured", "place", "state", "static_shared", "dynamic_shared", "threads", "limited_by",
                  "resident_blocks", "waves", "in_flight_bytes", "floor_ms", "copy_floor_ms", "reason", *FACTS}


def rows_of(program, *arguments):
    done = subprocess.run([program, "-q", *arguments], stdout=subprocess.PIPE, check=True, text=True)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def parameters_of(table):
    return [name for name in table[0] if name == "variant" or name.startswith("parameter ") or name not in NOT_PARAMETERS]


def ranks(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    result, i = [0.0] * len(values), 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
            j += 1
        for k in range(i, j + 1):
            result[order[k]] = (i + j) / 2
        i = j + 1
    return result


def correlation(a, b):
    a, b = ranks(a), ranks(b)
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    product = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    return product / (sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)) ** 0.5


def look_at(program, device, recording):
    measured = rows_of(program, "export", recording, "--format", "csv")
    found = rows_of(program, "sweep", measured[0]["problem"], "--dtype", measured[0]["dtype"], "--shape",
                    shape_of(recording), "--device", f"static:{device}", "--csv", "-")
    names = parameters_of(found)
    times = {tuple(row.get(name, "") for name in names): row for row in measured if row["outcome"] == "ok"}
    both = [(row, times[key]) for row in found if (key := tuple(row[name] for name in names)) in times]
    alike = sum(all(float(a[fact]) == float(b[fact]) for fact in FACTS) for a, b in both)
    place = [int(a["place"]) for a, _ in both]
    time = [float(b["median_ms"]) for _, b in both]
    best = min(time)

    def lost(share):
        return min(time[:max(1, int(len(time) * share))]) / best - 1

    print(f"{recording.split('/')[-1]}: {len(both)} in both, {alike} alike, rank correlation "
          f"{correlation(place, time):.2f}, best of the first quarter {lost(0.25):.1%} slower, of the first half "
          f"{lost(0.5):.1%}")


def shape_of(recording):
    """Of the file's name, as fuseline writes them: problem.dtype.shape.t4.json."""
    return recording.split("/")[-1].split(".")[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device")
    parser.add_argument("recordings", nargs="+")
    parser.add_argument("--fuseline", default="build/release/bin/fuseline")
    options = parser.parse_args()
    for recording in options.recordings:
        look_at(options.fuseline, options.device, recording)
    return 0


if __name__ == "__main__":
    sys.exit(main())
