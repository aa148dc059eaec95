// layernorm_gelu_scale_backward in fp64: dx by a warp a row, then dgamma and dbeta by warps that take many rows each
// and work the normalised rows out again. What every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

__device__ double wide(T value) { return static_cast<double>(to_float(value)); }

__device__ double gelu_derivative(double y) {
  return 0.5 * (1.0 + erf(y * 0.70710678118654752440)) + y * exp(-0.5 * y * y) * 0.39894228040143267794;
}

}  // namespace

extern "C" __global__ void reference_rows(const T* x, const T* dz, const T* gamma, const T* beta, double* dx) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const long long row = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32;
  if (row >= DIM_rows) return;  // The whole warp leaves together.
  const T* in = x + row * DIM_W;
  double sum = 0.0;
  for (int w = lane; w < DIM_W; w += 32) sum += wide(in[w]);
  const double mean = warp_sum(sum) / DIM_W;
  double squares = 0.0;
  for (int w = lane; w < DIM_W; w += 32) squares += (wide(in[w]) - mean) * (wide(in[w]) - mean);
  const double inverse_deviation = 1.0 / sqrt(warp_sum(squares) / DIM_W + SCALAR_eps);
  double total = 0.0, total_normal = 0.0;
  for (int w = lane; w < DIM_W; w += 32) {
    const double normal = (wide(in[w]) - mean) * inverse_deviation;
    const double q = SCALAR_scale * wide(dz[row * DIM_W + w]) *
                     gelu_derivative(normal * wide(gamma[w]) + wide(beta[w])) * wide(gamma[w]);
    total += q;
    total_normal += q * normal;
  }
  const double mean_q = warp_sum(total) / DIM_W;
  const double mean_qn = warp_sum(total_normal) / DIM_W;
  for (int w = lane; w < DIM_W; w += 32) {
    const double normal = (wide(in[w]) - mean) * inverse_deviation;
    const double q = SCALAR_scale * wide(dz[row * DIM_W + w]) *
                     gelu_derivative(normal * wide(gamma[w]) + wide(beta[w])) * wide(gamma[w]);
    dx[row * DIM_W + w] = inverse_deviation * (q - mean_q - normal * mean_qn);
  }
}

// Sums meet by atomic additions, whose order matters little in fp64.
extern "C" __global__ void reference_columns(const T* x, const T* dz, const T* gamma, const T* beta, double* dgamma,
                                             double* dbeta) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const long long warps = static_cast<long long>(gridDim.x) * (blockDim.x / 32);
  constexpr int per_lane = (DIM_W + 31) / 32;
  double gamma_sum[per_lane] = {}, beta_sum[per_lane] = {};
  for (long long row = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32; row < DIM_rows;
       row += warps) {
    const T* in = x + row * DIM_W;
    double sum = 0.0;
    for (int w = lane; w < DIM_W; w += 32) sum += wide(in[w]);
    const double mean = warp_sum(sum) / DIM_W;
    double squares = 0.0;
    for (int w = lane; w < DIM_W; w += 32) squares += (wide(in[w]) - mean) * (wide(in[w]) - mean);
    const double inverse_deviation = 1.0 / sqrt(warp_sum(squares) / DIM_W + SCALAR_eps);
    for (int i = 0; i < per_lane; ++i) {
      const int w = lane + 32 * i;
      if (w >= DIM_W) break;
      const double normal = (wide(in[w]) - mean) * inverse_deviation;
      const double g =
          SCALAR_scale * wide(dz[row * DIM_W + w]) * gelu_derivative(normal * wide(gamma[w]) + wide(beta[w]));
      gamma_sum[i] += g * normal;
      beta_sum[i] += g;
    }
  }
  for (int i = 0; i < per_lane; ++i) {
    const int w = lane + 32 * i;
    if (w >= DIM_W) break;
    atomicAdd(dgamma + w, gamma_sum[i]);
    atomicAdd(dbeta + w, beta_sum[i]);
  }
}

extern "C" __global__ void reference_clear(double* dgamma, double* dbeta) {
  const int w = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (w < DIM_W) dgamma[w] = dbeta[w] = 0.0;
}
