// Which metrics are read together, and what each one means to a person. Data alone.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

enum class MetricUnit { percent, bytes, nanoseconds, count, ratio };
[[nodiscard]] std::string_view to_string(MetricUnit unit);  ///< "%", "bytes", "ns", "", "warps"

struct MetricInfo {
  std::string_view name;
  MetricUnit unit = MetricUnit::count;
  std::string_view label;        ///< A few words, for table headings.
  std::string_view explanation;  ///< One sentence, for tooltips.
};

/// Every metric of the named sets and launch__grid_size, in the order in which they are shown.
[[nodiscard]] std::span<const MetricInfo> known_metrics();
/// Null for a metric that is not among the known ones.
[[nodiscard]] const MetricInfo* find_metric(std::string_view name);
/// A value as people read it: "56.57 %", "1.074 GB", "508.2 us", "4194304".
[[nodiscard]] std::string metric_text(std::string_view name, double value);

/// Names of the metric sets: "fast" (what two passes read) and "full" (all that the analysis uses).
[[nodiscard]] std::span<const std::string_view> metric_set_names();
/// The metrics of a set, hardware counters only. Error: no such set, with the list.
[[nodiscard]] Result<std::vector<std::string>> metric_set(std::string_view name);

}  // namespace fuseline::tuner
