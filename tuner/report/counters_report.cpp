#include "tuner/report/counters_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/source_profile_json.hpp"
#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/formats/result_timing.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/known_figures.hpp"
#include "tuner/report/lines_report.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

std::string cell(const Counters& counters, const char* name, const char* format) {
  const auto found = counters.find(name);
  return found == counters.end() || !std::isfinite(found->second) ? "-"
                                                                  : fmt::format(fmt::runtime(format), found->second);
}

std::string given_name(const GivenReading& given) {
  return fmt::format("{} ({}, {})", given.kernel, given.device, given.dtype);
}

std::string share_of(double ratio) { return ratio > 0 ? fmt::format("{:.3f}", ratio) : "-"; }

std::vector<std::string> counters_row(std::string rank, std::string name, const Counters& counters,
                                      const CounterContext& context) {
  const auto analysis = analyse_counters(counters, context);
  return {std::move(rank),
          std::move(name),
          cell(counters, metric::kSmThroughput, "{:.1f} %"),
          cell(counters, metric::kDramThroughput, "{:.1f} %"),
          cell(counters, metric::kWarpsActive, "{:.1f} %"),
          cell(counters, metric::kL2HitRate, "{:.1f} %"),
          cell(counters, metric::kGridSize, "{:.0f}"),
          analysis.fusion ? share_of(analysis.fusion->read_ratio) : "-",
          analysis.fusion ? share_of(analysis.fusion->written_ratio) : "-",
          analysis.fusion ? (analysis.fusion->pass ? "complete" : "BROKEN") : "-",
          analysis.bounds.empty() ? "-" : bound_name(analysis.bounds.front())};
}

std::string cost_text(const RunInfo& info) {
  std::string text;
  for (const auto& [set, cost] : info.counter_cost) {
    if (cost.configurations == 0) continue;
    text +=
        fmt::format("Counters, {} set: {} configurations, {} passes, {:.1f} ms each beyond the kernel's own time.\n",
                    printable(set), cost.configurations, cost.passes,
                    1000 * std::max(0.0, cost.seconds - cost.kernel_s) / static_cast<double>(cost.configurations));
  }
  return text;
}

/// Known metrics in their order, then the others.
std::vector<std::string> shown_metrics(const Counters& counters) {
  std::vector<std::string> names;
  for (const MetricInfo& info : known_metrics()) {
    if (counters.contains(std::string(info.name))) names.emplace_back(info.name);
  }
  for (const auto& counter : counters) {
    if (find_metric(counter.first) == nullptr) names.push_back(counter.first);
  }
  return names;
}

std::string counter_list(const Run& run, const Counters& counters, bool colour) {
  TextTable table{{"counter", "value"}, {}};
  for (const auto& given : run.info.given) table.header.push_back(given_name(given));
  table.header.emplace_back("meaning");
  for (const std::string& name : shown_metrics(counters)) {
    const MetricInfo* info = find_metric(name);
    std::vector<std::string> row{name, metric_text(name, counters.at(name))};
    for (const auto& given : run.info.given) {
      const auto found = given.counters.find(name);
      row.push_back(found == given.counters.end() ? "-" : metric_text(name, found->second));
    }
    row.emplace_back(info == nullptr ? "" : info->explanation);
    table.rows.push_back(std::move(row));
  }
  return table.render(colour);
}

std::string executed_text(const Intensities& intensity) {
  std::string text = fmt::format("Executed {:.4g} operations", intensity.flops);
  for (const MemoryLevel& level : intensity.levels) {
    text +=
        fmt::format("; {} moved {}: {:.3g} operations a byte", level.name, format_bytes(level.bytes), level.intensity);
    if (level.gbps > 0) text += ", " + bandwidth_text(level.gbps);
  }
  return text + ".\n";
}

}  // namespace

std::string counters_text(const Run& run, std::span<const Evaluation* const> rows, bool colour) {
  TextTable table{{"#", "kernel", "SM", "DRAM", "warps", "L2 hits", "grid", "read", "written", "fusion", "bound by"},
                  {}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& counters = rows[i]->measurement.counters;
    if (!counters.empty())
      table.rows.push_back(counters_row(std::to_string(i + 1), rows[i]->configuration.variant, counters,
                                        counter_context(run.info, *rows[i], run.time_of(*rows[i]).median)));
  }
  if (table.rows.empty()) return "";
  // Their bytes are not known, and their device is another: only what was read is shown.
  for (const auto& given : run.info.given)
    table.rows.push_back(counters_row("", given_name(given), given.counters, {}));
  std::string text =
      "Hardware counters; read and written are DRAM bytes over the inputs' and the outputs':\n" + table.render(colour);
  return text + cost_text(run.info);
}

