// swiglu in fp64, one thread an output: what every variant is compared with.
#include "common/dtype.cuh"

using namespace fuseline;

extern "C" __global__ void reference(const T* x, double* out) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= static_cast<long long>(DIM_rows) * DIM_W) return;
  const long long at = i / DIM_W * (2 * DIM_W) + i % DIM_W;
  const double gate = static_cast<double>(to_float(x[at]));
  out[i] = gate / (1.0 + exp(-gate)) * static_cast<double>(to_float(x[at + DIM_W]));
}
