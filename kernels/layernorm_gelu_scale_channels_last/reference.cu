// layernorm_gelu_scale_channels_last in fp64, one thread a channel of a plane: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double gelu_exact(double y) { return 0.5 * y * (1.0 + erf(y * 0.70710678118654752440)); }

}  // namespace

extern "C" __global__ void reference(const T* x, const T* gamma, const T* beta, double* out) {
  const long long row = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (row >= DIM_rows) return;
  const long long start = row / DIM_C * DIM_W * DIM_C + row % DIM_C;
  double sum = 0.0;
  for (int w = 0; w < DIM_W; ++w) sum += static_cast<double>(to_float(x[start + static_cast<long long>(w) * DIM_C]));
  const double mean = sum / DIM_W;
  double squares = 0.0;
  for (int w = 0; w < DIM_W; ++w) {
    const double centred = static_cast<double>(to_float(x[start + static_cast<long long>(w) * DIM_C])) - mean;
    squares += centred * centred;
  }
  const double inverse_deviation = 1.0 / sqrt(squares / DIM_W + SCALAR_eps);
  for (int w = 0; w < DIM_W; ++w) {
    const long long at = start + static_cast<long long>(w) * DIM_C;
    const double normal = (static_cast<double>(to_float(x[at])) - mean) * inverse_deviation;
    const double y = normal * static_cast<double>(to_float(gamma[w])) + static_cast<double>(to_float(beta[w]));
    out[at] = gelu_exact(y) * SCALAR_scale;
  }
}
