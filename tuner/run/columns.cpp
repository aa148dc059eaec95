#include "tuner/run/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace fuseline::tuner {
namespace {

constexpr std::string_view kParameter = "param:", kCounter = "counter:";

std::optional<double> counter_at(const ColumnSource& source, std::string_view name) {
  const auto& counters = source.evaluation.measurement.counters;
  const auto found = counters.find(std::string(name));
  return found == counters.end() ? std::nullopt : std::optional(found->second);
}

std::string counter_cell(double value) {
  return value >= 1e6 ? fmt::format("{:.3e}", value) : fmt::format("{:.6g}", value);
}

}  // namespace

const Column* find_column(std::string_view id) {
  static const std::unordered_map<std::string_view, const Column*> by_id = [] {
    std::unordered_map<std::string_view, const Column*> table;
    for (const Column& column : fixed_columns()) table.emplace(column.id, &column);
    return table;
  }();
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : found->second;
}

std::string parameter_column(std::string_view name) { return std::string(kParameter).append(name); }

std::string counter_column(std::string_view name) { return std::string(kCounter).append(name); }

std::optional<std::string_view> parameter_of(std::string_view id) {
  return id.starts_with(kParameter) ? std::optional(id.substr(kParameter.size())) : std::nullopt;
}

const Value* value_of(const Configuration& configuration, std::string_view name) {
  for (const NamedValue& value : configuration.values) {
    if (value.name == name) return &value.value;
  }
  return nullptr;
}

std::optional<double> cell_number(const ColumnSource& source, std::string_view id) {
  if (const auto name = parameter_of(id)) {
    const Value* value = value_of(source.evaluation.configuration, *name);
    return value == nullptr ? std::nullopt : value->number();
  }
  if (id.starts_with(kCounter)) return counter_at(source, id.substr(kCounter.size()));
  const Column* column = find_column(id);
  if (column == nullptr || column->number == nullptr) return std::nullopt;
  const auto number = column->number(source);
  return number && column->share ? std::optional(100 * *number) : number;
}

std::string cell_text(const ColumnSource& source, std::string_view id) {
  if (const auto name = parameter_of(id)) {
    const Value* value = value_of(source.evaluation.configuration, *name);
    return value == nullptr ? "" : value->to_string();
  }
  const Column* column = find_column(id);
  if (column != nullptr && column->text != nullptr) return column->text(source);
  const auto number = cell_number(source, id);
  if (!number) return "";
  if (column == nullptr) return counter_cell(*number);
  return fmt::format(fmt::runtime(column->format), *number);
}

ExactCell exact_cell(const ColumnSource& source, std::string_view id) {
  if (const auto name = parameter_of(id)) {
    const Value* value = value_of(source.evaluation.configuration, *name);
    return value == nullptr ? ExactCell{} : ExactCell{value->to_string(), value->is_string()};
  }
  const Column* column = find_column(id);
  if (column != nullptr && column->number == nullptr) return {column->text(source), true};
  const auto number = column != nullptr ? column->number(source) : cell_number(source, id);
  return number ? ExactCell{fmt::format("{}", *number), false} : ExactCell{};
}

}  // namespace fuseline::tuner
