#include "tuner/counters/memory.hpp"

#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"

namespace fuseline::tuner {

MemoryTraffic memory_traffic(const Counters& counters) {
  MemoryTraffic traffic;
  const auto read = [&](const char* name) {
    auto value = reading_of(counters, name);
    const MetricInfo* info = find_metric(name);
    if (!value) traffic.not_read.emplace_back(info == nullptr ? name : info->label);
    if (value && info != nullptr && info->unit == MetricUnit::percent) *value /= 100;
    return value;
  };
  traffic.issue_busy = read(metric::kIssueActive);
  traffic.sm_busy = read(metric::kSmThroughput);
  traffic.warps_active = read(metric::kWarpsActive);
  traffic.instructions = read(metric::kInstructions);
  traffic.l1_bytes = read(metric::kL1Bytes);
  traffic.shared_busy = read(metric::kSharedBusy);
  traffic.bank_conflicts = read(metric::kSharedConflicts);
  traffic.l2_bytes = read(metric::kL2Bytes);
  traffic.l2_hits = read(metric::kL2HitRate);
  traffic.l2_busy = read(metric::kL2Throughput);
  traffic.dram_read = read(metric::kDramRead);
  traffic.dram_written = read(metric::kDramWritten);
  traffic.dram_busy = read(metric::kDramThroughput);
  if (const auto percent = reading_of(counters, metric::kSpecialBusy)) traffic.special_busy = *percent / 100;
  return traffic;
}

}  // namespace fuseline::tuner
