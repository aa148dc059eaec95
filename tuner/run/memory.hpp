// What each level of memory moved for one evaluation of a run, beside what the run knows of its rates.
#pragma once

#include "tuner/counters/memory.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {

/// A sector: what L1, L2 and DRAM move at least.
inline constexpr double kTransactionBytes = 32;

/// A place in the instruction roofline (Ding and Williams, "An Instruction Roofline Model for GPUs", PMBS 2019).
struct InstructionPoint {
  double per_transaction = 0;  ///< Warp instructions for each 32-byte transaction of a level of memory.
  double gips = 0;             ///< Warp instructions, 10⁹ a second.
};

struct MemoryFigures {
  MemoryTraffic traffic;
  double time_ms = 0;     ///< Comparable within the run; 0 where it was not timed.
  CompulsoryParts parts;  ///< 0 where not known.
  double copy_gbps = 0;   ///< Of DRAM, measured; 0 where not known.
  double l2_gbps = 0;     ///< The same of L2.
  double occupancy = 0;   ///< Theoretical, 0 to 1; 0 where not known.
  [[nodiscard]] double compulsory_bytes() const { return parts.inputs + parts.outputs; }
  /// In GB/s; 0 where there is no time.
  [[nodiscard]] double rate(double bytes) const { return time_ms > 0 ? bytes / time_ms / 1e6 : 0; }
  /// Read and written; 0 where either was not counted.
  [[nodiscard]] double dram_bytes() const;
  /// By a level that moved `bytes`; empty where these, instructions or time are not known.
  [[nodiscard]] std::optional<InstructionPoint> instructions_over(double bytes) const;
};
[[nodiscard]] MemoryFigures memory_figures(const RunInfo& info, const Evaluation& evaluation);

}  // namespace fuseline::tuner
