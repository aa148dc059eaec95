// Calls itself until the stack is used up.
#include "planted.cuh"

__device__ __noinline__ float deeper(float value, const volatile float* x) {
  volatile float kept[64];
  for (int i = 0; i < 64; ++i) kept[i] = value + x[i];
  if (value > 1e30f) return value;  // Of no input; the compiler does not know.
  return deeper(value + 1e-3f * kept[threadIdx.x % 64], x) + kept[(threadIdx.x + 1) % 64];
}

extern "C" __global__ void stack_overflow(const float* x, float* out) { out[element()] = deeper(x[element()], x); }
