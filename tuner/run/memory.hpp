// What each level of memory moved for one evaluation of a run, beside what the run knows of its rates.
#pragma once

#include "tuner/counters/memory.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {

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
};
[[nodiscard]] MemoryFigures memory_figures(const RunInfo& info, const Evaluation& evaluation);

}  // namespace fuseline::tuner
