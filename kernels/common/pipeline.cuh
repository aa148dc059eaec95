// Copies from global to shared memory that run while threads compute.
//
// `async`: every thread copies 16 bytes at a time, or 8 or 4 (compute capability 8.0), and waits for its own copies,
// oldest first. `bulk`: one thread copies a run of bytes at once (compute capability 9.0), and a barrier in shared
// memory counts them in. Addresses and sizes are multiples of 16 bytes, or of those 8 or 4. In plain C++ copies happen
// at once, or when the host's own functions in the namespace FUSELINE_HOST_COPIES see fit; waiting hands the turn to
// other threads through FUSELINE_HOST_YIELD().
#pragma once

#include "common/dtype.cuh"

#ifndef FUSELINE_HOST_YIELD
#define FUSELINE_HOST_YIELD()
#endif

namespace fuseline {

enum class Copy { async, bulk };

/// Counts bytes that bulk copies bring; lies in shared memory. Phases alternate between parity 0 and 1, the first being
/// 0.
struct alignas(8) BulkBarrier {
  unsigned long long state;
};

#ifdef __CUDA_ARCH__

FUSELINE_DEVICE unsigned shared_address(const void* pointer) {
  return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

/// Copies `bytes`; they may be read by this thread after async_wait.
template <int bytes = 16>
FUSELINE_DEVICE void async_copy(void* shared, const void* global) {
  static_assert(bytes == 4 || bytes == 8 || bytes == 16);
  if constexpr (bytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_address(shared)), "l"(global) : "memory");
  } else {  // Only whole 16 bytes can leave L1 alone.
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2;" ::"r"(shared_address(shared)), "l"(global), "n"(bytes)
                 : "memory");
  }
}
/// Closes a group of this thread's copies; a group may be empty.
FUSELINE_DEVICE void async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until at most `pending` of this thread's youngest groups are under way.
template <int pending>
FUSELINE_DEVICE void async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}

// Older chips have no bulk copies: there these only let a kernel that may use them compile, and trap.
#if __CUDA_ARCH__ >= 900
#define FUSELINE_BULK(...) __VA_ARGS__
#else
#define FUSELINE_BULK(...) __trap()
#endif

/// To be called by one thread; the block must then synchronise before anybody waits.
FUSELINE_DEVICE void bulk_prepare([[maybe_unused]] BulkBarrier& barrier) {
  FUSELINE_BULK(asm volatile(
      "mbarrier.init.shared::cta.b64 [%0], 1;\n fence.mbarrier_init.release.cluster;" ::"r"(shared_address(&barrier))
      : "memory"));
}
/// Opens a phase that ends when `bytes` have come; by one thread, before its bulk_copy calls.
FUSELINE_DEVICE void bulk_expect([[maybe_unused]] BulkBarrier& barrier, [[maybe_unused]] unsigned bytes) {
  FUSELINE_BULK(
      asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(&barrier)), "r"(bytes)
                   : "memory"));
}
FUSELINE_DEVICE void bulk_copy([[maybe_unused]] void* shared, [[maybe_unused]] const void* global,
                               [[maybe_unused]] unsigned bytes, [[maybe_unused]] BulkBarrier& barrier) {
  FUSELINE_BULK(
      asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                       shared_address(shared)),
                   "l"(global), "r"(bytes), "r"(shared_address(&barrier))
                   : "memory"));
}
/// Whether the phase of this parity has ended; may wait a little.
FUSELINE_DEVICE bool bulk_ended([[maybe_unused]] BulkBarrier& barrier, [[maybe_unused]] unsigned parity) {
  unsigned ended = 1;
  FUSELINE_BULK(asm volatile(
      "{\n .reg .pred p;\n mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n selp.u32 %0, 1, 0, p;\n}\n"
      : "=r"(ended)
      : "r"(shared_address(&barrier)), "r"(parity)
      : "memory"));
  return ended != 0;
}
#undef FUSELINE_BULK

#else  // Plain C++: `state` counts finished phases in its upper half and bytes still to come in its lower one.

#ifdef FUSELINE_HOST_COPIES

template <int bytes = 16>
void async_copy(void* shared, const void* global) {
  FUSELINE_HOST_COPIES::async_copy(shared, global, bytes);
}
inline void async_commit() { FUSELINE_HOST_COPIES::async_commit(); }
template <int pending>
void async_wait() {
  FUSELINE_HOST_COPIES::async_wait(pending);
}
inline void bulk_copy(void* shared, const void* global, unsigned bytes, BulkBarrier& barrier) {
  FUSELINE_HOST_COPIES::bulk_copy(shared, global, bytes, &barrier.state);
}

#else

template <int bytes = 16>
void async_copy(void* shared, const void* global) {
  memcpy(shared, global, bytes);
}
inline void async_commit() {}
template <int pending>
void async_wait() {}
inline void bulk_copy(void* shared, const void* global, unsigned bytes, BulkBarrier& barrier) {
  memcpy(shared, global, bytes);
  barrier.state -= bytes;
  if ((barrier.state & 0xffffffffull) == 0) barrier.state += 1ull << 32;
}

#endif

inline void bulk_prepare(BulkBarrier& barrier) { barrier.state = 0; }
inline void bulk_expect(BulkBarrier& barrier, unsigned bytes) { barrier.state += bytes == 0 ? 1ull << 32 : bytes; }
inline bool bulk_ended(BulkBarrier& barrier, unsigned parity) { return ((barrier.state >> 32) & 1) != parity; }

#endif

/// Waits for the end of the phase of this parity; by every thread that reads the bytes.
FUSELINE_DEVICE void bulk_wait(BulkBarrier& barrier, unsigned parity) {
  while (!bulk_ended(barrier, parity)) FUSELINE_HOST_YIELD();
}

}  // namespace fuseline
