// What each level of memory moved and how busy it was, as counters saw it: what a memory chart shows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tuner/counters/analysis.hpp"

namespace fuseline::tuner {

/// Shares are 0 to 1. What was not read is absent.
struct MemoryTraffic {
  // Bytes that went between the SMs and L1 or shared memory, L1 and L2, L2 and DRAM. Of the first two reads and writes
  // are counted together.
  std::optional<double> l1_bytes, l2_bytes, dram_read, dram_written;
  std::optional<double> l2_hits;                                               ///< Of sectors asked of L2.
  std::optional<double> issue_busy, sm_busy, shared_busy, l2_busy, dram_busy;  ///< Of what each sustains.
  std::optional<double> special_busy;
  std::optional<double> warps_active, bank_conflicts, instructions;
  std::vector<std::string> not_read;  ///< Labels of those that are absent.

  [[nodiscard]] bool empty() const { return !l1_bytes && !l2_bytes && !dram_read && !dram_written; }
};
[[nodiscard]] MemoryTraffic memory_traffic(const Counters& counters);

}  // namespace fuseline::tuner
