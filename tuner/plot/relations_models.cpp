// The heat map of two parameters, and what matters by itself and together.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "tuner/base/text.hpp"
#include "tuner/plot/relations_source.hpp"
#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kHeatValues = 48;
constexpr std::size_t kNoTable = ~std::size_t{0};

std::size_t table_named(const std::vector<LevelTable>& tables, const std::string& name) {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const LevelTable& table) { return table.name == name; });
  return found == tables.end() ? kNoTable : static_cast<std::size_t>(found - tables.begin());
}

/// What the user named; kNoTable where that is nothing.
Result<std::size_t> named_table(const std::vector<LevelTable>& tables, const std::string& option,
                                const std::string& name, std::string_view variant) {
  if (name.empty()) return kNoTable;
  if (const std::size_t found = table_named(tables, name); found != kNoTable) return found;
  std::vector<std::string> names;
  names.reserve(tables.size());
  for (const LevelTable& table : tables) names.push_back(table.name);
  return bad_input(option, "",
                   printable(fmt::format("no parameter \"{}\" has several values {}; there are {}", name,
                                         within_text(variant), fmt::join(names, ", "))));
}

struct TablePair {
  std::size_t first = 0, second = 1;
};
bool fits(const TablePair& pair, const TablePair& named) {
  const auto has = [&](std::size_t wanted) {
    return wanted == kNoTable || pair.first == wanted || pair.second == wanted;
  };
  return has(named.first) && has(named.second);
}

/// Shares of each parameter by itself, where those of pairs cannot be told.
std::vector<double> one_way_shares(const std::vector<const RelationRow*>& rows, const std::vector<LevelTable>& tables) {
  std::vector<TimedConfiguration> timed;
  timed.reserve(rows.size());
  for (const RelationRow* row : rows)
    timed.push_back({&row->evaluation->configuration, row->figures->standing, row->evaluation->sequence});
  std::vector<double> shares(tables.size(), 0);
  for (const ParameterEffect& effect : parameter_effects(timed, std::nullopt)) {
    if (const std::size_t at = table_named(tables, effect.name); at != kNoTable) shares[at] = effect.explained;
  }
  return shares;
}

/// The pair that explains most, with those that were named.
TablePair leading_pair(const std::vector<const RelationRow*>& rows, const std::vector<LevelTable>& tables,
                       const TablePair& named) {
  std::vector<PairShare> pairs;
  std::vector<double> main;
  if (auto shares = variance_shares(design_of(rows, tables)).shares) {
    pairs = std::move(shares->pairs), main = std::move(shares->main);
  } else {
    main = one_way_shares(rows, tables);
    for (std::size_t i = 0; i < tables.size(); ++i) {
      for (std::size_t j = i + 1; j < tables.size(); ++j) pairs.push_back({i, j, 0});
    }
  }
  TablePair best;
  double most = -1;
  for (const PairShare& pair : pairs) {
    const double joint = pair.share + main[pair.first] + main[pair.second];
    if (joint > most && fits({pair.first, pair.second}, named)) best = {pair.first, pair.second}, most = joint;
  }
  return best;
}

Result<TablePair> heat_axes(const std::vector<const RelationRow*>& rows, const std::vector<LevelTable>& tables,
                            const RelationChoice& choice, std::string_view variant) {
  if (tables.size() < 2)
    return bad_input(
        printable(fmt::format("a heat map needs two parameters that have several values; {} there {}",
                              within_text(variant), tables.empty() ? "is none" : "is " + tables.front().name)));
  FUSELINE_TRY(x, named_table(tables, "--x", choice.x, variant));
  FUSELINE_TRY(y, named_table(tables, "--y", choice.y, variant));
  if (x != kNoTable && x == y) return bad_input("--y", "", "is the same parameter as --x");
  if (x != kNoTable && y != kNoTable) return TablePair{x, y};
  const TablePair pair = leading_pair(rows, tables, {x, y});
  if (x != kNoTable) return TablePair{x, pair.first == x ? pair.second : pair.first};
  if (y != kNoTable) return TablePair{pair.first == y ? pair.second : pair.first, y};
  // There is more room sideways.
  const bool turned = tables[pair.first].values.size() < tables[pair.second].values.size();
  return turned ? TablePair{pair.second, pair.first} : pair;
}

/// Keeps the values with the best times; how many there were else.
std::size_t keep_best_values(LevelTable& table, const std::vector<const RelationRow*>& rows) {
  const std::size_t all = table.values.size();
  if (all <= kHeatValues) return 0;
  std::unordered_map<std::string, Standing> bests;
  for (const RelationRow* row : rows) {
    if (!row->ok() || !row->passes) continue;
    const std::string text = value_text(row->evaluation->configuration, table.name);
    const auto [at, added] = bests.emplace(text, row->figures->standing);
    if (!added && row->figures->standing < at->second) at->second = row->figures->standing;
  }
  std::vector<std::string> kept = table.values;
  std::stable_sort(kept.begin(), kept.end(), [&](const std::string& a, const std::string& b) {
    const auto left = bests.find(a), right = bests.find(b);
    if (left == bests.end() || right == bests.end()) return left != bests.end() && right == bests.end();
    return left->second < right->second;
  });
  kept.resize(kHeatValues);
  std::sort(kept.begin(), kept.end());
  std::erase_if(table.values,
                [&](const std::string& value) { return !std::binary_search(kept.begin(), kept.end(), value); });
  return all;
}

