// A run as result JSON, T4, CSV and ncu-style JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// "fuseline/result/1" (assets/schemas/result.schema.json). Figures that could not be worked out are null. Error (kind
/// worker): no configuration worked, with what became of each.
[[nodiscard]] Result<OrderedJson> result_json(const Run& run);

/// Results in the T4 format of the auto-tuning community, schema_version 1.0.0, one result an evaluation, times in
/// milliseconds; round-trips through run_from_t4. What T4 has no member for is in "fuseline" of the metadata (the
/// RunInfo) and of each result; the format allows members of one's own.
[[nodiscard]] OrderedJson t4_json(const Run& run);
/// The file of t4_json: one result a line, so that two recordings can be told apart with diff. Ends with a line end.
[[nodiscard]] std::string t4_text(const Run& run);
/// A run from a T4 file. Files by other tools bring configurations, times, invalidity and measurements; ours bring
/// everything. In a file by another tool times without a unit are milliseconds (or the power of 1000 of it that agrees
/// with the measured "time"), the variant is "recorded", and of configurations that come more than once the first
/// counts. Errors (file, JSON path, reason): not T4, another major version, more than 1,000,000 samples of a
/// configuration, members of the wrong type.
[[nodiscard]] Result<Run> run_from_t4(const OrderedJson& json, const std::string& file);

/// What a listing shows of a file of t4_text.
struct T4Head {
  RunInfo info;
  std::uint64_t results = 0;
};
/// Without parsing the results, which are nearly all of a file: what is wrong with one is found by run_from_t4 alone.
/// Nothing where `text` is not laid out as t4_text does it.
[[nodiscard]] std::optional<T4Head> t4_head(std::string_view text, const std::string& file);

/// One row an evaluation. RFC 4180; a cell that a spreadsheet would take for a formula is prefixed with an apostrophe.
[[nodiscard]] std::string csv(const Run& run);

/// {"<kernel>": {"launch__grid_size": ..., "gpu__time_duration.sum": ..., ...}} with Nsight Compute's metric names,
/// best configuration and its ties. <kernel> is the variant's name, or "<variant> <parameters>" (the configuration key)
/// where the variant's name alone is not unique. Of several launches shown_launch() counts. Error (kind worker): no
/// configuration worked.
[[nodiscard]] Result<OrderedJson> ncu_json(const Run& run);

/// One line of --trace (assets/schemas/trace.schema.json): sequence, variant, configuration, outcome, time_ms (null
/// unless ok), elapsed_s, and the reason of a failure. `time_ms` is the median of the sweep, not of the finals.
[[nodiscard]] OrderedJson trace_json(const Evaluation& evaluation);

/// Two result files against each other.
struct Comparison {
  std::string problem, dtype, device_a, device_b;
  double a_ms = 0, b_ms = 0;
  double change = 0;        ///< b / a - 1
  bool regression = false;  ///< change > threshold
  std::string configuration_a, configuration_b;
  std::size_t tied_a = 0, tied_b = 0;  ///< Best and all that could not be told apart from it.
  std::size_t tied_in_both = 0;        ///< Configurations that both files name so.
  std::vector<std::string> warnings;   ///< Different device, replayed against measured, ...
};
/// `threshold` such as 0.03. Errors (bad_input): not result files, different problem, dims or dtype, a negative or not
/// finite threshold.
[[nodiscard]] Result<Comparison> compare(const OrderedJson& a, const std::string& file_a, const OrderedJson& b,
                                         const std::string& file_b, double threshold);

}  // namespace fuseline::tuner
