#!/usr/bin/env bash
# Installs what is needed, builds with warnings as errors, and runs every test; then the same under the address and undefined-behaviour
# sanitizers, and the threaded parts under the thread sanitizer. Needs no GPU. `./test.sh quick` runs the first part alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cmake/install_packages.sh tests

build_and_test() {  # preset, further ctest arguments
  local preset=$1
  shift
  echo "== $preset" >&2
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset"
  ctest --preset "$preset" "$@"
}

build_and_test dev
[ "${1:-}" = quick ] && exit 0
build_and_test asan --label-exclude slow
build_and_test tsan --tests-regex '^(Session|Worker|Store|Process|Framing|Replay|Snapshot)'
