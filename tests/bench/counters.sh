#!/bin/sh
# What hardware counters cost in a sweep on a GPU, and whether they disturb its times.
#   counters.sh [PREFIX [PROBLEM [DTYPE]]]    PREFIX: an install tree (default: the tree this script was installed with, or build/release)
# Prints, for the fast set (read for every configuration) and the full one (read for the best at the end): configurations, passes, ms a configuration read and ms a
# configuration of the sweep, both beyond the kernel's own passes; wall time with and without counters; and the medians of the ten best configurations with
# counters against without. Exit 1 where a bound is broken: fast 4 ms and full 10 ms a configuration read, medians 1 %.
# Needs python3.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-}
if [ -z "$prefix" ]; then
  if [ -x "$here/../../bin/fuseline" ]; then prefix=$here/../..; else prefix=$here/../../build/release; fi
fi
fuseline=$prefix/bin/fuseline
[ -x "$fuseline" ] || { echo "counters.sh: $fuseline is missing" >&2; exit 2; }
problem=${2:-layernorm_gelu_scale}
dtype=${3:-f32}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache"
common="sweep $problem --dtype $dtype --device cuda:0 --db :memory: --quiet"

# The first sweep fills the cubin cache, so that the others differ in the counters alone.
"$fuseline" $common
for round in 1 2 3; do
  "$fuseline" $common --counters none --json "$out/none$round.json" --record "$out/none$round.t4.json"
  "$fuseline" $common --counters all --json "$out/all$round.json" --record "$out/all$round.t4.json"
done
python3 - "$out" <<'PYTHON'
import json, statistics, sys
out = sys.argv[1]
load = lambda name: json.load(open(f"{out}/{name}.json"))
bad = False
runs = {mode: [load(f"{mode}{i}") for i in (1, 2, 3)] for mode in ("none", "all")}
wall = {mode: statistics.median(run["search"]["seconds"] for run in found) for mode, found in runs.items()}
evaluated = runs["all"][0]["search"]["evaluated"]
print(f"wall time, median of 3: {wall['none']:.2f} s without, {wall['all']:.2f} s with counters; {1000 * (wall['all'] - wall['none']) / evaluated:.2f} ms a configuration of {evaluated}")
for name, bound in (("fast", 4.0), ("full", 10.0)):
    costs = [run["search"]["counter_cost"].get(name) for run in runs["all"]]
    if not all(costs):
        print(f"{name}: no counters were read")
        bad = True
        continue
    cost = sorted(costs, key=lambda each: each["overhead_ms"])[1]
    amortised = cost["overhead_ms"] * cost["configurations"] / evaluated
    print(f"{name}: {cost['configurations']} configurations read, {cost['passes']} passes, {cost['overhead_ms']:.2f} ms each beyond the kernel's passes (bound {bound:g}); "
          f"{amortised:.2f} ms a configuration of the sweep")
    bad |= cost["overhead_ms"] > bound

def medians(name):
    found = {}
    for result in load(name + ".t4")["results"]:
        if result["correctness"] == 1 and result["times"]["runtimes"]:
            found[json.dumps(result["configuration"], sort_keys=True)] = statistics.median(result["times"]["runtimes"])
    return found

rounds = {mode: [medians(f"{mode}{i}") for i in (1, 2, 3)] for mode in ("none", "all")}
shared = set.intersection(*(set(found) for each in rounds.values() for found in each))
typical = {mode: {key: statistics.median(found[key] for found in each) for key in shared} for mode, each in rounds.items()}
for key in sorted(shared, key=typical["none"].get)[:10]:
    change = typical["all"][key] / typical["none"][key] - 1
    spread = max(found[key] for found in rounds["none"]) / min(found[key] for found in rounds["none"]) - 1
    print(f"{typical['none'][key]:.4f} ms without, {typical['all'][key]:.4f} ms with: {100 * change:+.2f} % (three sweeps without spread over {100 * spread:.2f} %)")
    bad |= abs(change) >= 0.01
sys.exit(bad)
PYTHON
