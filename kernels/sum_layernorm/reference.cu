// sum_layernorm in fp64, one warp a row: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

__device__ double summed(T x) { return static_cast<double>(to_float(x)) + SCALAR_sum_weight; }

}  // namespace

extern "C" __global__ void reference(const T* x, const T* gamma, const T* beta, double* out) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const long long row = static_cast<long long>(blockIdx.x) * (blockDim.x / 32) + threadIdx.x / 32;
  if (row >= DIM_rows) return;  // The whole warp leaves together.
  const T* in = x + row * DIM_W;
  double sum = 0.0;
  for (int w = lane; w < DIM_W; w += 32) sum += summed(in[w]);
  const double mean = warp_sum(sum) / DIM_W;
  double squares = 0.0;
  for (int w = lane; w < DIM_W; w += 32) {
    const double centred = summed(in[w]) - mean;
    squares += centred * centred;
  }
  const double inverse_deviation = 1.0 / sqrt(warp_sum(squares) / DIM_W + SCALAR_eps);
  for (int w = lane; w < DIM_W; w += 32) {
    const double normal = (summed(in[w]) - mean) * inverse_deviation;
    const double y = normal * static_cast<double>(to_float(gamma[w])) + static_cast<double>(to_float(beta[w]));
    out[row * DIM_W + w] = y;
  }
}
