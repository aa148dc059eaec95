// rmsnorm_residual in fp64, one warp a row: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

__device__ double sum_at(const T* x, const T* residual, long long at) {
  return static_cast<double>(to_float(x[at])) + static_cast<double>(to_float(residual[at]));
}

}  // namespace

extern "C" __global__ void reference(const T* x, const T* residual, const T* weight, double* h, double* y) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const long long row = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32;
  if (row >= DIM_rows) return;  // The whole warp leaves together.
  double squares = 0.0;
  for (int w = lane; w < DIM_W; w += 32) {
    const double value = sum_at(x, residual, row * DIM_W + w);
    squares += value * value;
  }
  const double inverse = 1.0 / sqrt(warp_sum(squares) / DIM_W + SCALAR_eps);
  for (int w = lane; w < DIM_W; w += 32) {
    const double value = sum_at(x, residual, row * DIM_W + w);
    h[row * DIM_W + w] = value;
    y[row * DIM_W + w] = value * inverse * static_cast<double>(to_float(weight[w]));
  }
}
