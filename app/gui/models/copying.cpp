// Rows as text, as JSON and as commands.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <system_error>

#include "app/gui/models/results_model.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app::gui {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& part : texts) text += (text.empty() ? "" : ",") + part;
  return text;
}

void add_what(const tuner::SweepRequest& request, std::vector<std::string>& words) {
  if (!request.problem.empty()) words.push_back(request.problem);
  if (!request.shape.empty()) words.insert(words.end(), {"--shape", request.shape});
  for (const tuner::Dimension& dimension : request.dims)
    words.insert(words.end(), {"--dim", fmt::format("{}={}", dimension.name, dimension.value)});
  for (const auto& scalar : request.scalars) words.insert(words.end(), {"--scalar", tuner::scalars_text({scalar})});
  if (!request.dtype.empty()) words.insert(words.end(), {"--dtype", request.dtype});
  for (const std::string& variant : request.variants) words.insert(words.end(), {"--variant", variant});
  for (const auto& [name, values] : request.parameters)
    words.insert(words.end(), {"--param", name + "=" + joined(values)});
  if (request.full) words.emplace_back("--full");
}

void add_how(const tuner::SweepRequest& request, std::vector<std::string>& words) {
  const tuner::SweepRequest plain;
  if (request.device != plain.device) words.insert(words.end(), {"--device", request.device});
  if (request.target != plain.target) words.insert(words.end(), {"--target", request.target});
  if (request.strategy != plain.strategy) words.insert(words.end(), {"--strategy", request.strategy});
  if (request.budget != plain.budget) words.insert(words.end(), {"--budget", request.budget});
  if (request.draws != plain.draws) words.insert(words.end(), {"--draws", std::to_string(request.draws)});
  if (request.seed != plain.seed) words.insert(words.end(), {"--seed", std::to_string(request.seed)});
  if (request.counters != plain.counters)
    words.insert(words.end(), {"--counters", std::string(tuner::to_string(request.counters))});
  for (const std::string& worker : request.workers) words.insert(words.end(), {"--worker", worker});
  if (!request.after.empty()) words.insert(words.end(), {"--after", request.after});
}

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
  std::vector<std::string> words = {"fuseline", "sweep"};
  add_what(request, words);
  add_how(request, words);
  for (const std::filesystem::path& path : preset_paths) {
    std::error_code ignored;
    words.insert(words.end(), {"--preset-path", std::filesystem::absolute(path, ignored).string()});
  }
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + tuner::shell_quoted(word);
  return text;
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
    tuner::SweepRequest request = info.request;
    request.variants = {row->evaluation->configuration.variant};
    request.parameters.clear();
    for (const tuner::NamedValue& value : row->evaluation->configuration.values)
      request.parameters[value.name] = {value.value.to_string()};
    // One configuration is all there is to search.
    const tuner::SweepRequest plain;
    request.strategy = plain.strategy;
    request.budget = plain.budget;
    text += command_of(request, preset_paths) + "\n";
  }
  return text;
}

}  // namespace fuseline::app::gui
