#!/usr/bin/env bash
# What fuseline-gui costs on two cores with llvmpipe, at 1920x1080 under Xvfb. Exit code 1 where a bound is broken:
#  - 10,000 configurations in table and roofline: the median frame under 8 ms of processor time outside the GL driver, under 33 ms in all; at rest
#    (nothing changed since the frame before) and with the roofline's view changed in every frame
#  - 100,000 configurations: within a factor of 1.5 of that
#  - an idle window draws nothing and uses under 1 % of a core
#  - from a worker's outcome to the swap of the buffers that show it: under 100 ms for 95 % of outcomes
# Processor time is of the GUI's thread; times in all are wall times, for which the machine should do nothing else.
# usage: tests/bench/gui.sh [BIN_DIR]   (default build/release/bin; needs xvfb-run and python3)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$(cd "${1:-build/release/bin}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LIBGL_ALWAYS_SOFTWARE=1 XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data"

gui() {  # SECONDS SCRIPT OPTIONS...: runs it on a display of its own; after SECONDS (0: it ends by itself) it is told to end.
  local seconds=$1 script=$2
  shift 2
  xvfb-run -a -s '-screen 0 1920x1080x24' taskset -c 0,1 bash -c '
    seconds=$1; shift
    "$@" & pid=$!
    if [ "$seconds" != 0 ]; then
      now() { python3 -c "import time; print(time.monotonic_ns())"; }
      sleep "$seconds"; cat "/proc/$pid/stat" >"$0.stat.before"; now >"$0.before"; sleep 10; now >"$0.after"; cat "/proc/$pid/stat" >"$0.stat.after"; kill -TERM "$pid"
    fi
    wait "$pid"' "${script%.json}" "$seconds" "$bin/fuseline-gui" --db :memory: --settings none --width 1920 --height 1080 --script "$script" "$@"
}

for rows in 10000 100000; do
  "$bin/synthetic_run" "$rows" "$work/run.t4.json"
  python3 - "$work" "$rows" <<'E2'
import json, sys
work, rows = sys.argv[1], sys.argv[2]
steps = [{"wait": "idle"}, {"action": "file.open", "value": work + "/run.t4.json"}, {"wait": "idle"}, {"action": "messages.dismiss"}, {"wait": "frames", "count": 10},
         {"facts": f"{work}/{rows}.start"}, {"wait": "frames", "count": 200}, {"facts": f"{work}/{rows}.middle"}]
for _ in range(60):
    for action in ("roofline.fit_points", "roofline.fit"):
        steps += [{"action": action}, {"wait": "frames", "count": 1}]
json.dump(steps + [{"facts": f"{work}/{rows}.end"}, {"quit": True}], open(work + "/script.json", "w"))
E2
  gui 0 "$work/script.json" --frame-times "$work/$rows.csv"
done

cat >"$work/idle.json" <<E2
[{"wait": "idle"}, {"action": "file.open", "value": "$work/run.t4.json"}, {"wait": "idle"}, {"action": "messages.dismiss"}]
E2
gui 20 "$work/idle.json" --frame-times "$work/idle.csv"

cat >"$work/worker.json" <<E2
{"log": "$work/worker.log", "stamps": "$work/stamps", "delay_ms": 80}
E2
cat >"$work/live.json" <<E2
[{"wait": "idle"}, {"action": "problem.choose", "value": "layernorm_gelu_scale"}, {"action": "search.worker", "value": "$bin/scripted_worker $work/worker.json"},
 {"action": "device.choose", "value": "auto"}, {"action": "search.budget", "value": "100"}, {"wait": "idle"}, {"action": "run.start"}]
E2
gui 10 "$work/live.json" --frame-times "$work/live.csv"

python3 - "$work" "$(getconf CLK_TCK)" <<'E2'
import csv, json, statistics, sys

work, ticks = sys.argv[1], float(sys.argv[2])
broken = []

def judge(name, value, bound, unit):
    ok = value < bound
    print(f"  {name}: {value:.2f} {unit} (bound {bound:g}){'' if ok else '  BROKEN'}")
    if not ok:
        broken.append(name)

def frames(name):
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(open(f"{work}/{name}.csv"))]

def number(name):
    return json.load(open(f"{work}/{name}"))["frames"]

def median(rows, *columns):
    return statistics.median(sum(row[column] for column in columns) for row in rows)

print("load of the machine:", open("/proc/loadavg").read().strip())
base = {}
for rows in ("10000", "100000"):
    all_frames = frames(rows)
    first, middle, last = (number(f"{rows}.{part}") for part in ("start", "middle", "end"))
    for part, shown in (("at rest", all_frames[first + 1:middle]), ("view changing", all_frames[middle + 1:last])):
        assert shown and all(row["rows"] == float(rows) for row in shown)
        cpu, wall = median(shown, "update_ms", "draw_ms"), median(shown, "total_ms")
        print(f"{rows} configurations, {part}: medians of {len(shown)} frames")
        if rows == "10000":
            base[part] = cpu, wall
        judge("processor time outside the driver", cpu, 8 if rows == "10000" else 1.5 * base[part][0], "ms")
        judge("in all", wall, 33 if rows == "10000" else 1.5 * base[part][1], "ms")


def used(name):
    fields = open(f"{work}/{name}").read().rsplit(")", 1)[1].split()
    return (float(fields[11]) + float(fields[12])) / ticks

def stamp(name):
    return float(open(f"{work}/{name}").read())

print("idle window with 100000 configurations, over 10 s")
judge("of a core", 100 * (used("idle.stat.after") - used("idle.stat.before")) / 10, 1, "%")
drawn = [row for row in frames("idle") if stamp("idle.before") < row["shown_at_ns"] < stamp("idle.after")]
judge("frames drawn", len(drawn), 1, "")

outcomes = [float(line) for line in open(f"{work}/stamps")]
shown = frames("live")
delays = []
for count, sent in enumerate(outcomes, 1):
    delays.append(min(row["shown_at_ns"] for row in shown if row["rows"] >= count and row["shown_at_ns"] > sent) / 1e6 - sent / 1e6)
delays.sort()
print(f"from outcome to screen, {len(delays)} outcomes: median {statistics.median(delays):.1f} ms, longest {delays[-1]:.1f} ms")
assert len(delays) >= 100
judge("95 % of them", delays[int(0.95 * len(delays))], 100, "ms")
sys.exit(1 if broken else 0)
E2
