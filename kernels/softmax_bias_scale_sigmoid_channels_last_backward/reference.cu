// softmax_bias_scale_sigmoid_channels_last_backward in fp64, one thread a pixel: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double wide(T value) { return static_cast<double>(to_float(value)); }

// The gradient at the sigmoid's argument, times scale.
__device__ double upstream(double probability, double bias, double dout) {
  const double sigmoid = 1.0 / (1.0 + exp(-SCALAR_scale * (probability + bias)));
  return SCALAR_scale * dout * sigmoid * (1.0 - sigmoid);
}

__device__ double warp_sum(double value) {
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
  return value;
}

}  // namespace

extern "C" __global__ void reference_clear(double* dconv_bias, double* dbias) {
  const int c = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (c < DIM_C) dconv_bias[c] = dbias[c] = 0.0;
}

// Sums over pixels meet by atomic additions, whose order matters little in fp64.
extern "C" __global__ void reference(const T* x, const T* dout, const T* conv_bias, const T* bias, double* dx,
                                     double* dconv_bias, double* dbias) {
  const long long pixel = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  const bool inside = pixel < DIM_pixels;
  const long long start = (inside ? pixel : 0) * DIM_C;
  double largest = wide(x[start]) + wide(conv_bias[0]);
  for (int c = 1; c < DIM_C; ++c) largest = fmax(largest, wide(x[start + c]) + wide(conv_bias[c]));
  double sum = 0.0;
  for (int c = 0; c < DIM_C; ++c) sum += exp(wide(x[start + c]) + wide(conv_bias[c]) - largest);
  double dot = 0.0;
  for (int c = 0; c < DIM_C; ++c) {
    const double probability = exp(wide(x[start + c]) + wide(conv_bias[c]) - largest) / sum;
    dot += probability * upstream(probability, wide(bias[c]), wide(dout[start + c]));
  }
  for (int c = 0; c < DIM_C; ++c) {
    const double probability = exp(wide(x[start + c]) + wide(conv_bias[c]) - largest) / sum;
    const double gradient = upstream(probability, wide(bias[c]), wide(dout[start + c]));
    const double result = probability * (gradient - dot);
    if (inside) dx[start + c] = result;
    const double of_conv_bias = warp_sum(inside ? result : 0.0);
    const double of_bias = warp_sum(inside ? gradient : 0.0);
    if (threadIdx.x % 32 == 0) {
      atomicAdd(dconv_bias + c, of_conv_bias);
      atomicAdd(dbias + c, of_bias);
    }
  }
}
