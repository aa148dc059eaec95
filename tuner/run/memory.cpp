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

}  // namespace fuseline::tuner
