// groupnorm_silu in fp64, one warp a group: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

__device__ double wide(T value) { return static_cast<double>(to_float(value)); }
__device__ double biased_silu(T value, T bias) { return wide(value) / (1.0 + exp(-wide(value))) + wide(bias); }

}  // namespace

extern "C" __global__ void reference(const T* x, const T* bias, const T* gamma, const T* beta, double* out) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const long long group = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32;
  if (group >= static_cast<long long>(DIM_rows) * DIM_G) return;  // The whole warp leaves together.
  const T* in = x + group * DIM_D;
  const int first = static_cast<int>(group % DIM_G) * DIM_D;
  double sum = 0.0;
  for (int d = lane; d < DIM_D; d += 32) sum += biased_silu(in[d], bias[first + d]);
  const double mean = warp_sum(sum) / DIM_D;
  double squares = 0.0;
  for (int d = lane; d < DIM_D; d += 32) {
    const double centred = biased_silu(in[d], bias[first + d]) - mean;
    squares += centred * centred;
  }
  const double inverse_deviation = 1.0 / sqrt(warp_sum(squares) / DIM_D + SCALAR_eps);
  for (int d = lane; d < DIM_D; d += 32) {
    const double normal = (biased_silu(in[d], bias[first + d]) - mean) * inverse_deviation;
    out[group * DIM_D + d] = normal * wide(gamma[first + d]) + wide(beta[first + d]);
  }
}
