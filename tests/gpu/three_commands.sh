#!/bin/sh
# From a plain kernel (a template with int arguments) and a PyTorch model to a sweep, in three commands and no file edited.
#   three_commands.sh [PREFIX]
# PREFIX is found beside this script where it is left out. Needs a GPU and the Python that FUSELINE_PYTHON (default:
# python3) names with PyTorch; says so (77) where there is none.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-$(cd "$here/../.." && pwd)}
fuseline=$prefix/bin/fuseline
"${FUSELINE_PYTHON:-python3}" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null || {
  echo "three_commands.sh: no PyTorch with a GPU here"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > rms.cu <<'TEXT'
template <int kItems>
__global__ void rmsnorm(const float* x, const float* weight, float* out, int rows, int cols, float eps) {
  __shared__ float part[32];
  const float* in = x + (size_t)blockIdx.x * cols;
  float square = 0;
  for (int i = threadIdx.x * kItems; i < cols; i += blockDim.x * kItems)
    for (int k = 0; k < kItems; ++k) square += in[i + k] * in[i + k];
  for (int lane = 16; lane > 0; lane /= 2) square += __shfl_xor_sync(0xffffffff, square, lane);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = square;
  __syncthreads();
  square = 0;
  for (int warp = 0; warp < blockDim.x / 32; ++warp) square += part[warp];
  const float scale = rsqrtf(square / cols + eps);
  for (int i = threadIdx.x * kItems; i < cols; i += blockDim.x * kItems)
    for (int k = 0; k < kItems; ++k) out[(size_t)blockIdx.x * cols + i + k] = in[i + k] * scale * weight[i + k];
}
TEXT
cat > ref.py <<'TEXT'
import torch


class Model(torch.nn.Module):
    def __init__(self, cols, eps):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(cols))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def get_inputs():
    return [torch.randn(16384, 4096)]


def get_init_inputs():
    return [4096, 1e-6]
TEXT
"$fuseline" new mine --from rms.cu --reference ref.py --param kItems=1,2,4
"$fuseline" check ./mine
"$fuseline" sweep mine --preset-path . --device cuda:0 --counters best --db runs.db --json mine.json
"$fuseline" plot 1 --db runs.db --kind roofline -o mine.svg
"${FUSELINE_PYTHON:-python3}" - <<'TEXT'
import json

result = json.load(open("mine.json"))
assert result["device"]["backend"] == "cuda", result["device"]
assert result["search"]["outcomes"] == {"ok": 12}, result["search"]["outcomes"]
assert result["search"]["draws"] == 3, result["search"]
assert result["problem"]["flops_counted"] is True, result["problem"]
print("three_commands.sh: all 12 configurations are right, the best on 3 draws; its roofline is drawn")
TEXT
