// softmax_bias_scale_sigmoid_channels_last in fp64, one thread a pixel: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

namespace {

__device__ double wide(T value) { return static_cast<double>(to_float(value)); }

}  // namespace

extern "C" __global__ void reference(const T* x, const T* conv_bias, const T* bias, double* out) {
  const long long pixel = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (pixel >= DIM_pixels) return;
  const T* row = x + pixel * DIM_C;
  double largest = wide(row[0]) + wide(conv_bias[0]);
  for (int c = 1; c < DIM_C; ++c) largest = fmax(largest, wide(row[c]) + wide(conv_bias[c]));
  double sum = 0.0;
  for (int c = 0; c < DIM_C; ++c) sum += exp(wide(row[c]) + wide(conv_bias[c]) - largest);
  for (int c = 0; c < DIM_C; ++c) {
    const double probability = exp(wide(row[c]) + wide(conv_bias[c]) - largest) / sum;
    out[pixel * DIM_C + c] = 1.0 / (1.0 + exp(-SCALAR_scale * (probability + wide(bias[c]))));
  }
}
