// Which hardware counters a chip offers, and in how many passes: asked of a worker, which needs no GPU for it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"

namespace fuseline::tuner {

struct ChipMetric {
  std::string name, type, description, unit;
};
struct ChipMetricSet {
  std::vector<std::string> metrics;
  int passes = 0;
};
/// The metrics that were asked about.
struct RequestedMetrics {
  std::vector<std::string> metrics, invalid;
  int passes = 0;  ///< Of those that are valid, together.
};
struct ChipMetrics {
  std::string chip, cupti;
  std::vector<ChipMetric> metrics;
  std::map<std::string, ChipMetricSet> sets;  ///< "fast", "full"
  RequestedMetrics requested;
  OrderedJson json;  ///< As the worker wrote it.
};

/// `worker_command`: a command as a shell takes it; empty: our own worker. Errors: no worker, no CUPTI or an unknown
/// chip (the worker's own words), no answer in time, an answer that makes no sense.
[[nodiscard]] Result<ChipMetrics> chip_metrics(const std::string& worker_command, const std::string& chip,
                                               const std::vector<std::string>& metrics);
/// The chips that can be asked about.
[[nodiscard]] Result<std::vector<std::string>> counter_chips(const std::string& worker_command);

}  // namespace fuseline::tuner
