// cp.async by its C functions.
#ifndef FUSELINE_HOST_CUDA_PIPELINE_PRIMITIVES_H
#define FUSELINE_HOST_CUDA_PIPELINE_PRIMITIVES_H

#include "profiler/host/shim/builtins.hpp"

/// `zeros`: of the `bytes` in shared memory so many at the end are zeros, and not copied.
inline void __pipeline_memcpy_async(void* shared, const void* global, size_t bytes, size_t zeros = 0) {
  if (zeros == 0) {
    fuseline::host_cuda::async_copy(shared, global, static_cast<unsigned>(bytes));
    return;
  }
  memcpy(shared, global, bytes - zeros);
  memset(static_cast<char*>(shared) + (bytes - zeros), 0, zeros);
}
inline void __pipeline_commit() { fuseline::host_cuda::async_commit(); }
inline void __pipeline_wait_prior(int pending) { fuseline::host_cuda::async_wait(pending); }

#endif
