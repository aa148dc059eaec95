// More than 64 registers a thread in blocks of 1024 threads: more than an SM has.
#include "planted.cuh"

extern "C" __global__ void too_many_registers(const float* x, float* out) {
  // Volatile reads can be neither dropped nor repeated, so that all values are alive at the barrier.
  const volatile float* input = x;
  float values[160];
#pragma unroll
  for (int k = 0; k < 160; ++k) values[k] = input[(element() + 32 * k) % DIM_N];
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int k = 159; k >= 0; --k) sum = sum * input[k] + values[k];
  out[element()] = sum;
}
