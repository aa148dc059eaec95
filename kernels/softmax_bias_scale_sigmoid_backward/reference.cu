// softmax_bias_scale_sigmoid_backward in fp64, one thread a pixel: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double wide(T value) { return static_cast<double>(to_float(value)); }

// The gradient at the sigmoid's argument.
__device__ double upstream(double probability, double bias, double dout) {
  const double sigmoid = 1.0 / (1.0 + exp(-SCALAR_scale * (probability + bias)));
  return dout * sigmoid * (1.0 - sigmoid);
}

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

}  // namespace

extern "C" __global__ void reference_clear(double* dbias) {
  const int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (c < DIM_C) dbias[c] = 0.0;
}

// Sums of dbias meet by atomic additions, whose order matters little in fp64.
extern "C" __global__ void reference(const T* x, const T* dout, const T* bias, double* dx, double* dbias) {
  const long long pixel = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const bool inside = pixel < static_cast<long long>(DIM_N) * DIM_HW;
  const long long own = inside ? pixel : 0;
  const long long start = own / DIM_HW * DIM_C * DIM_HW + own % DIM_HW;
  double largest = wide(x[start]);
  for (int c = 1; c < DIM_C; ++c) largest = fmax(largest, wide(x[start + static_cast<long long>(c) * DIM_HW]));
  double sum = 0.0;
  for (int c = 0; c < DIM_C; ++c) sum += exp(wide(x[start + static_cast<long long>(c) * DIM_HW]) - largest);
  double dot = 0.0;
  for (int c = 0; c < DIM_C; ++c) {
    const long long at = start + static_cast<long long>(c) * DIM_HW;
    const double probability = exp(wide(x[at]) - largest) / sum;
    const double gradient = SCALAR_scale * upstream(probability, wide(bias[c]), wide(dout[at]));
    dot += probability * gradient;
    const double total = warp_sum(inside ? gradient : 0.0);
    if (threadIdx.x % 32 == 0) atomicAdd(dbias + c, total);
  }
  if (!inside) return;
  for (int c = 0; c < DIM_C; ++c) {
    const long long at = start + static_cast<long long>(c) * DIM_HW;
    const double probability = exp(wide(x[at]) - largest) / sum;
    dx[at] = probability * (SCALAR_scale * upstream(probability, wide(bias[c]), wide(dout[at])) - dot);
  }
}
