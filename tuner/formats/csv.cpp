// A run as a table for spreadsheets and data frames: RFC 4180, one row an evaluation.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tuner/device/roofline.hpp"
#include "tuner/formats/export.hpp"

namespace fuseline::tuner {

namespace {

using Row = std::vector<std::string>;

const std::vector<std::string>& columns_before() {
  static const std::vector<std::string> names = {"sequence", "backend", "device", "problem", "dtype", "variant"};
  return names;
}

const std::vector<std::string>& columns_after() {
  static const std::vector<std::string> names = {"outcome",
                                                 "reason",
                                                 "median_ms",
                                                 "min_ms",
                                                 "p25_ms",
                                                 "p75_ms",
                                                 "samples",
                                                 "timing",
                                                 "retimed",
                                                 "tied",
                                                 "gbps",
                                                 "of_copy",
                                                 "of_peak",
                                                 "registers",
                                                 "spill_bytes",
                                                 "static_shared_bytes",
                                                 "occupancy",
                                                 "occupancy_limiter",
                                                 "grid_x",
                                                 "grid_y",
                                                 "grid_z",
                                                 "block_x",
                                                 "block_y",
                                                 "block_z",
                                                 "shared_bytes",
                                                 "compile_ms",
                                                 "cost_s",
                                                 "elapsed_s",
                                                 "max_absolute_error",
                                                 "max_relative_error",
                                                 "mismatches",
                                                 "source_sha256"};
  return names;
}

/// Text that a spreadsheet would calculate is made text; quotes where RFC 4180 asks for them.
std::string text_cell(const std::string& text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos;
  std::string cell = (formula ? "'" : "") + text;
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

template <class Number>
std::string number_cell(Number value) {
  return fmt::format("{}", value);
}

std::string ratio_cell(double numerator, double denominator) {
  return denominator > 0 ? number_cell(numerator / denominator) : "";
}

std::string value_cell(const Value& value) {
  return value.is_string() ? text_cell(value.to_string()) : value.to_string();
}

/// Every parameter of every variant, in the order of first appearance.
std::vector<std::string> parameter_names(const Run& run) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const Evaluation& evaluation : run.evaluations) {
    for (const NamedValue& value : evaluation.configuration.values) {
      if (seen.insert(value.name).second) names.push_back(value.name);
    }
  }
  return names;
}

std::set<std::string> counter_names(const Run& run) {
  std::set<std::string> names;
  for (const Evaluation& evaluation : run.evaluations) {
    for (const auto& counter : evaluation.measurement.counters) names.insert(counter.first);
  }
  return names;
}

void add_time(Row& row, const Run& run, const Evaluation& evaluation) {
  const RunInfo& info = run.info;
  if (evaluation.measurement.outcome != Outcome::ok) {
    row.insert(row.end(), 11, "");
    return;
  }
  const Summary time = run.time_of(evaluation);
  const FinalTiming* timing = run.final_of(evaluation);
  for (const double value : {time.median, time.minimum, time.p25, time.p75}) row.push_back(number_cell(value));
  row.push_back(number_cell(time.samples));
  row.emplace_back(evaluation.measurement.warm ? "warm" : "cold");
  row.emplace_back(timing != nullptr ? "true" : "false");
  row.emplace_back(timing != nullptr && timing->tied ? "true" : "false");
  const bool known = info.compulsory_bytes > 0 && time.median > 0;
  const double gbps = known ? achieved_gbps(static_cast<double>(info.compulsory_bytes), time.median) : 0;
  row.push_back(known ? number_cell(gbps) : "");
  row.push_back(known ? ratio_cell(gbps, info.copy_gbps) : "");
  row.push_back(known ? ratio_cell(gbps, info.device.dram_peak_gbps) : "");
}

void add_facts(Row& row, const Measurement& measurement) {
  if (measurement.facts) {
    row.push_back(number_cell(measurement.facts->registers));
    row.push_back(number_cell(measurement.facts->spill_bytes));
    row.push_back(number_cell(measurement.facts->static_shared_bytes));
    row.push_back(number_cell(measurement.facts->occupancy));
    row.push_back(text_cell(measurement.facts->occupancy_limiter));
  } else {
    row.insert(row.end(), 5, "");
  }
  const Launch* launch = shown_launch(measurement);
  if (launch == nullptr) {
    row.insert(row.end(), 7, "");
    return;
  }
  for (const std::int64_t extent : launch->grid) row.push_back(number_cell(extent));
  for (const std::int64_t extent : launch->block) row.push_back(number_cell(extent));
  row.push_back(number_cell(launch->shared_bytes));
}

void add_verification(Row& row, const Measurement& measurement) {
  if (!measurement.verification) {
    row.insert(row.end(), 3, "");
    return;
  }
  row.push_back(number_cell(measurement.verification->max_absolute_error));
  row.push_back(number_cell(measurement.verification->max_relative_error));
  row.push_back(number_cell(measurement.verification->mismatches));
}

void add_values(Row& row, const Configuration& configuration, const std::vector<std::string>& parameters) {
  for (const std::string& name : parameters) {
    const auto value = std::find_if(configuration.values.begin(), configuration.values.end(),
                                    [&](const NamedValue& v) { return v.name == name; });
    row.push_back(value == configuration.values.end() ? "" : value_cell(value->value));
  }
}

Row row_of(const Run& run, const Evaluation& evaluation, const std::vector<std::string>& parameters,
           const std::set<std::string>& counters) {
  const Measurement& measurement = evaluation.measurement;
  Row row = {number_cell(evaluation.sequence),       std::string(to_string(run.info.backend)),
             text_cell(run.info.device.name),        text_cell(run.info.problem),
             std::string(to_string(run.info.dtype)), text_cell(evaluation.configuration.variant)};
  add_values(row, evaluation.configuration, parameters);
  row.emplace_back(to_string(measurement.outcome));
  row.push_back(text_cell(measurement.reason));
  add_time(row, run, evaluation);
  add_facts(row, measurement);
  row.push_back(number_cell(measurement.compile_ms));
  row.push_back(number_cell(measurement.cost_s));
  row.push_back(number_cell(evaluation.elapsed_s));
  add_verification(row, measurement);
  row.push_back(text_cell(measurement.source_sha256));
  for (const std::string& name : counters) {
    const auto counter = measurement.counters.find(name);
    row.push_back(counter == measurement.counters.end() ? "" : number_cell(counter->second));
  }
  return row;
}

void append_row(std::string& text, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) text += ',';
    text += row[i];
  }
  text += "\r\n";
}

/// Parameters keep their names unless a column of ours has it.
std::string parameter_column(const std::string& name) {
  for (const auto* names : {&columns_before(), &columns_after()}) {
    if (std::find(names->begin(), names->end(), name) != names->end()) return text_cell("parameter " + name);
  }
  return text_cell(name);
}

}  // namespace

std::string csv(const Run& run) {
  const std::vector<std::string> parameters = parameter_names(run);
  const std::set<std::string> counters = counter_names(run);
  Row header = columns_before();
  for (const std::string& name : parameters) header.push_back(parameter_column(name));
  header.insert(header.end(), columns_after().begin(), columns_after().end());
  for (const std::string& name : counters) header.push_back(text_cell("counter " + name));
  std::string text;
  append_row(text, header);
  for (const Evaluation& evaluation : run.evaluations) append_row(text, row_of(run, evaluation, parameters, counters));
  return text;
}

}  // namespace fuseline::tuner
