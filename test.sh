#!/usr/bin/env bash
# Installs what is needed, builds with warnings as errors, and runs every test, with the lines of tuner/ that they reach counted; then the same under the address and
# undefined-behaviour sanitizers and under the thread sanitizer, and every fuzzer for FUZZ_SECONDS (60). Needs no GPU. `./test.sh quick` runs the first part alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cmake/install_packages.sh tests

started=$SECONDS
part() { echo "== $1 ($(((SECONDS - started) / 60)) min)" >&2; }
build_and_test() {  # preset, further ctest arguments
  local preset=$1
  shift
  part "$preset"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset"
  ctest --preset "$preset" "$@"
}

# The kernels run on the CPU here, under sanitizers of their own (tests/host_cuda).
build_and_test ci
tests/coverage.sh build/ci
[ "${1:-}" = quick ] && exit 0
# What NVRTC makes of the kernels does not depend on our sanitizers, and takes minutes. CUPTI's host side opens a library of its own in a way that the sanitizers refuse
# (RTLD_DEEPBIND); the stand-in for it is tested. Windows are drawn by Mesa, whose own leaks are none of ours.
build_and_test asan --exclude-regex 'CompileAll|BestRecorded|MetricHost|MetricSets|CounterListing' --label-exclude gui_scripted
build_and_test tsan --exclude-regex 'CompileAll|BestRecorded|MetricHost|MetricSets|CounterListing' --label-exclude gui_scripted

part fuzz
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
tests/fuzz/run.sh "${FUZZ_SECONDS:-60}"
