// Gives up by itself.
#include "planted.cuh"

extern "C" __global__ void trap(const float* x, float* out) {
  asm volatile("trap;");
  out[element()] = twice(x[element()]);
}
