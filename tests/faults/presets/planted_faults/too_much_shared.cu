// Its launch asks for all the shared memory that a block may have; what the kernel declares comes on top. Only the
// compiled kernel tells.
#include "planted.cuh"

extern "C" __global__ void too_much_shared(const float* x, float* out) {
  extern __shared__ float tile[];
  __shared__ float neighbours[1024];
  tile[threadIdx.x] = x[element()];
  neighbours[threadIdx.x] = tile[threadIdx.x ^ 1];
  __syncthreads();
  out[element()] = twice(tile[threadIdx.x]) + 0 * neighbours[threadIdx.x ^ 2];
}
