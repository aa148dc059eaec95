// How many blocks an SM of a device holds at once.
#pragma once

#include "tuner/device/device.hpp"

namespace fuseline::tuner {

/// What one thread block takes.
struct BlockNeeds {
  int threads = 0;
  int registers = 0;              ///< A thread; 0: not known, and then they do not limit.
  std::int64_t shared_bytes = 0;  ///< Declared and asked for at launch.
  [[nodiscard]] int warps() const { return (threads + 31) / 32; }
};

/// Blocks resident on an SM; 0 where not even one fits. Rules: CUDA C++ Programming Guide, "Technical specifications
/// per compute capability": registers go to a warp in units of 256, and the driver takes 1 KiB of shared memory of
/// every block from 8.0 on. A limit of zero is not known and does not limit. The measured device's own figures come
/// from NVIDIA's calculator (StaticFacts); this is for devices that are not there.
[[nodiscard]] int resident_blocks(const DeviceLimits& limits, const BlockNeeds& block);

}  // namespace fuseline::tuner