std::string profile_text(const Run& run, const Evaluation& evaluation, const Explanation& explanation, bool colour,
                         const Catalog* catalog) {
  const RunInfo& info = run.info;
  const Figures figures = figures_of(info, evaluation);
  std::string text = fmt::format("{}\n{}.\n", printable(evaluation.configuration.key()), printable(origin_text(info)));
  text += fmt::format("{}", time_text(figures.time_ms));
  if (figures.gbps > 0) text += fmt::format(", {}", bandwidth_text(figures.gbps));
  if (figures.of_copy > 0) text += fmt::format(", {} of copy", percent_text(figures.of_copy));
  if (const auto& facts = evaluation.measurement.facts)
    text += fmt::format(", {} registers a thread", facts->registers);
  text += ".\n";
  if (const auto& clocks = clocks_of(info, evaluation)) text += clocks_text(*clocks) + ".\n";
  text += "\n" + statement_text(explanation);
  const Counters& counters = evaluation.measurement.counters;
  if (counters.empty()) {
    text += "\n" + known_figures_text(known_figures(run, evaluation, catalog), colour);
  } else {
    text += "\n" + counter_list(run, counters, colour);
    if (explanation.analysis.intensity) text += "\n" + executed_text(*explanation.analysis.intensity);
  }
  if (const auto& profile = evaluation.measurement.source_profile)
    text += "\n" + hot_lines_text(*profile, kernel_texts(info, evaluation, catalog), colour);
  return text;
}

OrderedJson profile_json(const Run& run, const Evaluation& evaluation, const Explanation& explanation,
                         const Catalog* catalog) {
  const RunInfo& info = run.info;
  const CompulsoryParts parts = compulsory_parts(info);
  const auto bytes_or_null = [](double bytes) { return bytes > 0 ? OrderedJson(std::llround(bytes)) : OrderedJson(); };
  OrderedJson dims = OrderedJson::object();
  for (const Dimension& dimension : info.dims) dims[dimension.name] = dimension.value;
  OrderedJson json;
  json["schema"] = "fuseline/profile/1";
  json["tool"] = {{"name", "fuseline"}, {"version", info.tool_version}};
  json["problem"] = {{"name", info.problem},
                     {"shape", info.shape},
                     {"dims", std::move(dims)},
                     {"scalars", scalars_object(info.scalars)},
                     {"set_scalars", info.set_scalars},
                     {"dtype", to_string(info.dtype)},
                     {"compulsory_bytes", info.compulsory_bytes},
                     {"input_bytes", bytes_or_null(parts.inputs)},
                     {"output_bytes", bytes_or_null(parts.outputs)}};
  json["device"] = {{"backend", to_string(info.backend)},
                    {"name", info.device.name},
                    {"driver", info.device.driver},
                    {"copy_gbps", finite_or_null(copy_gbps(info))}};
  if (info.backend == Backend::replay)
    json["device"]["recording"] = {{"name", info.recording}, {"recorded_at", info.recorded_at}};
  json["variant"] = evaluation.configuration.variant;
  json["config"] = config_json(evaluation.configuration);
  const Launch* launch = shown_launch(evaluation.measurement);
  json["launch"] = launch == nullptr ? OrderedJson(nullptr) : launch_object(*launch);
  json["time_ms"] = time_object(run.time_of(evaluation));
  json["bandwidth"] = bandwidth_object(figures_of(info, evaluation));
  json["clocks"] = clocks_object(clocks_of(run.info, evaluation));
  json["counters"] = counters_json(evaluation.measurement.counters);
  json["analysis"] = analysis_json(explanation.analysis);
  json["advice"] = advice_json(explanation.advice);
  json["given"] = given_json(info.given);
  json["cost"] = counter_cost_json(info);
  if (evaluation.measurement.counters.empty())
    json["known"] = known_figures_json(known_figures(run, evaluation, catalog));
  if (const auto& profile = evaluation.measurement.source_profile) {
    json["source_profile"] = OrderedJson(to_json(*profile));
    json["hot_lines"] = hot_lines_json(*profile, kernel_texts(info, evaluation, catalog));
  }
  return json;
}

}  // namespace fuseline::tuner
