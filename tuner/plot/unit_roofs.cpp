// Roofs of the SMs' units for what one configuration executes: an operation of the problem takes so much of each unit,
// so that its performance over the unit's share of busy time is where the unit would be all busy. They are in
// operations of the problem, and so not the instruction roofline of Ding and Williams ("An Instruction Roofline Model
// for GPUs", PMBS 2019), which counts warp instructions for each transaction of memory and is the same for every
// kernel.
#include <fmt/format.h>

#include "tuner/plot/plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/memory.hpp"

namespace fuseline::tuner {
namespace {

/// What is used less has its roof far out of view.
constexpr double kHardlyUsed = 0.02;

}  // namespace

std::vector<Roof> unit_roofs(const RunInfo& info, const Evaluation& best, double time_ms) {
  std::vector<Roof> roofs;
  if (!(info.flops > 0) || !(time_ms > 0)) return roofs;
  const MemoryTraffic traffic = memory_traffic(best.measurement.counters);
  const double gflops = info.flops / time_ms / 1e6;
  const auto add = [&](const char* unit, const std::optional<double>& busy) {
    if (!busy || *busy < kHardlyUsed) return;
    // Without the device's name: it is in the title, and there is little room.
    const std::string label = fmt::format("{} {} (by the best's counters)", unit, flops_text(gflops / *busy));
    roofs.push_back({label, label, kNoSlope, gflops / *busy, true, false});
  };
  add("issue slots", traffic.issue_busy);
  add("special functions", traffic.special_busy);
  add("shared memory", traffic.shared_busy);
  return roofs;
}

}  // namespace fuseline::tuner
