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

/// What a metric is about; lists are grouped by it.
enum class MetricGroup { dram, l2, l1, instructions, stalls, occupancy, launch };
inline constexpr MetricGroup kMetricGroups[] = {MetricGroup::dram,         MetricGroup::l2,     MetricGroup::l1,
                                                MetricGroup::instructions, MetricGroup::stalls, MetricGroup::occupancy,
                                                MetricGroup::launch};
[[nodiscard]] std::string_view to_string(MetricGroup group);  ///< "DRAM", "L1 and shared memory", ...

struct MetricInfo {
  std::string_view name;
  MetricGroup group = MetricGroup::launch;
  MetricUnit unit = MetricUnit::count;
  std::string_view label;        ///< A few words, which stand alone.
  std::string_view explanation;  ///< One sentence, for tooltips.
};

/// Every metric of the named sets and launch__grid_size, in the order in which they are shown.
[[nodiscard]] std::span<const MetricInfo> known_metrics();
/// Null for a metric that is not among the known ones.
[[nodiscard]] const MetricInfo* find_metric(std::string_view name);
/// A value as people read it: "56.57 %", "1.074 GB", "508.2 us", "524,288", "117.7 M", "9.20 warps".
[[nodiscard]] std::string metric_text(std::string_view name, double value);

/// A count as people read it, four digits from a million on: "524,288", "117.7 M", "4.295 G".
[[nodiscard]] std::string count_text(double count);

/// Names of the metric sets: "fast" (what two passes read) and "full" (all that the analysis uses).
[[nodiscard]] std::span<const std::string_view> metric_set_names();
/// The metrics of a set, hardware counters only. Error: no such set, with the list.
[[nodiscard]] Result<std::vector<std::string>> metric_set(std::string_view name);

}  // namespace fuseline::tuner
