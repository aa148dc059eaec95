// bias_gelu in fp64, one thread an element: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

extern "C" __global__ void reference(const T* x, const T* bias, double* out) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= static_cast<long long>(DIM_rows) * DIM_W) return;
  const double y = static_cast<double>(to_float(x[i])) + static_cast<double>(to_float(bias[i % DIM_W]));
  out[i] = y * 0.5 * erfc(-y * 0.70710678118654752440);
}
