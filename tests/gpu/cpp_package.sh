#!/bin/sh
# What a package of `fuseline export --format cpp` promises, shown on a GPU: its example runs every operation at the
# shapes that were tuned, and each takes what it took in the sweep, within 1 %.
#   cpp_package.sh FOLDER [EXAMPLE]
# EXAMPLE is the folder's example, built before, such as on a machine without CUDA; without it g++ builds it here.
# Ends with 1 where something is wrong, with 77 where there is no GPU or nothing to build it with.
set -eu

folder=${1:?usage: cpp_package.sh FOLDER [EXAMPLE]}
example=${2:-}
if [ -z "$example" ]; then
  command -v "${CXX:-g++}" >/dev/null || { echo "no ${CXX:-g++} here"; exit 77; }
  built=$(mktemp -d)
  trap 'rm -rf "$built"' EXIT
  # On a machine that has no toolkit either: nothing of CUDA's is named.
  "${CXX:-g++}" -std=c++17 -O2 -Wall -Wextra -Wconversion -Wshadow -Werror -I"$folder" "$folder"/src/*.cpp "$folder/example.cpp" \
    -o "$built/example" -ldl -pthread || exit 1
  example=$built/example
fi
status=0
"$example" 1 || status=$?
exit "$status"
