// How many blocks an SM of a device holds at once.
#pragma once

#include <string_view>

#include "tuner/device/device.hpp"

namespace fuseline::tuner {

/// What one thread block takes.
struct BlockNeeds {
  int threads = 0;
  int registers = 0;              ///< A thread; 0: not known, and then they do not limit.
  std::int64_t shared_bytes = 0;  ///< Declared and asked for at launch.
  [[nodiscard]] int warps() const { return (threads + 31) / 32; }
};

/// What keeps an SM from holding one more block. Of several that do, the first.
enum class ResidencyLimit { registers, shared_memory, warps, blocks };
[[nodiscard]] std::string_view to_string(ResidencyLimit limit);  ///< "shared memory", as StaticFacts has it.

struct Residency {
  int blocks = 0;  ///< 0 where not even one fits.
  ResidencyLimit limit = ResidencyLimit::warps;
  double occupancy = 0;  ///< Resident warps over the most that an SM holds; 0 where that is not known.
  /// The limit's word; empty where every warp fits, as StaticFacts has it.
  [[nodiscard]] std::string_view limiter() const { return occupancy < 1 ? to_string(limit) : std::string_view(); }
};

/// Rules: CUDA C++ Programming Guide, "Technical specifications per compute capability", and NVIDIA's calculator
/// (cuda_occupancy.h), to which a test holds this: registers go to a warp in units of 256, from a quarter of the SM's
/// each, and the driver takes 1 KiB of shared memory of every block from 8.0 on. A limit of zero is not known and does
/// not limit. The measured device's own figures come from the calculator (StaticFacts); this is for devices that are
/// not there.
[[nodiscard]] Residency residency(const DeviceLimits& limits, const BlockNeeds& block);
/// The blocks of it.
[[nodiscard]] int resident_blocks(const DeviceLimits& limits, const BlockNeeds& block);

}  // namespace fuseline::tuner
