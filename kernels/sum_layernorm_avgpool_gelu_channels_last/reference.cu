// sum_layernorm_avgpool_gelu_channels_last in fp64, one thread a channel of an output plane: what every variant is
// compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double gelu_exact(double y) { return 0.5 * y * (1.0 + erf(y * 0.70710678118654752440)); }

__device__ double summed(const T* row, int w) {
  return static_cast<double>(to_float(row[static_cast<long long>(w) * DIM_C])) + SCALAR_sum_weight;
}

}  // namespace

extern "C" __global__ void reference(const T* x, const T* gamma, const T* beta, double* out) {
  const long long own = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (own >= DIM_pooled_rows) return;
  const long long c = own % DIM_C;
  const long long plane = own / DIM_C;
  const long long h = plane % DIM_pooled_H;
  const long long d = plane / DIM_pooled_H % DIM_pooled_D;
  const long long image = plane / DIM_pooled_H / DIM_pooled_D;
  const T* rows[4];
  double mean[4];
  double inverse_deviation[4];
  for (int r = 0; r < 4; ++r) {
    rows[r] = x + ((image * DIM_D + 2 * d + r / 2) * DIM_H + 2 * h + r % 2) * DIM_W * DIM_C + c;
    double sum = 0.0;
    for (int w = 0; w < DIM_W; ++w) sum += summed(rows[r], w);
    mean[r] = sum / DIM_W;
    double squares = 0.0;
    for (int w = 0; w < DIM_W; ++w) {
      const double centred = summed(rows[r], w) - mean[r];
      squares += centred * centred;
    }
    inverse_deviation[r] = 1.0 / sqrt(squares / DIM_W + SCALAR_eps);
  }
  for (int p = 0; p < DIM_pooled_W; ++p) {
    double total = 0.0;
    for (int r = 0; r < 4; ++r) {
      for (int w = 2 * p; w < 2 * p + 2; ++w) {
        const double normal = (summed(rows[r], w) - mean[r]) * inverse_deviation[r];
        total += normal * static_cast<double>(to_float(gamma[w])) + static_cast<double>(to_float(beta[w]));
      }
    }
    out[(plane * DIM_pooled_W + p) * DIM_C + c] = gelu_exact(total / 8.0);
  }
}