void fill_cells(HeatmapModel& model, const std::vector<const RelationRow*>& rows, const RelationRow* best) {
  const auto places = [](const LevelTable& table) {
    std::unordered_map<std::string, std::size_t> map;
    for (std::size_t i = 0; i < table.values.size(); ++i) map.emplace(table.values[i], i);
    return map;
  };
  const auto columns = places(model.x), lines = places(model.y);
  model.cells.resize(model.x.values.size() * model.y.values.size());
  std::vector<Standing> standings(model.cells.size()), faint_standings(model.cells.size());
  for (const RelationRow* row : rows) {
    const Configuration& configuration = row->evaluation->configuration;
    const auto column = columns.find(value_text(configuration, model.x.name)),
               line = lines.find(value_text(configuration, model.y.name));
    if (column == columns.end() || line == lines.end()) continue;
    const std::size_t at = line->second * model.x.values.size() + column->second;
    HeatCell& cell = model.cells[at];
    ++(row->passes ? cell.configurations : cell.left_out);
    if (!row->ok()) continue;
    cell.ok += row->passes ? 1 : 0;
    cell.of_best = cell.of_best || (row == best && row->passes);
    double& ms = row->passes ? cell.best_ms : cell.faint_ms;
    Standing& standing = (row->passes ? standings : faint_standings)[at];
    if (ms > 0 && !(row->figures->standing < standing)) continue;
    standing = row->figures->standing;
    ms = row->figures->time_ms;
    if (row->passes) cell.best_sequence = row->evaluation->sequence;
  }
}

double end_of(const HeatmapModel& model) {
  std::vector<double> ratios;
  for (const HeatCell& cell : model.cells) {
    if (cell.ok > 0) ratios.push_back(cell.best_ms / model.scale.best_ms - 1);
  }
  return scale_end(std::move(ratios));
}

std::vector<ImportanceItem> items_of(const VarianceShares& shares, const std::vector<LevelTable>& tables) {
  std::vector<ImportanceItem> items;
  for (std::size_t i = 0; i < tables.size(); ++i) items.push_back({tables[i].name, {}, shares.main[i]});
  for (const PairShare& pair : shares.pairs)
    items.push_back({tables[pair.first].name, tables[pair.second].name, pair.share});
  std::stable_sort(items.begin(), items.end(),
                   [](const ImportanceItem& a, const ImportanceItem& b) { return a.share > b.share; });
  return items;
}

}  // namespace

Result<HeatmapModel> heatmap_model(const Relations& relations, const RelationChoice& choice) {
  FUSELINE_CHECK(ranked_by_time(relations, "a heat map"));
  FUSELINE_TRY(variant, chosen_variant(relations, choice.variant));
  const auto rows = rows_within(relations, variant);
  const std::vector<LevelTable> tables = varied_levels(rows, variant);
  FUSELINE_TRY(pair, heat_axes(rows, tables, choice, variant));
  HeatmapModel model;
  model.variant = variant;
  model.x = tables[pair.first], model.y = tables[pair.second];
  model.notes = relation_notes(relations, rows);
  for (LevelTable* table : {&model.x, &model.y}) {
    if (const std::size_t all = keep_best_values(*table, rows); all > 0)
      model.notes.push_back(fmt::format("Of {}'s {} values the {} with the best times are drawn.", table->name, all,
                                        table->values.size()));
  }
  const RelationRow* best = best_of(relations);
  fill_cells(model, rows, best);
  model.scale.best_ms = best->figures->time_ms;
  model.scale.end = end_of(model);
  const bool narrowed =
      std::any_of(model.cells.begin(), model.cells.end(), [](const HeatCell& cell) { return cell.left_out > 0; });
  model.notes.push_back(fmt::format(
      "A cell is the first in rank of the configurations with both values, {}, whatever their other values: its time "
      "in ms, below it how many worked, of how many where some failed. Framed: the run's best. Crossed: all failed. "
      "Empty: no configuration.{}",
      within_text(variant), narrowed ? " Faint: none of its configurations passes the filter." : ""));
  return model;
}

Result<ImportanceModel> importance_model(const Relations& relations, const RelationChoice& choice) {
  FUSELINE_CHECK(ranked_by_time(relations, "importance"));
  // Over all variants a parameter that only a slow one has would take the blame for it.
  FUSELINE_TRY(variant, chosen_variant(relations, choice.variant == kAllVariants ? "" : choice.variant));
  const auto rows = rows_within(relations, variant);
  const std::vector<LevelTable> tables = varied_levels(rows, variant);
  ImportanceModel model;
  model.variant = variant;
  const Design design = design_of(rows, tables);
  const SharesAnswer answer = variance_shares(design);
  model.rows = design.response.size();
  model.why_not = answer.why_not;
  model.notes = relation_notes(relations, rows);
  if (!answer.shares) return model;
  model.items = items_of(*answer.shares, tables);
  model.rest = answer.shares->rest;
  model.held_out_r2 = answer.shares->held_out_r2;
  model.notes.push_back(
      fmt::format("Shares of the variance of log time {}: functional analysis of variance of a random forest (Hutter, "
                  "Hoos & Leyton-Brown 2014) fitted on {} configurations that worked.",
                  within_text(variant), grouped(static_cast<double>(answer.shares->rows))));
  model.notes.push_back(fmt::format(
      "The forest explains {:.1f} % of the variance of configurations that it has not seen. Every value counts alike, "
      "and combinations that were not measured are its guess.",
      100 * model.held_out_r2));
  return model;
}

}  // namespace fuseline::tuner
