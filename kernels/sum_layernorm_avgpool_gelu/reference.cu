// sum_layernorm_avgpool_gelu in fp64, one warp an output row: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

__device__ double gelu_exact(double y) { return 0.5 * y * (1.0 + erf(y * 0.70710678118654752440)); }

__device__ double summed(const T* row, int w) { return static_cast<double>(to_float(row[w])) + SCALAR_sum_weight; }

}  // namespace

extern "C" __global__ void reference(const T* x, const T* gamma, const T* beta, double* out) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const long long pooled = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32;
  if (pooled >= DIM_pooled_rows) return;  // The whole warp leaves together.
  const long long h = pooled % DIM_pooled_H;
  const long long d = pooled / DIM_pooled_H % DIM_pooled_D;
  const long long volume = pooled / DIM_pooled_H / DIM_pooled_D;
  const T* rows[4];
  double mean[4];
  double inverse_deviation[4];
  for (int r = 0; r < 4; ++r) {
    rows[r] = x + ((volume * DIM_D + 2 * d + r / 2) * DIM_H + 2 * h + r % 2) * DIM_W;
    double sum = 0.0;
    for (int w = lane; w < DIM_W; w += 32) sum += summed(rows[r], w);
    mean[r] = warp_sum(sum) / DIM_W;
    double squares = 0.0;
    for (int w = lane; w < DIM_W; w += 32) {
      const double centred = summed(rows[r], w) - mean[r];
      squares += centred * centred;
    }
    inverse_deviation[r] = 1.0 / sqrt(warp_sum(squares) / DIM_W + SCALAR_eps);
  }
  for (int p = lane; p < DIM_pooled_W; p += 32) {
    double total = 0.0;
    for (int r = 0; r < 4; ++r) {
      for (int w = 2 * p; w < 2 * p + 2; ++w) {
        const double normal = (summed(rows[r], w) - mean[r]) * inverse_deviation[r];
        total += normal * static_cast<double>(to_float(gamma[w])) + static_cast<double>(to_float(beta[w]));
      }
    }
    out[pooled * DIM_pooled_W + p] = gelu_exact(total / 8.0);
  }
}
