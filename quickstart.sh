#!/usr/bin/env bash
# Installs what is needed, builds, and tunes layernorm_gelu_scale on the best device there is: a GPU here, else a
# recording of one. Leaves best.json and roofline.svg in this folder. --no-install: installs no packages. Other arguments
# go to `fuseline sweep` (for example --dtype bf16).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

install=()
sweep=()
for argument in "$@"; do
  if [ "$argument" = --no-install ]; then install=(--no-install); else sweep+=("$argument"); fi
done
cmake/install_packages.sh "${install[@]}"
if [ ! -f build/release/build.ninja ]; then
  cmake --preset release -DFUSELINE_TESTS=OFF >build-configure.log 2>&1 || { cat build-configure.log >&2; exit 1; }
  rm -f build-configure.log
fi
echo "Building (the first time takes a few minutes) ..." >&2
cmake --build --preset release -- --quiet

fuseline=build/release/bin/fuseline
"$fuseline" sweep layernorm_gelu_scale --json best.json "${sweep[@]}"
"$fuseline" plot --kind roofline -o roofline.svg
echo "Wrote best.json and roofline.svg" >&2
