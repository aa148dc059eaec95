// Barriers, shuffles and votes: what threads do together.
#ifndef FUSELINE_HOST_CUDA_COLLECTIVES_HPP
#define FUSELINE_HOST_CUDA_COLLECTIVES_HPP

#include <type_traits>

#include "profiler/host/shim/builtins.hpp"

namespace fuseline::host_cuda {

/// Where a thread waits; `file` is a literal.
struct Site {
  const char* file;
  int line;
};

/// Waits for all threads of the block that have not ended; gives the number of them with `predicate`.
unsigned block_barrier(bool predicate, Site site);

/// What the lanes of a warp do together.
enum class WarpOperation { shuffle, vote, sync };

/// Waits for the lanes of `mask`. shuffle: gives the bits of lane `source`; vote: gives the mask of lanes with bits
/// other than 0.
uint64_t warp_exchange(WarpOperation operation, unsigned mask, uint64_t bits, unsigned source, Site site);

inline unsigned lane_id() {
  const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  return thread % 32;
}

template <typename Value>
Value shuffle(unsigned mask, const Value& value, unsigned source, Site site) {
  static_assert(sizeof(Value) <= 8 && std::is_trivially_copyable_v<Value>);
  uint64_t bits = 0;
  memcpy(static_cast<void*>(&bits), static_cast<const void*>(&value), sizeof(value));
  bits = warp_exchange(WarpOperation::shuffle, mask, bits, source, site);
  Value result;
  memcpy(static_cast<void*>(&result), static_cast<const void*>(&bits), sizeof(result));
  return result;
}

inline void check_width(int width) {
  if (width < 1 || width > 32 || (width & (width - 1)) != 0) fail("a shuffle's width must be a power of two up to 32");
}

}  // namespace fuseline::host_cuda

#define FUSELINE_HOST_SITE int line = __builtin_LINE(), const char *file = __builtin_FILE()

inline void __syncthreads(FUSELINE_HOST_SITE) { fuseline::host_cuda::block_barrier(false, {file, line}); }
inline int __syncthreads_count(int predicate, FUSELINE_HOST_SITE) {
  return static_cast<int>(fuseline::host_cuda::block_barrier(predicate != 0, {file, line}));
}
inline int __syncthreads_or(int predicate, FUSELINE_HOST_SITE) {
  return fuseline::host_cuda::block_barrier(predicate != 0, {file, line}) != 0;
}
inline int __syncthreads_and(int predicate, FUSELINE_HOST_SITE) {
  return fuseline::host_cuda::block_barrier(predicate == 0, {file, line}) == 0;
}
inline void __syncwarp(unsigned mask = 0xffffffffu, FUSELINE_HOST_SITE) {
  fuseline::host_cuda::warp_exchange(fuseline::host_cuda::WarpOperation::sync, mask, 0, 0, {file, line});
}

template <typename Value>
Value __shfl_sync(unsigned mask, Value value, int source, int width = 32, FUSELINE_HOST_SITE) {
  fuseline::host_cuda::check_width(width);
  const unsigned low = static_cast<unsigned>(width) - 1;
  const unsigned from = (fuseline::host_cuda::lane_id() & ~low) | (static_cast<unsigned>(source) & low);
  return fuseline::host_cuda::shuffle(mask, value, from, {file, line});
}
template <typename Value>
Value __shfl_up_sync(unsigned mask, Value value, unsigned delta, int width = 32, FUSELINE_HOST_SITE) {
  fuseline::host_cuda::check_width(width);
  const unsigned lane = fuseline::host_cuda::lane_id();
  const unsigned place = lane & (static_cast<unsigned>(width) - 1);
  return fuseline::host_cuda::shuffle(mask, value, place < delta ? lane : lane - delta, {file, line});
}
template <typename Value>
Value __shfl_down_sync(unsigned mask, Value value, unsigned delta, int width = 32, FUSELINE_HOST_SITE) {
  fuseline::host_cuda::check_width(width);
  const unsigned lane = fuseline::host_cuda::lane_id();
  const unsigned place = lane & (static_cast<unsigned>(width) - 1);
  return fuseline::host_cuda::shuffle(mask, value, place + delta < static_cast<unsigned>(width) ? lane + delta : lane,
                                      {file, line});
}
template <typename Value>
Value __shfl_xor_sync(unsigned mask, Value value, int lane_mask, int width = 32, FUSELINE_HOST_SITE) {
  fuseline::host_cuda::check_width(width);
  // Lanes of an earlier segment can be read, those of a later one cannot.
  const unsigned lane = fuseline::host_cuda::lane_id();
  const unsigned last = lane | (static_cast<unsigned>(width) - 1);
  const unsigned from = lane ^ static_cast<unsigned>(lane_mask);
  return fuseline::host_cuda::shuffle(mask, value, from > last ? lane : from, {file, line});
}

inline unsigned __ballot_sync(unsigned mask, int predicate, FUSELINE_HOST_SITE) {
  return static_cast<unsigned>(fuseline::host_cuda::warp_exchange(fuseline::host_cuda::WarpOperation::vote, mask,
                                                                  predicate != 0 ? 1 : 0, 0, {file, line}));
}
inline int __any_sync(unsigned mask, int predicate, FUSELINE_HOST_SITE) {
  return __ballot_sync(mask, predicate, line, file) != 0;
}
inline int __all_sync(unsigned mask, int predicate, FUSELINE_HOST_SITE) {
  return __ballot_sync(mask, predicate == 0, line, file) == 0;
}

#undef FUSELINE_HOST_SITE

// One thread of the operating system runs everything, so writes are seen at once.
inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}

#endif
