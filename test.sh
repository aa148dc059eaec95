#!/usr/bin/env bash
# Installs what is needed, builds with warnings as errors, and runs every test; then the same under the address and undefined-behaviour
# sanitizers, and the threaded parts under the thread sanitizer. Needs no GPU. `./test.sh quick` runs the first part alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cmake/install_packages.sh tests

build_and_test() {  # preset, targets (all: everything), further ctest arguments
  local preset=$1 targets=$2
  shift 2
  echo "== $preset" >&2
  cmake --preset "$preset" >/dev/null
  # Unquoted: several targets are several words.
  cmake --build --preset "$preset" --target $targets
  ctest --preset "$preset" "$@"
}

# The kernels run on the CPU here, under sanitizers of their own (tests/host_cuda).
build_and_test dev all
[ "${1:-}" = quick ] && exit 0
# What NVRTC makes of the kernels does not depend on our sanitizers, and takes minutes. CUPTI's host side opens a library of its own in a way that the sanitizers refuse
# (RTLD_DEEPBIND); the stand-in for it is tested. Windows are drawn by Mesa, whose own leaks are none of ours.
build_and_test asan all --exclude-regex 'CompileAll|BestRecorded|MetricHost|MetricSets|CounterListing' --label-exclude gui_scripted
build_and_test tsan "tuner_session_tests tuner_worker_tests tuner_store_tests scripted_worker sweeping_coordinator" \
  --label-regex '^tuner_(session|worker|store)$'
