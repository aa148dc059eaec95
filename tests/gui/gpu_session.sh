#!/usr/bin/env bash
# A live session of fuseline-gui on a GPU server: a sweep of layernorm_gelu_scale in f32 with counters of every configuration, screenshots while it
# runs and at its end, dark and light, 1920x1080, and checks of what the window showed. Exit code 1 where a check fails.
# usage: gpu_session.sh [BIN_DIR [OUT_DIR]]   BIN_DIR: of an installed tree or a build (default: where fuseline-gui is found, else build/release/bin).
# Needs a driver, NVRTC, python3, and a display: DISPLAY, or xvfb-run. Works from a copied tree; no build tools.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${1:-}
if [ -z "$bin" ]; then bin=$(dirname "$(command -v fuseline-gui || echo "$here/../../build/release/bin/fuseline-gui")"); fi
bin=$(cd "$bin" && pwd)
out=${2:-gpu_session}
mkdir -p "$out"
out=$(cd "$out" && pwd)
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export XDG_DATA_HOME="$state/data" XDG_CONFIG_HOME="$state/config" XDG_CACHE_HOME="$state/cache"
# Drawing is the processor's: the GPU is left to what is measured.
export LIBGL_ALWAYS_SOFTWARE=1 __GLX_VENDOR_LIBRARY_NAME=mesa

python3 - "$out" >"$state/script.json" <<'E2'
import json, sys
out = sys.argv[1]
def act(name, value=""):
    return {"action": name, "value": value} if value else {"action": name}
def frames(count):
    return {"wait": "frames", "count": count}
steps = [{"wait": "idle"}, act("problem.choose", "layernorm_gelu_scale"), act("problem.dtype", "f32"), act("device.choose", "cuda:0"), act("search.counters", "all"), {"wait": "idle"},
         act("panel.show", "counters"), act("panel.show", "search"), act("run.start"),
         # Counters of a batch have come by then, and the sweep is still on its way.
         {"wait": "rows", "count": 100}, frames(5), {"facts": out + "/running.json"}, {"screenshot": out + "/running.png"},
         {"wait": "sweep"}, {"wait": "idle"}, frames(5), {"facts": out + "/toast.json"}, act("messages.dismiss"), act("select.best"), act("roofline.fit"), frames(5),
         {"facts": out + "/ended.json"}, {"screenshot": out + "/dark.png"}, act("view.theme", "light"), frames(5), {"screenshot": out + "/light.png"},
         act("view.theme", "dark"), act("roofline.level", "DRAM bytes"), act("roofline.fit_points"), act("panel.show", "details"), act("panel.show", "convergence"), frames(10), {"wait": "idle"}, frames(5),
         {"screenshot": out + "/dram.png"}, act("export.json", out + "/best.json"), act("export.t4", out + "/run.t4.json"), act("export.roofline", out + "/roofline.svg"), {"wait": "idle"}, {"quit": True}]
json.dump(steps, sys.stdout)
E2

display=()
[ -n "${DISPLAY:-}" ] || display=(xvfb-run -a -s "-screen 0 1920x1080x24")
"${display[@]}" "$bin/fuseline-gui" --db "$state/runs.db" --settings none --width 1920 --height 1080 --script "$state/script.json"

python3 - "$out" <<'E2'
import json, struct, sys
out = sys.argv[1]
load = lambda name: json.load(open(f"{out}/{name}"))
running, toast, ended, best = load("running.json"), load("toast.json"), load("ended.json"), load("best.json")
failed = []
def check(what, holds, shown=""):
    print(("ok      " if holds else "FAILED  ") + what + (f": {shown}" if shown != "" else ""))
    if not holds:
        failed.append(what)
check("the sweep ran on a GPU", ended["device"]["backend"] == "cuda" and not ended["replayed"], ended["device"]["name"])
check("it was watched while it ran", running["sweep"] == "Running" and 100 <= running["rows"] < ended["rows"], f"{running['rows']} of {ended['rows']} configurations")
check("it ended", ended["sweep"] == "Finished", "; ".join(f"{count} {name}" for name, count in ended["outcomes"].items()))
ok = ended["outcomes"].get("ok", 0)
check("counters were read for every configuration that worked", ended["rows_with_counters"] >= ok > 0, f"{ended['rows_with_counters']} of {ok}")
check("the gauges show them", "counters" in ended["boxes"] and len(ended.get("gauges", {})) >= 3, ended.get("gauges"))
check("points are on the roofline", len(ended["marks"]) > 20, len(ended["marks"]))
check("the best is selected", ended["selected"] == [ended["best"]], best["best"]["variant"])
check("a toast says what came of it", any(t["severity"] == "success" for t in toast["toasts"]), [t["text"] for t in toast["toasts"]])
check("no error was reported", not any(t["severity"] == "error" for t in toast["toasts"]))
for name in ("running", "dark", "light", "dram"):
    header = open(f"{out}/{name}.png", "rb").read(24)
    check(f"{name}.png is 1920x1080", struct.unpack(">II", header[16:24]) == (1920, 1080))
print(f"best {best['best']['time_ms']['median']:.4f} ms, {100 * best['best']['bandwidth']['of_copy']:.1f} % of copy; pictures in {out}")
sys.exit(1 if failed else 0)
E2
