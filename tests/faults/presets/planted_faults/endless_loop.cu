// Waits for what never comes.
#include "planted.cuh"

extern "C" __global__ void endless_loop(const float* x, float* out) {
  const volatile float* input = x;
  while (input[element()] != 1e30f) {
  }
  out[element()] = 0;
}
