#!/usr/bin/env bash
# Lines of tuner/ that the tests ran, a folder and in all: tests/coverage.sh [BUILD] [LEAST]. BUILD (build/dev) was configured with FUSELINE_COVERAGE=ON,
# and ctest has run in it. Lines of sources are counted (headers of a few lines each are not). Exit 1 where the total is under LEAST percent (90).
# Counts add up over runs: `tests/coverage.sh BUILD clear` forgets them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1:-build/dev}
least=${2:-90}
objects=$build/tuner/CMakeFiles/fuseline_tuner.dir
if [ "$least" = clear ]; then
  find "$objects" -name '*.gcda' -delete
  exit 0
fi
if ! find "$objects" -name '*.gcno' -print -quit 2>/dev/null | grep -q .; then
  echo "coverage.sh: $build was not built with -DFUSELINE_COVERAGE=ON" >&2
  exit 2
fi
# A source that no test's program even linked has no counts; gcov then takes every line for not run.
find "$objects" -name '*.gcno' -print0 | xargs -0 -P "$(nproc)" -n 8 gcov --no-output 2>/dev/null |
  awk -v least="$least" '
    /^File / { file = $0; sub(/^File .?/, "", file); sub(/.$/, "", file); next }
    /^Lines executed:/ && file ~ /(^|\/)tuner\/[a-z_]+\/[a-z0-9_]+\.cpp$/ {
      split($0, part, /[:%]/); lines = $NF
      sub(/^.*tuner\//, "", file)
      folder = file; sub(/\/.*$/, "", folder)
      run[folder] += part[2] * lines / 100; all[folder] += lines
      ran += part[2] * lines / 100; total += lines
      if (part[2] < 75) weak[file] = part[2]
      file = ""
    }
    /^$/ { file = "" }
    END {
      if (total == 0) { print "coverage.sh: nothing was counted" > "/dev/stderr"; exit 2 }
      for (folder in all) printf "%-10s %6d lines  %5.1f %%\n", folder, all[folder], 100 * run[folder] / all[folder] | "sort"
      close("sort")
      for (file in weak) printf "  under 75 %%: %-40s %5.1f %%\n", file, weak[file] | "sort"
      close("sort")
      printf "%-10s %6d lines  %5.1f %%\n", "tuner/", total, 100 * ran / total
      if (100 * ran / total < least) { printf "coverage.sh: under %s %%\n", least > "/dev/stderr"; exit 1 }
    }'
