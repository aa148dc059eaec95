// Reads a float at an address that is not a multiple of four.
#include "planted.cuh"

extern "C" __global__ void misaligned_address(const float* x, float* out) {
  const volatile char* bytes = reinterpret_cast<const volatile char*>(x);
  out[element()] = *reinterpret_cast<const volatile float*>(bytes + 4 * (element() / 2) + 1);
}
