#!/usr/bin/env bash
# What fuseline-gui costs on two cores with llvmpipe, at 1920x1080 under Xvfb. Exit code 1 where a bound is broken:
#  - 10,000 configurations in table and roofline: the median frame under 8 ms of processor time outside the GL driver, under 33 ms in all; at rest
#    (nothing changed since the frame before) and with the roofline's view changed in every frame
#  - 100,000 configurations: within a factor of 1.5 of that
#  - an idle window draws nothing and uses under 1 % of a core
#  - every panel in turn, with 10,000 and with 200,000 configurations: the median frame (of those that draw, but at rest) under 16 ms at rest, under 33 ms where the selection changes in
#    every frame, and under 33 ms while rows of a sweep arrive, up to a thousand a second
#  - 200,000 configurations on show: under 400 MB of memory
#  - from a worker's outcome to the swap of the buffers that show it: under 100 ms for 95 % of outcomes
# Processor time is of the GUI's thread; times in all are wall times, for which the machine should do nothing else.
# usage: tests/bench/gui.sh [BIN_DIR [all|panels]]   (default build/release/bin; needs xvfb-run and python3)
# FRAMES (default 40): frames of each panel that are looked at.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$(cd "${1:-build/release/bin}" && pwd)
what=${2:-all} frames=${FRAMES:-40}
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

# Every panel: at rest, and with another row selected in every frame; PANELS.json says which frames are of what.
panels() {
  local rows
  for rows in 10000 200000; do
    "$bin/synthetic_run" "$rows" "$work/panels.t4.json" layernorm_gelu_scale
    python3 - "$work" "$rows" "$frames" "$bin" <<'E2'
import json, re, sys
work, rows, frames = sys.argv[1], sys.argv[2], int(sys.argv[3])
panels = re.findall(r"^FUSELINE_PANEL\((\w+),", open("app/gui/models/panels.def").read(), re.M)
def through(change, name):
    steps = []
    for panel in panels:
        steps += [{"action": "panel.show", "value": panel}, {"wait": "idle"}, {"wait": "frames", "count": 8}, {"facts": f"{work}/{rows}.{name}.{panel}.first"}]
        steps += change(panel)
        steps += [{"facts": f"{work}/{rows}.{name}.{panel}.last"}]
    return steps
still = lambda panel: [{"wait": "frames", "count": frames}]
def selecting(panel):
    steps = []
    for i in range(frames):
        steps += [{"action": "select.rows", "value": f"{7 * i + 1},{11 * i + 2}"}, {"wait": "frames", "count": 1}]
    return steps
file = work + "/panels.t4.json"
steps = [{"wait": "idle"}, {"action": "file.open", "value": file}, {"wait": "idle"}, {"action": "messages.dismiss"}, {"action": "select.best"}, {"wait": "ms", "count": 500}]
steps += [{"facts": f"{work}/{rows}.opened"}, {"wait": "ms", "count": 3000}]
steps += through(still, "rest") + through(selecting, "selecting")
json.dump(steps + [{"quit": True}], open(work + "/panels.json", "w"))
# A recording is replayed before the first panel has been looked at; a worker goes on through a space of 90,000.
json.dump({"log": work + "/arriving.log", "delay_ms": 1}, open(work + "/arriving.worker.json", "w"))
live = [{"wait": "idle"}, {"action": "problem.choose", "value": "layernorm_gelu_scale"}, {"action": "problem.dtype", "value": "f32"},
        {"action": "search.worker", "value": f"{sys.argv[4]}/scripted_worker {work}/arriving.worker.json"}, {"action": "device.choose", "value": "auto"},
        {"action": "space.full"}, {"action": "search.budget", "value": "whole space"}, {"wait": "idle"},
        {"action": "run.start"}, {"wait": "rows", "count": 1000}]
for panel in panels:
    live += [{"action": "panel.show", "value": panel}, {"wait": "frames", "count": 3}, {"facts": f"{work}/{rows}.arriving.{panel}.first"}, {"wait": "frames", "count": frames}, {"wait": "ms", "count": 300},
             {"facts": f"{work}/{rows}.arriving.{panel}.last"}]
json.dump(live + [{"action": "run.stop"}, {"wait": "sweep"}, {"quit": True}], open(work + "/arriving.json", "w"))
json.dump(panels, open(work + "/panels.list", "w"))
E2
    watch_memory "$work/$rows.opened" >"$work/$rows.memory" &
    gui 0 "$work/panels.json" --frame-times "$work/$rows.panels.csv"
    [ "$rows" != 10000 ] || gui 0 "$work/arriving.json" --frame-times "$work/arriving.csv"
    wait
  done
  python3 - "$work" <<'E2'
import csv, json, math, statistics, sys
work = sys.argv[1]
broken = []
def frames(name):
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(open(f"{work}/{name}.csv"))]
def number(name):
    return json.load(open(f"{work}/{name}"))["frames"]
