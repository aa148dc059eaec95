#!/bin/sh
# What the coordinator costs with many workers: scripted ones, each with a delay such that all of them together have about 1,000 outcomes a second. Prints outcomes a second, the coordinator's share of one core, and its time an outcome. Needs no GPU.
#   scale.sh [PREFIX] [WORKERS...]    PREFIX: a build or install tree with bin/fuseline and bin/scripted_worker (default: build/release); WORKERS: default 8 64
# Exit 1 where the coordinator takes over 20 % of a core at 1,000 outcomes a second (its time an outcome is over 200 us).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "${1:-$here/../../build/release}" && pwd)
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 8 64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache"
mkdir -p "$work/kernels/scale"
numbers() { seq -s, 1 "$1"; }
cat >"$work/kernels/scale/problem.json" <<'JSON'
{"schema": "fuseline/problem/1", "name": "scale", "title": "Scale", "formula": "out = x", "description": "d", "source": "tests",
 "dims": [{"name": "N", "description": "elements", "min": 1, "max": 4096}],
 "shapes": [{"name": "small", "description": "s", "dims": {"N": 1024}}], "dtypes": ["f32"], "scalars": {},
 "tensors": [{"name": "x", "role": "input", "dtype": "T", "shape": "[N]", "elements": "N"},
             {"name": "out", "role": "output", "dtype": "T", "shape": "[N]", "elements": "N"}],
 "flops": "N", "tolerance": {"f32": {"absolute": 1e-5, "relative": 1e-5}},
 "reference": {"source": "reference.cu", "launches": [{"kernel": "reference", "grid": ["1"], "block": ["128"], "args": ["x", "out"]}]}}
JSON
cat >"$work/kernels/scale/plain.json" <<JSON
{"schema": "fuseline/variant/1", "name": "plain", "description": "d", "source": "plain.cu",
 "parameters": [{"name": "tile", "description": "t", "values": [$(numbers 100)]}, {"name": "depth", "description": "d", "values": [$(numbers 100)]}],
 "launches": [{"kernel": "plain", "grid": ["1"], "block": ["32"], "args": ["x", "out"]}]}
JSON
echo "// reference" >"$work/kernels/scale/reference.cu"
echo "// plain" >"$work/kernels/scale/plain.cu"

hertz=$(getconf CLK_TCK)
status=0
echo "workers  outcomes a second  share of one core  us an outcome"
for workers in "$@"; do
  # Each takes as many milliseconds as there are workers.
  printf '{"log": "/dev/null", "noise": 0, "delay_ms": %s}\n' "$workers" >"$work/script.json"
  set --
  for _ in $(seq "$workers"); do set -- "$@" --worker "$prefix/bin/scripted_worker $work/script.json"; done
  "$prefix/bin/fuseline" --preset-path "$work/kernels" sweep scale --strategy exhaustive --target "" --draws 1 --trace "$work/trace" \
    --db "$work/$workers.db" "$@" >"$work/out" 2>&1 &
  pid=$!
  until [ -s "$work/trace" ]; do sleep 0.05; done
  before=$(cut -d' ' -f14,15 "/proc/$pid/stat")
  lines=$(wc -l <"$work/trace")
  began=$(date +%s%N)
  sleep 5
  after=$(cut -d' ' -f14,15 "/proc/$pid/stat")
  ended=$(date +%s%N)
  done=$(wc -l <"$work/trace")
  kill "$pid" && wait "$pid" || true
  awk -v workers="$workers" -v before="$before" -v after="$after" -v hertz="$hertz" -v seconds="$(((ended - began) / 1000000))" -v outcomes="$((done - lines))" 'BEGIN {
    split(before, b, " "); split(after, a, " "); seconds /= 1000
    cpu = (a[1] + a[2] - b[1] - b[2]) / hertz
    printf "%7d  %17.0f  %15.1f %%  %13.0f\n", workers, outcomes / seconds, 100 * cpu / seconds, 1e6 * cpu / outcomes
    exit 1e6 * cpu / outcomes > 200 }' || status=1
  rm -f "$work/trace"
done
exit $status
