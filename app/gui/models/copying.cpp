// Rows as text, as JSON and as commands.
#include <nlohmann/json.hpp>

#include "app/gui/models/results_model.hpp"
#include "tuner/report/sweep_command.hpp"

namespace fuseline::app::gui {
namespace {

nlohmann::json row_json(const Row& row) {
  const tuner::Evaluation& evaluation = *row.evaluation;
  nlohmann::json json = {{"variant", evaluation.configuration.variant},
                         {"config", evaluation.configuration.values_json()},
                         {"outcome", tuner::to_string(evaluation.measurement.outcome)}};
  if (!evaluation.measurement.reason.empty()) json["reason"] = evaluation.measurement.reason;
  for (const char* column : {"time", "gbps", "of_copy", "registers", "spills", "occupancy"}) {
    if (const auto number = column_number(row, column))
      json[column == std::string("time")        ? "time_ms"
           : column == std::string("of_copy")   ? "percent_of_copy"
           : column == std::string("occupancy") ? "percent_occupancy"
                                                : column] = *number;
  }
  if (row.tied) json["tied"] = true;
  if (!evaluation.measurement.counters.empty()) json["counters"] = evaluation.measurement.counters;
  return json;
}

}  // namespace

std::string command_of(const tuner::SweepRequest& request, const std::vector<std::filesystem::path>& preset_paths) {
  return tuner::sweep_command(request, preset_paths);
}

std::string rows_as_text(const std::vector<const Row*>& rows, const std::vector<Column>& columns, std::size_t limit) {
  std::string text;
  const auto add_line = [&](auto&& cell) {
    std::string line;
    for (const Column& column : columns) {
      if (column.shown) line += cell(column) + "\t";
    }
    if (!line.empty()) line.back() = '\n';
    text += line;
  };
  add_line([](const Column& column) { return column.title; });
  for (const Row* row : rows) {
    if (text.size() > limit) break;
    add_line([row](const Column& column) { return column_text(*row, column.id); });
  }
  return text;
}

std::string rows_as_json(const std::vector<const Row*>& rows, std::size_t limit) {
  std::string text = "[";
  for (const Row* row : rows) {
    if (text.size() > limit) break;
    std::string element = row_json(*row).dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    for (std::size_t at = 0; (at = element.find('\n', at)) != std::string::npos; at += 3)
      element.replace(at, 1, "\n  ");
    text += (text.size() > 1 ? ",\n  " : "\n  ") + element;
  }
  return text + (rows.empty() ? "]\n" : "\n]\n");
}

std::string rows_as_commands(const std::vector<const Row*>& rows, const tuner::RunInfo& info,
                             const std::vector<std::filesystem::path>& preset_paths, std::size_t limit) {
  std::string text;
  for (const Row* row : rows) {
    if (text.size() > limit) break;
    text += tuner::configuration_command(info, row->evaluation->configuration, preset_paths) + "\n";
  }
  return text;
}

}  // namespace fuseline::app::gui
