// Theoretical occupancy of one kernel launch, by NVIDIA's own calculator (cuda_occupancy.h).
#pragma once

#include <cstdint>
#include <string>

#include "tuner/device/device.hpp"

namespace fuseline::profiler {

struct OccupancyQuery {
  int threads_per_block = 0;
  int registers = 0;                 ///< A thread.
  int max_threads_per_block = 1024;  ///< Of the kernel.
  std::int64_t static_shared_bytes = 0;
  std::int64_t dynamic_shared_bytes = 0;
  std::int64_t reserved_shared_bytes =
      1024;  ///< Taken by the driver from every block (compute capability 8.0 and later).
};

struct Occupancy {
  int blocks_per_sm = 0;
  double fraction = 0;  ///< Resident warps over the most an SM holds; 0 where the kernel does not fit.
  std::string limiter;  ///< "registers", "shared memory", "warps", "blocks", "barriers"; the first that applies.
};

[[nodiscard]] Occupancy occupancy(const tuner::DeviceLimits& limits, const OccupancyQuery& query);

}  // namespace fuseline::profiler
