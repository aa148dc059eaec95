#include "tuner/plot/relations_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "tuner/base/text.hpp"
#include "tuner/plot/passing.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/columns.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

std::vector<std::string> variants_of(const Relations& relations) {
  std::vector<std::string> names;
  for (const RelationRow& row : relations.rows) {
    const std::string& name = row.evaluation->configuration.variant;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<std::string> parameter_names(const std::vector<const RelationRow*>& rows) {
  std::vector<std::string> names;
  for (const RelationRow* row : rows) {
    for (const NamedValue& value : row->evaluation->configuration.values) {
      if (std::find(names.begin(), names.end(), value.name) == names.end()) names.push_back(value.name);
    }
  }
  return names;
}

bool says_something(const Relations& relations, std::string_view id) {
  return std::any_of(relations.rows.begin(), relations.rows.end(), [&](const RelationRow& row) {
    return cell_number({relations.info, *row.evaluation, *row.figures}, id).has_value();
  });
}

}  // namespace

RunRelations::RunRelations(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing) {
  const Passing passes(passing);
  std::unordered_map<std::uint64_t, std::size_t> places;
  for (std::size_t place = 0; place < run.info.finals.size(); ++place)
    places.emplace(run.info.finals[place].sequence, place);
  figures_.reserve(run.evaluations.size());
  relations_.info = &run.info;
  for (const Evaluation& evaluation : run.evaluations) {
    const auto place = places.find(evaluation.sequence);
    figures_.push_back(
        figures_of(run.info, evaluation, place == places.end() ? std::nullopt : std::optional(place->second)));
    relations_.rows.push_back({&evaluation, &figures_.back(), passes.has(evaluation.sequence)});
  }
  std::size_t rank = 0;
  for (const std::size_t position : rank_order(
           run.info, run.evaluations.size(), [&](std::size_t i) -> const Evaluation& { return run.evaluations[i]; })) {
    figures_[position].rank = ++rank;
    if (rank == 1) relations_.best = run.evaluations[position].sequence;
  }
}

Result<std::string> chosen_variant(const Relations& relations, const std::string& wanted) {
  if (wanted == kAllVariants) return wanted;
  const std::vector<std::string> names = variants_of(relations);
  if (wanted.empty()) {
    const RelationRow* best = best_of(relations);
    if (best != nullptr) return best->evaluation->configuration.variant;
    return names.empty() ? std::string() : names.front();
  }
  if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
  return bad_input(
      "--variant", "",
      printable(fmt::format("no configuration of the run is of a variant \"{}\"; there are {}, and {} for all", wanted,
                            fmt::join(names, ", "), kAllVariants)));
}

bool in_variant(const RelationRow& row, std::string_view variant) {
  return variant == kAllVariants || row.evaluation->configuration.variant == variant;
}

std::vector<const RelationRow*> rows_within(const Relations& relations, std::string_view variant) {
  std::vector<const RelationRow*> rows;
  for (const RelationRow& row : relations.rows) {
    if (in_variant(row, variant)) rows.push_back(&row);
  }
  return rows;
}

const RelationRow* best_of(const Relations& relations) {
  if (!relations.best) return nullptr;
  const auto found = std::lower_bound(
      relations.rows.begin(), relations.rows.end(), *relations.best,
      [](const RelationRow& row, std::uint64_t sequence) { return row.evaluation->sequence < sequence; });
  return found == relations.rows.end() || found->evaluation->sequence != *relations.best ? nullptr : &*found;
}

Result<void> ranked_by_time(const Relations& relations, std::string_view kind) {
  if (!relations.info->objective.is_time())
    return bad_input(printable(fmt::format("the run is ranked {}: {} is drawn of times alone",
                                           objective_text(relations.info->objective), kind)));
  if (best_of(relations) == nullptr)
    return bad_input("no configuration of the run worked, so there is nothing to draw");
  return {};
}

std::string value_text(const Configuration& configuration, std::string_view name) {
  const Value* value = value_of(configuration, name);
  if (value != nullptr) return value->to_string();
  return name == kVariantColumn ? configuration.variant : std::string();
}

std::uint32_t LevelTable::level_of(const Configuration& configuration) const {
  const std::string text = value_text(configuration, name);
  const auto found = std::find(values.begin(), values.end(), text);
  return text.empty() || found == values.end() ? kNoLevel : static_cast<std::uint32_t>(found - values.begin());
}

LevelTable levels_of(const std::vector<const RelationRow*>& rows, const std::string& name) {
  struct Seen {
    std::string text;
    std::optional<double> number;
  };
  std::vector<Seen> seen;
  std::unordered_set<std::string> texts;
  for (const RelationRow* row : rows) {
    std::string text = value_text(row->evaluation->configuration, name);
    if (text.empty() || !texts.insert(text).second) continue;
    const Value* value = value_of(row->evaluation->configuration, name);
    seen.push_back({std::move(text), value == nullptr ? std::nullopt : value->number()});
  }
  LevelTable table{name, {}, !seen.empty()};
  for (const Seen& each : seen) table.numeric = table.numeric && each.number;
  if (table.numeric)
    std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) { return *a.number < *b.number; });
  for (Seen& each : seen) table.values.push_back(std::move(each.text));
  return table;
}

