#!/bin/sh
# Runs everything that needs a GPU, from an installed or copied tree, with no build tools.
#   <prefix>/libexec/fuseline/run.sh [PREFIX]
# PREFIX is found beside this script where it is left out. Needs an NVIDIA driver and NVRTC with its headers (CUDA_HOME).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-}
if [ -z "$prefix" ]; then
  if [ -x "$here/../../bin/fuseline-worker" ]; then prefix=$(cd "$here/../.." && pwd); else
    # Run from the sources: the release build.
    prefix=$(cd "$here/../../build/release" && pwd)
  fi
fi
fuseline=$prefix/bin/fuseline
worker=$prefix/bin/fuseline-worker
tests=$here/fuseline-gpu-tests
[ -x "$tests" ] || tests=$prefix/libexec/fuseline/fuseline-gpu-tests
[ -x "$tests" ] || tests=$prefix/bin/fuseline-gpu-tests
for program in "$fuseline" "$worker" "$tests"; do
  [ -x "$program" ] || { echo "run.sh: $program is missing" >&2; exit 2; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache" FUSELINE_WORKER="$worker"
failures=0
step() {
  echo "== $1"
  shift
  if "$@"; then echo "-- passed"; else
    echo "-- FAILED: $*" >&2
    failures=$((failures + 1))
  fi
}
# A command that must fail, and not by a signal.
refused() {
  status=0
  "$@" || status=$?
  [ "$status" -ge 2 ] && [ "$status" -lt 126 ]
}
# Needs CuPy, and says so (77) where there is none.
same_bits() {
  command -v python3 >/dev/null || { echo "no python3 here: left out"; return 0; }
  status=0
  python3 "$here/same_bits.py" "$@" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}
# Recordings of the three problems of KernelBench with their backward, for the packages below.
package_sweeps() {
  for problem in layernorm_gelu_scale layernorm_gelu_scale_backward softmax_bias_scale_sigmoid softmax_bias_scale_sigmoid_backward \
    sum_layernorm_avgpool_gelu; do
    for dtype in f32 f16 bf16; do
      "$fuseline" sweep "$problem" --dtype "$dtype" --budget 110 --device cuda:0 --quiet --record "$work/package-$problem-$dtype.t4.json" || return 1
    done
  done
}
# Needs PyTorch, and says so (77) where there is none.
torch_package() {
  command -v python3 >/dev/null || { echo "no python3 here: left out"; return 0; }
  "$fuseline" export "$work"/package-*.t4.json --format torch -o "$work/fused_ops" || return 1
  status=0
  python3 "$here/torch_package.py" "$work/fused_ops" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}
# Needs a compiler of C++, and says so (77) where there is none.
cpp_package() {
  "$fuseline" export "$work"/package-*.t4.json --format cpp -o "$work/fused_kernels" || return 1
  status=0
  "$here/cpp_package.sh" "$work/fused_kernels" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}
# Needs PyTorch, and says so (77) where there is none.
twelve_kernels() {
  command -v python3 >/dev/null || { echo "no python3 here: left out"; return 0; }
  status=0
  python3 "$here/twelve_kernels.py" "$prefix" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}
three_commands() {
  command -v python3 >/dev/null || { echo "no python3 here: left out"; return 0; }
  status=0
  "$here/three_commands.sh" "$prefix" || status=$?
  [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
}
# Needs the window and an X server, and says so where there is none.
window() {
  if [ ! -x "$prefix/bin/fuseline-gui" ] || ! command -v Xvfb >/dev/null || ! command -v python3 >/dev/null; then
    echo "no fuseline-gui, no Xvfb or no python3 here: left out"
    return 0
  fi
  python3 "$here/window.py" "$prefix" "$work/window"
}
contains() { grep -q "$2" "$1" || { echo "no $2 in $1" >&2; return 1; }; }

step "devices seen" "$worker" --list
step "worker tests" "$tests" ${GTEST_FILTER:+--gtest_filter="$GTEST_FILTER"}
step "devices with ceilings" "$fuseline" devices
for problem in layernorm_gelu_scale sum_layernorm_avgpool_gelu softmax_bias_scale_sigmoid layernorm_gelu_scale_backward \
  softmax_bias_scale_sigmoid_backward layernorm_gelu_scale_strided sum_layernorm rmsnorm_residual swiglu bias_gelu groupnorm_silu \
  layernorm_gelu_scale_channels_last sum_layernorm_avgpool_gelu_channels_last softmax_bias_scale_sigmoid_channels_last \
  layernorm_gelu_scale_channels_last_backward softmax_bias_scale_sigmoid_channels_last_backward; do
  for dtype in f32 f16 bf16; do
    step "live sweep of $problem in $dtype" "$fuseline" sweep "$problem" --shape small --dtype "$dtype" --device cuda:0 --quiet --json "$work/$problem-$dtype.json"
    step "its result is a live one" contains "$work/$problem-$dtype.json" '"cuda"'
  done
done
files=$here/file_problem
[ -d "$files" ] || files=$here/../data/file_problem
for dtype in f32 bf16; do
  step "live sweep of a problem from files in $dtype" "$fuseline" --preset-path "$files" sweep twice --dtype "$dtype" --device cuda:0 --quiet --json "$work/twice-$dtype.json"
done
step "a second sweep of the same space" "$fuseline" sweep layernorm_gelu_scale --shape small --dtype f32 --device cuda:0 --quiet --json "$work/second.json"
# Launches of a few microseconds differ from sweep to sweep; what is looked for is a number ten times off.
step "both sweeps agree" "$fuseline" compare "$work/layernorm_gelu_scale-f32.json" "$work/second.json" --threshold 50%
for problem in layernorm_gelu_scale_backward softmax_bias_scale_sigmoid_backward layernorm_gelu_scale_channels_last_backward \
  softmax_bias_scale_sigmoid_channels_last_backward; do
  for dtype in f32 f16 bf16; do
    step "two runs of $problem in $dtype give the same bits" same_bits "$prefix" "$work/$problem-$dtype.json"
  done
done
step "sweeps of five problems for packages" package_sweeps
step "their best as a package for PyTorch" torch_package
step "their best as a package for C++" cpp_package
step "a kernel and a model to a sweep in three commands" three_commands
step "twelve kernels, right and wrong" twelve_kernels
step "a session of the window" window
step "a roofline of it" "$fuseline" plot --kind roofline -o "$work/roofline.svg"
step "an unknown GPU is refused" refused "$fuseline" sweep layernorm_gelu_scale --shape small --device cuda:99 --quiet

if [ "$failures" -gt 0 ]; then
  echo "run.sh: $failures steps failed" >&2
  exit 1
fi
echo "run.sh: all passed"
