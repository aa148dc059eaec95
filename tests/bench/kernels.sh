#!/bin/sh
# Measures on a GPU how close the best configuration of every problem comes to the time that a copy of its bytes takes, and PyTorch beside it
# where it is there: a table in Markdown on stdout.
#   kernels.sh [PREFIX] [PROBLEM[:SHAPE]]...
# PREFIX: an install tree (default: the tree this script was installed with, or build/release). Without problems: all of them.
# KERNELS_OUT: a folder that keeps the results (JSON) and, as *.t4.json, recordings. KERNELS_SWEEP: further arguments of every sweep, such as --full.
# TORCH=0 leaves PyTorch out. Ratio: time / floor, floor = compulsory bytes at the copy bandwidth of the same run.
# Ours and PyTorch's times are of the device alone and follow the same predecessor: an untimed run of themselves, then a read of twice the L2's size.
# do_bench.py in this folder times what KERNELS_OUT keeps once more, in Triton's way.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=
if [ $# -gt 0 ] && [ -d "$1" ]; then prefix=$1; shift; fi
if [ -z "$prefix" ]; then
  if [ -x "$here/../../bin/fuseline" ]; then prefix=$here/../..; else prefix=$here/../../build/release; fi
fi
fuseline=$prefix/bin/fuseline
out=${KERNELS_OUT:-}
if [ -z "$out" ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
mkdir -p "$out"
export XDG_DATA_HOME="$out/data"
"$fuseline" devices >"$out/devices" 2>/dev/null || true  # ceilings are measured once per device, not as part of a sweep
[ $# -gt 0 ] || set -- layernorm_gelu_scale sum_layernorm_avgpool_gelu softmax_bias_scale_sigmoid \
  layernorm_gelu_scale_backward softmax_bias_scale_sigmoid_backward \
  layernorm_gelu_scale_channels_last sum_layernorm_avgpool_gelu_channels_last softmax_bias_scale_sigmoid_channels_last \
  layernorm_gelu_scale_channels_last_backward softmax_bias_scale_sigmoid_channels_last_backward \
  rmsnorm_residual rmsnorm_residual:wide swiglu bias_gelu groupnorm_silu

for each in "$@"; do
  problem=${each%%:*}
  shape=${each#"$problem"}
  shape=${shape#:}
  for dtype in f32 f16 bf16; do
    name=$problem.${shape:-default}.$dtype
    # shellcheck disable=SC2086
    "$fuseline" sweep "$problem" ${shape:+--shape "$shape"} --dtype "$dtype" --device cuda:0 --quiet --json "$out/$name.json" \
      --record "$out/$name.t4.json" ${KERNELS_SWEEP:-} >"$out/$name.log" 2>&1 || echo "kernels.sh: the sweep of $name failed: $(tail -n 1 "$out/$name.log")" >&2
  done
done
exec_python() {
  python3 "$here/torch_kernels.py" "$@"
}
if [ "${TORCH:-1}" != 0 ] && python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
  exec_python measure "$out" "$@"
else
  echo "kernels.sh: no PyTorch with a GPU here: its columns stay empty" >&2
fi
exec_python table "$out"