std::vector<LevelTable> varied_levels(const std::vector<const RelationRow*>& rows, std::string_view variant) {
  std::vector<std::string> names = parameter_names(rows);
  if (variant == kAllVariants) names.insert(names.begin(), std::string(kVariantColumn));
  std::vector<LevelTable> tables;
  for (const std::string& name : names) {
    LevelTable table = levels_of(rows, name);
    if (table.values.size() > 1) tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<std::string> varied_parameters(const Relations& relations, std::string_view variant) {
  std::vector<std::string> names;
  for (const LevelTable& table : varied_levels(rows_within(relations, variant), variant)) names.push_back(table.name);
  return names;
}

std::vector<std::string> numeric_columns(const Relations& relations) {
  std::vector<std::string> ids, counters;
  std::unordered_set<std::string> seen;
  for (const Column& column : fixed_columns()) {
    if (column.numeric && says_something(relations, column.id)) ids.emplace_back(column.id);
  }
  for (const RelationRow& row : relations.rows) {
    for (const NamedValue& value : row.evaluation->configuration.values) {
      if (value.value.number() && seen.insert(value.name).second) ids.push_back(value.name);
    }
    for (const auto& [name, reading] : row.evaluation->measurement.counters) {
      if (seen.insert(counter_column(name)).second) counters.push_back(counter_column(name));
    }
  }
  ids.insert(ids.end(), counters.begin(), counters.end());
  return ids;
}

Design design_of(const std::vector<const RelationRow*>& rows, const std::vector<LevelTable>& tables) {
  Design design;
  std::vector<std::unordered_map<std::string, std::uint8_t>> levels;
  for (const LevelTable& table : tables) {
    // Of a parameter with very many values neighbours are one.
    const std::size_t count = std::min(table.values.size(), kFactorLevels);
    design.factors.push_back({count, table.numeric});
    // Texts by alphabet: numbered alike whatever was measured first.
    std::vector<std::string> values = table.values;
    if (!table.numeric) std::sort(values.begin(), values.end());
    auto& of_text = levels.emplace_back();
    for (std::size_t i = 0; i < table.values.size(); ++i)
      of_text.emplace(values[i], static_cast<std::uint8_t>(i * count / table.values.size()));
  }
  std::vector<std::uint8_t> point(tables.size());
  for (const RelationRow* row : rows) {
    if (!row->ok() || !row->passes) continue;
    bool whole = true;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const auto found = levels[i].find(value_text(row->evaluation->configuration, tables[i].name));
      whole = whole && found != levels[i].end();
      if (whole) point[i] = found->second;
    }
    if (!whole) continue;
    design.levels.insert(design.levels.end(), point.begin(), point.end());
    design.response.push_back(std::log(row->figures->time_ms));
  }
  return design;
}

std::string within_text(std::string_view variant) {
  return variant == kAllVariants ? "over all variants" : fmt::format("within the variant {}", variant);
}

std::vector<std::string> relation_notes(const Relations& relations, const std::vector<const RelationRow*>& rows) {
  std::vector<std::string> notes = {origin_text(*relations.info) + "."};
  const auto passing = std::count_if(rows.begin(), rows.end(), [](const RelationRow* row) { return row->passes; });
  if (static_cast<std::size_t>(passing) < rows.size())
    notes.push_back(fmt::format("{} of {} configurations pass the filter.", grouped(static_cast<double>(passing)),
                                grouped(static_cast<double>(rows.size()))));
  return notes;
}

double scale_end(std::vector<double> ratios) {
  constexpr double kLast = 9;
  const double most = ratios.empty() ? 0 : quantile(ratios, 0.9);
  for (const double end : {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0}) {
    if (most <= end) return end;
  }
  return kLast;
}

}  // namespace fuseline::tuner
