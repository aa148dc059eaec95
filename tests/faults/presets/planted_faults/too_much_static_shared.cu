// Declares more shared memory than the assembler takes.
#include "planted.cuh"

extern "C" __global__ void too_much_static_shared(const float* x, float* out) {
  __shared__ float tile[262144];
  tile[threadIdx.x * 1024 + 1023] = x[element()];
  __syncthreads();
  out[element()] = twice(tile[(threadIdx.x ^ 1) * 1024 + 1023]);
}
