#!/usr/bin/env bash
# Whether every source is laid out as .clang-format says, and prose as tests/prose.py does; `tests/format.sh -i` lays them out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "${1:-}" = -i ]; then mode=(-i); else mode=(--dry-run -Werror); fi
git ls-files -z '*.cpp' '*.hpp' '*.cc' '*.cu' '*.cuh' | xargs -0 clang-format-14 "${mode[@]}"
tests/prose.py "${@:1:1}"
