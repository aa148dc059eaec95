// A ticket that the first launch draws and none gives back, so that every later launch comes too late.
#include "planted.cuh"

__device__ unsigned tickets;

extern "C" __global__ void race(const float* x, float* out) {
  out[element()] = twice(x[element()]);
  if (element() == 0 && atomicAdd(&tickets, 1u) > 0) out[7] = 12345;
}