print("load of the machine:", open("/proc/loadavg").read().strip())
print("median frame in ms: wall, and processor time of all threads in parentheses")
for rows in ("10000", "200000"):
    table = {"rest": frames(rows + ".panels")}
    table["selecting"] = table["rest"]
    if rows == "10000":
        table["arriving"] = frames("arriving")
    drawn = {part: [0, 0, 0] for part in table}
    print(f"| {rows} rows | " + " | ".join(table) + " |\n|---|" + "---|" * len(table))
    for panel in json.load(open(work + "/panels.list")):
        line = f"| {panel} |"
        for part, bound in zip(table, (16, 33, 33)):
            shown = table[part][number(f"{rows}.{part}.{panel}.first") + 1:number(f"{rows}.{part}.{panel}.last")]
            for row in shown:
                drawn[part][2 if row["share_drawn"] == 0 else 0 if row["share_drawn"] == 1 else 1] += 1
            # At rest nothing is drawn, which is what is measured; where something changes, a frame that drew nothing says nothing.
            counted = shown if part == "rest" else [row for row in shown if row["share_drawn"] > 0]
            wall, cpu = (statistics.median(row[column] for row in counted) if counted else math.inf for column in ("total_ms", "process_ms"))
            there, came = "", True
            if part == "arriving":
                more = shown[-1]["rows"] - shown[0]["rows"]
                there, came = f", {more:.0f} more, {shown[-1]['rows']:.0f} in all", more > 0
            line += f" {wall:.1f} ({cpu:.1f}{there}){'' if wall < bound and came else ' BROKEN'} |"
            if wall >= bound or not came:
                broken.append((rows, panel, part))
        print(line)
    for part, (whole, in_part, none) in drawn.items():
        print(f"{part}: {whole} frames drawn whole, {in_part} in part, {none} not at all")
    memory = float(open(f"{work}/{rows}.memory").read())
    ok = memory < 400
    print(f"memory with {rows} configurations on show: {memory:.0f} MB (bound 400){'' if ok else '  BROKEN'}")
    if not ok:
        broken.append((rows, "memory"))
sys.exit(1 if broken else 0)
E2
}

# The resident memory, in MB, of the window that wrote FILE: a few seconds after, when what loading took was given back.
watch_memory() {
  local pid
  while [ ! -s "$1" ]; do sleep 0.2; done
  sleep 2
  pid=$(python3 -c 'import os, sys
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
    except OSError:
        continue
    if words[0].endswith(b"/fuseline-gui") and sys.argv[1].encode() in words:
        print(pid)' "$work/panels.json")
  awk '/^VmRSS/ {printf "%.1f\n", $2 * 1.024e-3}' "/proc/$pid/status"
}

if [ "$what" = panels ]; then
  panels
  exit
fi

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

status=0
python3 - "$work" "$(getconf CLK_TCK)" <<'E2' || status=1
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
panels || status=1
exit $status
