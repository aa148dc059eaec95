#!/bin/sh
# Times and counters of given Triton kernels on the GPU here, for tests/bench/projection.py --seeds.
#   triton_seeds.sh OUT.json seed_NAME.py...
# Each file has one function of its own (not a kernel, not a class) that launches one kernel; NAME is one of
# layernorm_gelu_scale, sum_layernorm and softmax_bias_scale_sigmoid, whose inputs triton_seeds.py makes. Needs Nsight
# Compute (ncu), PyTorch and Triton; reading counters may need administrator rights (docs/notes/counters.md).
set -eu
[ $# -ge 2 ] || { echo "usage: triton_seeds.sh OUT.json seed_NAME.py..." >&2; exit 2; }
for tool in ncu python3; do
  command -v "$tool" >/dev/null || { echo "triton_seeds.sh: there is no $tool here" >&2; exit 2; }
done
here=$(cd "$(dirname "$0")" && pwd)
out=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Read of the last of three launches; caches are flushed before it, as before every launch that we time.
metrics=gpu__time_duration.sum,dram__bytes_read.sum,dram__bytes_write.sum,smsp__inst_executed.sum
metrics=$metrics,sm__inst_executed_pipe_xu.sum,lts__t_bytes.sum,lts__t_sector_hit_rate.pct
metrics=$metrics,l1tex__data_pipe_lsu_wavefronts_mem_shared.avg.pct_of_peak_sustained_elapsed
metrics=$metrics,sm__warps_active.avg.pct_of_peak_sustained_active,smsp__issue_active.avg.pct_of_peak_sustained_active
metrics=$metrics,launch__grid_size,launch__block_size,launch__registers_per_thread
metrics=$metrics,launch__shared_mem_per_block_static,launch__shared_mem_per_block_dynamic
for seed in "$@"; do
  name=$(basename "$seed" .py)
  python3 "$here/triton_seeds.py" --time "$seed" > "$work/$name.time.json"
  ncu --target-processes all --kernel-name regex:kernel --launch-skip 2 --launch-count 1 --cache-control all \
    --clock-control none --print-units base --csv --metrics "$metrics" \
    python3 "$here/triton_seeds.py" --launch "$seed" > "$work/$name.csv"
done
python3 "$here/triton_seeds.py" --gather "$work" > "$out"
