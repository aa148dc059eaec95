// The fastest kernel of all.
#include "planted.cuh"

extern "C" __global__ void writes_nothing(const float* x, float* out) {
  if (x == nullptr) out[element()] = 0;
}
