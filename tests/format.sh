#!/usr/bin/env bash
# Whether every source is laid out as .clang-format says, prose as tests/prose.py does, and the Python that is shipped
# has lines of at most 120 columns; `tests/format.sh -i` lays out the first two.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "${1:-}" = -i ]; then mode=(-i); else mode=(--dry-run -Werror); fi
git ls-files -z '*.cpp' '*.hpp' '*.cc' '*.cu' '*.cuh' | xargs -0 clang-format-14 "${mode[@]}"
tests/prose.py "${@:1:1}"
if git ls-files -z 'assets/*.py' | xargs -0 grep -nHE '^.{121,}'; then
  echo "tests/format.sh: the lines above have more than 120 columns" >&2
  exit 1
fi
