// out = alpha * x + y in fp64.
#include "element.cuh"

extern "C" __global__ void scale_add_reference(const Element* x, const Element* y, float alpha, double* out) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= DIM_total) return;
  out[i] = static_cast<double>(alpha) * static_cast<double>(to_float(x[i])) + static_cast<double>(to_float(y[i]));
}
