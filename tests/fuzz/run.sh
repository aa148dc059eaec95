#!/usr/bin/env bash
# Runs the fuzzers: tests/fuzz/run.sh SECONDS [TARGET...], every target where none is named, two at a time ($JOBS). Build them first:
# cmake --preset fuzz && cmake --build --preset fuzz. Corpora grow below $BUILD/corpus ($BUILD: build/fuzz); an input that fails is kept below
# $BUILD/found, and is to be copied to tests/fuzz/regressions/TARGET/ once it is mended. Exit 1 on any finding.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET...]}
shift
build=${BUILD:-build/fuzz}
programs=$build/bin
corpora=$build/corpus
found=$build/found
logs=$build/logs
mkdir -p "$corpora" "$found" "$logs"
"$programs/fuzz_seeds" "$corpora"
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for source in tests/fuzz/targets/*.cpp; do
    targets+=("$(basename "$source" .cpp)")
  done
fi

# Longer inputs find what shorter ones find, slower: a problem file or a manifest has up to 6 KiB.
run_one() {
  local target=$1 log=$logs/$1.log code=0
  local regressions=()
  [ -d "tests/fuzz/regressions/$target" ] && regressions=("tests/fuzz/regressions/$target")
  "$programs/fuzz_$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 -artifact_prefix="$found/$target-" \
    "$corpora/$target" ${regressions[@]+"${regressions[@]}"} >"$log" 2>&1 || code=$?
  local executions coverage
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d' ' -f2 || true)
  printf '%-14s %10s executions  %6s edges  %5s inputs  %s\n' "$target" "${executions:-?}" "${coverage:-?}" "$(ls "$corpora/$target" | wc -l)" \
    "$([ $code -eq 0 ] && echo ok || echo "FAILED, see $log")"
  if [ $code -ne 0 ]; then
    grep -n -m 5 -E 'ERROR|SUMMARY|broken promise|runtime error|Test unit written' "$log" >&2 || tail -n 5 "$log" >&2
  fi
  return $code
}
export -f run_one
export seconds build programs corpora found logs

printf '%s\n' "${targets[@]}" | xargs -P "${JOBS:-2}" -I{} bash -c 'run_one {}' || { echo "tests/fuzz/run.sh: something was found; inputs are in $found" >&2; exit 1; }
