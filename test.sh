#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'TEXT'
Usage: ./test.sh [quick] [--no-install]

  quick          the layout of sources and prose; then builds with warnings as errors, and runs the tests of the
                 library, the desktop tool and the command line: two to three minutes once it is built
  (nothing)      everything that needs no GPU: the same with every test and the lines of tuner/ counted; the window
                 with a newer Dear ImGui, where its source can be had; every file compiled alone; clang-tidy;
                 the tests under the address and undefined-behaviour sanitizers; every fuzzer for FUZZ_SECONDS
                 (15); the tests under the thread sanitizer
  --no-install   installs no packages; else those that are missing are named and installed first

Exit codes: 0 all is well; 2 a wrong argument; any other: a part failed, and the parts after it were not run.
TEXT
}

quick=false
install=()
for argument in "$@"; do
  case $argument in
    quick) quick=true ;;
    --no-install) install=(--no-install) ;;
    -h | --help)
      usage
      exit 0 ;;
    *)
      echo "test.sh: unknown argument '$argument'; see ./test.sh --help" >&2
      exit 2 ;;
  esac
done

cmake/install_packages.sh tests "${install[@]}"

started=$SECONDS
part() { echo "== $1 ($(((SECONDS - started) / 60)) min)" >&2; }
build() {  # preset, labels of tests that are not built (a regular expression)
  part "build $1"
  cmake --preset "$1" >/dev/null
  local targets=()
  if [ $# -gt 1 ]; then
    mapfile -t targets < <(ninja -C "build/$1" -t query tests/all | sed -n '/input:/,/outputs:/s/^    //p' |
      grep -vE "^bin/($2)_tests\$")
    targets=(--target app/cli/all app/gui/all profiler/all "${targets[@]}")
  fi
  cmake --build --preset "$1" "${targets[@]}"
}
run_tests() {  # test preset, further ctest arguments
  local preset=$1
  shift
  part "test $preset"
  # Tests that pass are not listed, so that a log cut in its middle still has what failed.
  ctest --preset "$preset" "$@" |
    grep -vE '^ +Start +[0-9]+: |^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed +[0-9.]+ sec$'
}

part format
tests/format.sh
build ci
if $quick; then
  run_tests quick
  exit 0
fi
# The kernels run on the CPU here, under sanitizers of their own (tests/host_cuda).
tests/coverage.sh build/ci clear
run_tests ci
tests/coverage.sh build/ci
part "newer ImGui"
# Open with it: Shift and Ctrl with the arrow keys in the table.
tests/newer_imgui.sh build/ci '-KeyboardTest.TwoRowsAreSelectedAndComparedWithoutAMouse'
part alone
tests/alone.py
part tidy
tests/tidy.py
# What NVRTC makes of the kernels does not depend on our sanitizers, and takes minutes. CUPTI's host side opens a library of
# its own in a way that the sanitizers refuse (RTLD_DEEPBIND), and keeps what it read lines of source from; the stand-in for it
# is tested.
# A recording of 100,000 configurations, all recordings one by one, dozens of searches, every space there is, or a model fitted on thousands, take a
# sanitizer minutes and show it nothing that small ones do not.
not_ours='CompileAll|BestRecorded|MetricHost|SourceLines|MetricSets|CounterListing|LargeRecordings|StoppingEarlyRecorded|ProjectionErrors'
not_ours+='|BeatsRandomSearchInTheMean|ProposesValidDistinctConfigurationsOfALargerSpace|GoesOnWhenMostFail/(auto|surrogate)'
not_ours+='|RepeatsItselfForTheSameSeed/(auto|surrogate)|ExpectsLessAndLessImprovement|AJobOfTenThousand|SamplesAreBounded'
not_ours+='|EverySpaceIsThereAndResolves|CheckCompiles|Check.BuiltInProblems|OneReading.*_(f16|bf16)_'
not_ours+='|PlantedFaults.TheOthersCompile|FollowingTheFirstPieceOfRecordedOnes|LosesNoFinalistOfTheRecordings'
# Real keys and a real mouse through every menu, dialog and panel: minutes each, of code that the scripts walk through too.
not_ours+='|KeyboardTest|EventsTest|JobsTest|own_kernel'
# Packages as they are exported are built by sanitizers of their own, as the kernels' CPU tests are, and so once is enough;
# what a sanitized build could load of them in Python needs its sanitizer's runtime.
own_sanitizers='exported'
build asan
run_tests asan --exclude-regex "$not_ours" --label-exclude "^$own_sanitizers\$"
part fuzz
cmake --build --preset asan --target fuzz_targets
BUILD=build/asan tests/fuzz/run.sh "${FUZZ_SECONDS:-15}"
# Neither these rooms nor their tests start a thread or take a lock.
no_threads='tuner_(problem|search|stats|device|run|counters|formats|report|package|page|check)|floors|package'
# So only the others are built; ctest calls a program that is not there NAME_NOT_BUILT.
build tsan "$no_threads"
run_tests tsan --exclude-regex "$not_ours|_NOT_BUILT" --label-exclude "^($no_threads|$own_sanitizers)\$"
