// LayerNorm of a row in fp64: a block a row.
#include "common/dtype.cuh"
using namespace fuseline;

__device__ double row_sum(double value) {
  __shared__ double parts[256];
  __syncthreads();
  parts[threadIdx.x] = value;
  __syncthreads();
  double sum = 0;
  for (int i = 0; i < 256; ++i) sum += parts[i];
  return sum;
}

extern "C" __global__ void reference(const T* x, double* out, const T* gamma, const T* beta) {
  const long long first = static_cast<long long>(blockIdx.x) * DIM_width;
  double sum = 0, square = 0;
  for (int i = threadIdx.x; i < DIM_width; i += 256) sum += static_cast<double>(to_float(x[first + i]));
  const double mean = row_sum(sum) / DIM_width;
  for (int i = threadIdx.x; i < DIM_width; i += 256) {
    const double distance = static_cast<double>(to_float(x[first + i])) - mean;
    square += distance * distance;
  }
  const double scale = 1 / sqrt(row_sum(square) / DIM_width + SCALAR_eps);
  for (int i = threadIdx.x; i < DIM_width; i += 256) {
    const double value = (static_cast<double>(to_float(x[first + i])) - mean) * scale;
    out[first + i] = value * static_cast<double>(to_float(gamma[i])) + static_cast<double>(to_float(beta[i]));
  }
}
