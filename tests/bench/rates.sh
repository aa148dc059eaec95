#!/bin/sh
# Measures on a GPU how quick a sweep is and whether it repeats: rate (compiling, verifying, timing, finals), GPU-busy share, overlap of the ties of two sweeps.
#   rates.sh [PREFIX]    PREFIX: an install tree (default: the tree this script was installed with, or build/release)
# The first two sweeps start with an empty cubin cache; --abandon 0 times every configuration with at least 10 samples, also hopeless ones.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-}
if [ -z "$prefix" ]; then
  if [ -x "$here/../../bin/fuseline" ]; then prefix=$here/../..; else prefix=$here/../../build/release; fi
fi
fuseline=$prefix/bin/fuseline
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME="$work/data"
"$fuseline" devices >"$work/devices" 2>/dev/null  # ceilings are measured once per device, not as part of a sweep
sed -n 1,4p "$work/devices"

# Name, file of the result, further arguments of the sweep.
sweep() {
  name=$1 result=$2
  shift 2
  echo
  echo "$name: fuseline sweep layernorm_gelu_scale --dtype f32 $*"
  "$fuseline" sweep layernorm_gelu_scale --dtype f32 --device cuda:0 --top 3 --json "$result" "$@" 2>/dev/null | sed -n '/configurations a second/p;/^# /p;/^[123]  *[a-z]/p;/finalists/p'
}
export XDG_CACHE_HOME="$work/cache1"
sweep "16-byte accesses, every configuration with 10 samples or more, nothing cached" "$work/a.json" --variant row_group --param vector_bytes=16 --abandon 0
export XDG_CACHE_HOME="$work/cache2"
sweep "the whole staged space, nothing cached" "$work/b.json"
sweep "the same again" "$work/c.json"
echo
"$fuseline" compare "$work/b.json" "$work/c.json"
