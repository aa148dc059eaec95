// softmax_bias_scale_sigmoid in fp64, one thread a pixel: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

extern "C" __global__ void reference(const T* x, const T* bias, double* out) {
  const long long pixel = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (pixel >= static_cast<long long>(DIM_N) * DIM_HW) return;
  const long long image = pixel / DIM_HW;
  const long long start = image * DIM_C * DIM_HW + pixel % DIM_HW;
  double largest = static_cast<double>(to_float(x[start]));
  for (int c = 1; c < DIM_C; ++c)
    largest = fmax(largest, static_cast<double>(to_float(x[start + static_cast<long long>(c) * DIM_HW])));
  double sum = 0.0;
  for (int c = 0; c < DIM_C; ++c)
    sum += exp(static_cast<double>(to_float(x[start + static_cast<long long>(c) * DIM_HW])) - largest);
  for (int c = 0; c < DIM_C; ++c) {
    const long long at = start + static_cast<long long>(c) * DIM_HW;
    const double probability = exp(static_cast<double>(to_float(x[at])) - largest) / sum;
    out[at] = 1.0 / (1.0 + exp(-SCALAR_scale * (probability + static_cast<double>(to_float(bias[c])))));
  }
}
