// Reads where nothing is mapped.
#include "planted.cuh"

extern "C" __global__ void illegal_address(const float* x, float* out) {
  out[element()] = twice(x[element()]) + *reinterpret_cast<const volatile float*>(16);
}
