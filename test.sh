#!/usr/bin/env bash
# Installs what is needed, builds with warnings as errors, and runs every test, with the lines of tuner/ that they reach counted; then the same under the address and
# undefined-behaviour sanitizers, the threaded parts under the thread sanitizer, and every fuzzer for FUZZ_SECONDS (60). Needs no GPU. `./test.sh quick` runs the first part alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cmake/install_packages.sh tests

started=$SECONDS
part() { echo "== $1 ($(((SECONDS - started) / 60)) min)" >&2; }
build_and_test() {  # preset, targets (all: everything), further ctest arguments
  local preset=$1 targets=$2
  shift 2
  part "$preset"
  cmake --preset "$preset" >/dev/null
  # Unquoted: several targets are several words.
  cmake --build --preset "$preset" --target $targets
  ctest --preset "$preset" "$@"
}

# The kernels run on the CPU here, under sanitizers of their own (tests/host_cuda).
build_and_test ci all
tests/coverage.sh build/ci
[ "${1:-}" = quick ] && exit 0
# What NVRTC makes of the kernels does not depend on our sanitizers, and takes minutes. CUPTI's host side opens a library of its own in a way that the sanitizers refuse
# (RTLD_DEEPBIND); the stand-in for it is tested. Windows are drawn by Mesa, whose own leaks are none of ours.
# Random kills pass there alone (20 of them, 145 s), but leave too little of the time allowed to the sweep at the end beside another test.
build_and_test asan all --exclude-regex 'CompileAll|BestRecorded|MetricHost|MetricSets|CounterListing|Kills' --label-exclude gui_scripted
build_and_test tsan "tuner_session_tests tuner_worker_tests tuner_store_tests scripted_worker sweeping_coordinator" \
  --label-regex '^tuner_(session|worker|store)$'

part fuzz
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
tests/fuzz/run.sh "${FUZZ_SECONDS:-60}"
