// A run as result JSON, T4, CSV and ncu-style JSON.
#pragma once

#include <string>

#include "tuner/base/json.hpp"
#include "tuner/session/run.hpp"

namespace fuseline::tuner {

/// "fuseline/result/1" (assets/schemas/result.schema.json). Error: no configuration worked.
[[nodiscard]] Result<OrderedJson> result_json(const Run& run);
/// T4 results, schema_version 1.0.0, one result an evaluation; round-trips through run_from_t4.
[[nodiscard]] OrderedJson t4_json(const Run& run);
/// A run from a T4 file. Files by other tools bring configurations, times, invalidity and measurements; ours bring everything.
[[nodiscard]] Result<Run> run_from_t4(const OrderedJson& json, const std::string& file);
/// One row an evaluation. RFC 4180; a cell that a spreadsheet would take for a formula is prefixed with an apostrophe.
[[nodiscard]] std::string csv(const Run& run);
/// {"<kernel>": {"launch__grid_size": ..., "gpu__time_duration.sum": ..., ...}} with Nsight Compute's metric names, best configuration
/// and its ties, each named "<kernel> <configuration key>" where a kernel name alone is not unique.
[[nodiscard]] Result<OrderedJson> ncu_json(const Run& run);

/// Two result files against each other.
struct Comparison {
  std::string problem, dtype, device_a, device_b;
  double a_ms = 0, b_ms = 0;
  double change = 0;                 ///< b / a - 1
  bool regression = false;           ///< change > threshold
  std::string configuration_a, configuration_b;
  std::vector<std::string> warnings;  ///< Different device, replayed against measured, ...
};
/// `threshold` such as 0.03. Errors: not result files, different problem, dims or dtype.
[[nodiscard]] Result<Comparison> compare(const OrderedJson& a, const std::string& file_a, const OrderedJson& b, const std::string& file_b, double threshold);

}  // namespace fuseline::tuner
