// Leaves the L2 cache full of clean lines that nobody needs, and tells the SM clock between two times that it did.
#pragma once

#include <cstdint>
#include <memory>

#include "profiler/cuda/gpu.hpp"
#include "profiler/measure/support_kernels.hpp"
#include "tuner/worker/device_memory.hpp"

namespace fuseline::profiler {

/// Cycles and time of one SM at the begin and the end of a flush; layout shared with measure/support.cu.
struct Stamp {
  std::uint64_t begin_cycles = 0, begin_ns = 0, end_cycles = 0, end_ns = 0;
};

/// A read of one and a half times the cache's size, and not a write: what a write leaves is written back while the next
/// launch runs.
class L2Flush {
 public:
  static constexpr std::size_t kSlots = tuner::kFlushSlots;

  /// Where memory is short it reads less, down to one cache's size, or nothing at all.
  [[nodiscard]] static DeviceResult<std::unique_ptr<L2Flush>> create(Gpu& gpu, SupportKernels& support);

  /// False where there was no memory for it: launches find what ran before.
  [[nodiscard]] bool available() const { return memory_.bytes() > 0; }
  /// Enqueues the read, which leaves its stamp in `slot`; nothing where it is not available. Slots past the last are
  /// the last.
  [[nodiscard]] DeviceResult<void> enqueue(std::size_t slot = kSlots - 1);
  /// Enqueues fetching the stamps of the first `count` slots.
  [[nodiscard]] DeviceResult<void> fetch(std::size_t count);
  /// Median SM clock, in MHz, between the flushes of consecutive ones of the first `count` slots, as fetched: what ran
  /// between them ran at it. 0 where it cannot be told.
  [[nodiscard]] double sm_mhz(std::size_t count) const;
  /// Gives up lines that launches asked to keep (evict_last), as far as the driver does. At once, not on the stream: to
  /// be called while the device is idle.
  void reset_persisting();

 private:
  L2Flush(Gpu& gpu, SupportKernels& support) : gpu_(gpu), support_(support) {}

  Gpu& gpu_;
  SupportKernels& support_;
  DeviceMemory memory_, stamps_;
  PinnedMemory fetched_;
};

/// SM clock, in MHz, from the end of one flush to the begin of a later one; 0 where no time passed.
[[nodiscard]] double sm_mhz_between(const Stamp& before, const Stamp& after);

}  // namespace fuseline::profiler
