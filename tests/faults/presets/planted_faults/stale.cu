// As race, but what comes too late does nothing at all: a queue of tiles whose counter nobody sets back.
#include "planted.cuh"

__device__ unsigned tickets;

extern "C" __global__ void stale(const float* x, float* out) {
  __shared__ unsigned ticket;
  if (threadIdx.x == 0) ticket = atomicAdd(&tickets, 1u);
  __syncthreads();
  if (ticket >= gridDim.x) return;
  const long long i = static_cast<long long>(ticket) * blockDim.x + threadIdx.x;
  out[i] = twice(x[i]);
}
