#include "tuner/run/memory.hpp"

namespace fuseline::tuner {

MemoryFigures memory_figures(const RunInfo& info, const Evaluation& evaluation) {
  MemoryFigures figures;
  figures.traffic = memory_traffic(evaluation.measurement.counters);
  figures.time_ms = figures_of(info, evaluation).time_ms;
  figures.parts = compulsory_parts(info);
  figures.copy_gbps = copy_gbps(info);
  if (info.device.ceilings) figures.l2_gbps = info.device.ceilings->l2_gbps;
  if (evaluation.measurement.facts) figures.occupancy = evaluation.measurement.facts->occupancy;
  return figures;
}

double MemoryFigures::dram_bytes() const {
  return traffic.dram_read && traffic.dram_written ? *traffic.dram_read + *traffic.dram_written : 0.0;
}

std::optional<InstructionPoint> MemoryFigures::instructions_over(double bytes) const {
  const double instructions = traffic.instructions.value_or(0);
  if (!(bytes > 0 && instructions > 0 && time_ms > 0)) return std::nullopt;
  return InstructionPoint{instructions / (bytes / kTransactionBytes), instructions / time_ms / 1e6};
}

}  // namespace fuseline::tuner
