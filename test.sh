#!/usr/bin/env bash
# Installs what is needed, builds with warnings as errors, and runs every test, with the lines of tuner/ that they reach counted; then clang-tidy, the same under the address and
# undefined-behaviour sanitizers, every fuzzer for FUZZ_SECONDS (60), and the same under the thread sanitizer. Needs no GPU. `./test.sh quick` runs the first part alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cmake/install_packages.sh tests

started=$SECONDS
part() { echo "== $1 ($(((SECONDS - started) / 60)) min)" >&2; }
build_and_test() {  # preset, further ctest arguments
  local preset=$1
  shift
  part "build $preset"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset"
  part "test $preset"
  [ "$preset" != ci ] || tests/coverage.sh build/ci clear
  # Tests that pass are not listed, so that a log cut in its middle still has what failed.
  ctest --preset "$preset" "$@" | grep -vE '^ +Start +[0-9]+: |^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed +[0-9.]+ sec$'
}

# The kernels run on the CPU here, under sanitizers of their own (tests/host_cuda).
part format
tests/format.sh
build_and_test ci
tests/coverage.sh build/ci
[ "${1:-}" = quick ] && exit 0
part tidy
tests/tidy.py
# What NVRTC makes of the kernels does not depend on our sanitizers, and takes minutes. CUPTI's host side opens a library of its own in a way that the sanitizers refuse
# (RTLD_DEEPBIND); the stand-in for it is tested.
not_ours='CompileAll|BestRecorded|MetricHost|MetricSets|CounterListing'
build_and_test asan --exclude-regex "$not_ours"
part fuzz
cmake --build --preset asan --target fuzz_targets
BUILD=build/asan tests/fuzz/run.sh "${FUZZ_SECONDS:-60}"
build_and_test tsan --exclude-regex "$not_ours"
