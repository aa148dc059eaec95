#include "app/gui/models/why_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "app/gui/models/results_model.hpp"

namespace fuseline::app::gui {
namespace {

struct Gathered {
  ValueEffect effect;
  std::optional<double> number;
  std::vector<double> times;
};

struct ParameterTable {
  std::string name;
  std::vector<Gathered> values;
  std::unordered_map<std::string, std::size_t> places = {};  ///< A recording may have a value of its own for every configuration.

  Gathered& at(const std::string& text, std::optional<double> number) {
    const auto [place, added] = places.emplace(text, values.size());
    if (!added) return values[place->second];
    values.push_back({});
    values.back().effect.value = text;
    values.back().number = number;
    return values.back();
  }
};

void count(Gathered& gathered, const Row& row, bool of_best) {
  ValueEffect& effect = gathered.effect;
  ++effect.evaluated;
  effect.of_best = effect.of_best || of_best;
  if (!row.ok()) return;
  ++effect.ok;
  gathered.times.push_back(row.time_ms);
  if (effect.best_ms == 0 || row.time_ms < effect.best_ms) {
    effect.best_ms = row.time_ms;
    effect.best_sequence = row.evaluation->sequence;
  }
}

ParameterEffect finish(ParameterTable& table) {
  ParameterEffect effect{table.name, {}, 0};
  const bool numbers = std::all_of(table.values.begin(), table.values.end(), [](const Gathered& value) { return value.number.has_value(); });
  if (numbers) std::stable_sort(table.values.begin(), table.values.end(), [](const Gathered& a, const Gathered& b) { return *a.number < *b.number; });
  double lowest = 0, highest = 0;
  for (Gathered& value : table.values) {
    if (!value.times.empty()) value.effect.median_ms = tuner::median(value.times);
    const double best = value.effect.best_ms;
    if (best > 0) {
      lowest = lowest == 0 ? best : std::min(lowest, best);
      highest = std::max(highest, best);
    }
    effect.values.push_back(std::move(value.effect));
  }
  effect.influence = lowest > 0 ? highest / lowest - 1 : 0;
  return effect;
}

}  // namespace

std::vector<ParameterEffect> parameter_effects(const std::vector<Row>& rows, std::optional<std::uint64_t> best, const std::string& variant) {
  std::vector<ParameterTable> tables = {{"variant", {}, {}}};
  const auto table_of = [&](const std::string& name) -> ParameterTable& {
    for (ParameterTable& table : tables) {
      if (table.name == name) return table;
    }
    return tables.emplace_back(ParameterTable{name, {}, {}});
  };
  for (const Row& row : rows) {
    const tuner::Configuration& configuration = row.evaluation->configuration;
    const bool of_best = best == row.evaluation->sequence;
    if (!variant.empty() && configuration.variant != variant) continue;
    count(tables.front().at(configuration.variant, std::nullopt), row, of_best);
    for (const tuner::NamedValue& value : configuration.values) count(table_of(value.name).at(value.value.to_string(), value.value.number()), row, of_best);
  }
  std::vector<ParameterEffect> effects;
  for (ParameterTable& table : tables) {
    if (table.values.size() > 1) effects.push_back(finish(table));
  }
  std::stable_sort(effects.begin(), effects.end(), [](const ParameterEffect& a, const ParameterEffect& b) {
    if ((a.name == "variant") != (b.name == "variant")) return a.name == "variant";
    return a.influence > b.influence;
  });
  return effects;
}

std::vector<ComparisonLine> compare_rows(const Row& a, const Row& b) {
  using Group = ComparisonLine::Group;
  std::vector<ComparisonLine> lines;
  const auto add = [&](Group group, const std::string& label, std::string left, std::string right, int better) {
    const bool differs = left != right;
    lines.push_back({group, label, left.empty() ? "-" : std::move(left), right.empty() ? "-" : std::move(right), differs, differs ? better : 0});
  };
  // `sign`: -1 where less is better, +1 where more is, 0 where neither.
  const auto add_column = [&](Group group, const std::string& label, const std::string& column, int sign) {
    const auto left = column_number(a, column), right = column_number(b, column);
    const int better = sign == 0 || !left || !right ? 0 : (*left < *right) == (sign < 0) ? -1 : 1;
    add(group, label, column_text(a, column), column_text(b, column), better);
  };
  add_column(Group::parameters, "variant", "variant", 0);
  std::set<std::string> names;
  for (const Row* row : {&a, &b}) {
    for (const tuner::NamedValue& value : row->evaluation->configuration.values) {
      if (names.insert(value.name).second) add_column(Group::parameters, value.name, "param:" + value.name, 0);
    }
  }
  add_column(Group::result, "outcome", "outcome", 0);
  add_column(Group::result, "time (ms)", "time", -1);
  add_column(Group::result, "GB/s", "gbps", 1);
  add_column(Group::result, "% of copy", "of_copy", 1);
  add_column(Group::result, "spread %", "spread", -1);
  add_column(Group::result, "max error", "error", 0);
  add_column(Group::resources, "registers", "registers", -1);
  add_column(Group::resources, "spilled bytes", "spills", -1);
  add_column(Group::resources, "shared bytes", "shared", -1);
  add_column(Group::resources, "occupancy %", "occupancy", 1);
  add_column(Group::resources, "occupancy limited by", "limiter", 0);
  add_column(Group::resources, "blocks", "grid", 0);
  add_column(Group::resources, "threads a block", "block", 0);
  add_column(Group::resources, "waves", "waves", 0);
  std::set<std::string> counters;
  for (const Row* row : {&a, &b}) {
    for (const auto& [name, value] : row->evaluation->measurement.counters) counters.insert(name);
  }
  for (const std::string& name : counters) add_column(Group::counters, name, "counter:" + name, 0);
  return lines;
}

std::vector<SampleSet> sample_sets(const RunData& data, const std::vector<std::uint64_t>& sequences) {
  std::vector<SampleSet> sets;
  for (const std::uint64_t sequence : sequences) {
    const Row* row = data.by_sequence(sequence);
    if (row == nullptr || row->evaluation->measurement.samples_ms.empty()) continue;
    SampleSet set{fmt::format("#{}", sequence), sequence, row->evaluation->measurement.samples_ms, {}, {}};
    for (const tuner::FinalTiming& timing : data.info().finals) {
      if (timing.sequence == sequence) set.finals_ms = timing.samples_ms;
    }
    set.summary = tuner::summarize(set.finals_ms.empty() ? set.sweep_ms : set.finals_ms);
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace fuseline::app::gui
