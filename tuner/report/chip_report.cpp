#include "tuner/report/chip_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/base/text.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

std::string passes_text(int passes) { return fmt::format("{} pass{}", passes, passes == 1 ? "" : "es"); }

/// Our own words where there are any: they are for people.
std::string meaning(const ChipMetrics& chip, const std::string& name) {
  if (const MetricInfo* info = find_metric(name)) return std::string(info->explanation);
  const auto found = std::find_if(chip.metrics.begin(), chip.metrics.end(), [&](const ChipMetric& metric) {
    return metric.name == name || name.starts_with(metric.name + ".");
  });
  return found == chip.metrics.end() ? "" : found->description;
}

std::string requested_text(const ChipMetrics& chip, bool colour) {
  const auto& requested = chip.requested;
  std::string text;
  if (!requested.metrics.empty()) {
    TextTable table{{"metric", "meaning"}, {}};
    for (const auto& name : requested.metrics) table.rows.push_back({name, meaning(chip, name)});
    text += table.render(colour) +
            fmt::format("Read together on {} in {}.\n", printable(chip.chip), passes_text(requested.passes));
  }
  for (const auto& name : requested.invalid)
    text += fmt::format("{} does not offer {}.\n", printable(chip.chip), printable(name));
  return text;
}

}  // namespace

std::string chip_metrics_text(const ChipMetrics& chip, bool colour) {
  if (!chip.requested.metrics.empty() || !chip.requested.invalid.empty()) return requested_text(chip, colour);
  TextTable table{{"metric", "type", "unit", "meaning"}, {}};
  for (const auto& metric : chip.metrics)
    table.rows.push_back({metric.name, metric.type, metric.unit, metric.description});
  std::string text = table.render(colour) + fmt::format("{} metrics of {}, by CUPTI {}.\n", chip.metrics.size(),
                                                        printable(chip.chip), printable(chip.cupti));
  for (const auto& [name, set] : chip.sets)
    text += fmt::format("Set {}: {} metrics in {}.\n", printable(name), set.metrics.size(), passes_text(set.passes));
  return text;
}

}  // namespace fuseline::tuner
