// layernorm_gelu_scale_channels_last_backward in fp64, one thread a channel of a plane: what every variant is compared
// with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double wide(T value) { return static_cast<double>(to_float(value)); }

__device__ double gelu_derivative(double y) {
  return 0.5 * (1.0 + erf(y * 0.70710678118654752440)) + y * exp(-0.5 * y * y) * 0.39894228040143267794;
}

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

}  // namespace

// Sums of dgamma and dbeta meet by atomic additions, whose order matters little in fp64.
extern "C" __global__ void reference(const T* x, const T* dz, const T* gamma, const T* beta, double* dx, double* dgamma,
                                     double* dbeta) {
  const long long row = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const bool inside = row < DIM_rows;
  const long long own = inside ? row : 0;
  const long long start = own / DIM_C * DIM_W * DIM_C + own % DIM_C;
  double sum = 0.0;
  for (int w = 0; w < DIM_W; ++w) sum += wide(x[start + static_cast<long long>(w) * DIM_C]);
  const double mean = sum / DIM_W;
  double squares = 0.0;
  for (int w = 0; w < DIM_W; ++w) {
    const double centred = wide(x[start + static_cast<long long>(w) * DIM_C]) - mean;
    squares += centred * centred;
  }
  const double inverse_deviation = 1.0 / sqrt(squares / DIM_W + SCALAR_eps);
  double mean_q = 0.0, mean_qn = 0.0;
  for (int w = 0; w < DIM_W; ++w) {
    const long long at = start + static_cast<long long>(w) * DIM_C;
    const double normal = (wide(x[at]) - mean) * inverse_deviation;
    const double g = SCALAR_scale * wide(dz[at]) * gelu_derivative(normal * wide(gamma[w]) + wide(beta[w]));
    mean_q += g * wide(gamma[w]) / DIM_W;
    mean_qn += g * wide(gamma[w]) * normal / DIM_W;
    const double of_gamma = warp_sum(inside ? g * normal : 0.0);
    const double of_beta = warp_sum(inside ? g : 0.0);
    if (threadIdx.x % 32 == 0) {
      atomicAdd(dgamma + w, of_gamma);
      atomicAdd(dbeta + w, of_beta);
    }
  }
  if (!inside) return;
  for (int w = 0; w < DIM_W; ++w) {
    const long long at = start + static_cast<long long>(w) * DIM_C;
    const double normal = (wide(x[at]) - mean) * inverse_deviation;
    const double q =
        SCALAR_scale * wide(dz[at]) * gelu_derivative(normal * wide(gamma[w]) + wide(beta[w])) * wide(gamma[w]);
    dx[at] = inverse_deviation * (q - mean_q - normal * mean_qn);
  }
}

extern "C" __global__ void reference_clear(double* dgamma, double* dbeta) {
  const int w = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (w < DIM_W) dgamma[w] = dbeta[w] = 0.0;
}
