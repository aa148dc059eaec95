#include "app/gui/models/why_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/gui/models/results_model.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kSampleSets = 6;

}  // namespace

std::vector<ParameterEffect> parameter_effects(const std::vector<Row>& rows, std::optional<std::uint64_t> best,
                                               const std::string& variant) {
  std::vector<tuner::TimedConfiguration> timed;
  timed.reserve(rows.size());
  for (const Row& row : rows) timed.push_back({&row.evaluation->configuration, row.standing, row.evaluation->sequence});
  return tuner::parameter_effects(timed, best, variant);
}

std::vector<ComparisonLine> compare_rows(const Row& a, const Row& b) {
  using Group = ComparisonLine::Group;
  std::vector<ComparisonLine> lines;
  const auto add = [&](Group group, const std::string& label, std::string left, std::string right, int better) {
    const bool differs = left != right;
    lines.push_back({group,
                     label,
                     left.empty() ? "-" : std::move(left),
                     right.empty() ? "-" : std::move(right),
                     differs,
                     differs ? better : 0,
                     std::nullopt,
                     {}});
  };
  // `sign`: -1 where less is better, +1 where more is, 0 where neither.
  const auto add_column = [&](Group group, const std::string& label, const std::string& column, int sign) {
    const auto left = column_number(a, column), right = column_number(b, column);
    const int better = sign == 0 || !left || !right ? 0 : (*left < *right) == (sign < 0) ? -1 : 1;
    add(group, label, column_text(a, column), column_text(b, column), better);
    if (group != Group::parameters && left && right && *left != 0) lines.back().change = *right / *left - 1;
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
  add_column(Group::result, "timed in", "timed_in", 0);
  add_column(Group::result, "against best", "against_best", -1);
  add_column(Group::result, "GB/s", "gbps", 1);
  add_column(Group::result, "% of copy", "of_copy", 1);
  add_column(Group::result, "spread %", "spread", -1);
  add_column(Group::result, "max error", "error", 0);
  add_column(Group::resources, "registers", "registers", 0);
  add_column(Group::resources, "spilled bytes", "spills", -1);
  add_column(Group::resources, "shared bytes", "shared", -1);
  add_column(Group::resources, "occupancy %", "occupancy", 0);
  add_column(Group::resources, "occupancy limited by", "limiter", 0);
  add_column(Group::resources, "blocks", "grid", 0);
  add_column(Group::resources, "threads a block", "block", 0);
  add_column(Group::resources, "waves", "waves", 0);
  std::set<std::string> counters;
  for (const Row* row : {&a, &b}) {
    for (const auto& [name, value] : row->evaluation->measurement.counters) counters.insert(name);
  }
  for (const std::string& name : counters) {
    const tuner::MetricInfo* known = tuner::find_metric(name);
    add_column(Group::counters, known == nullptr ? name : std::string(known->label), "counter:" + name, 0);
    const auto text = [&](const Row& row) {
      const auto found = row.evaluation->measurement.counters.find(name);
      return found == row.evaluation->measurement.counters.end() ? std::string("-")
                                                                 : tuner::metric_text(name, found->second);
    };
    lines.back().a = text(a), lines.back().b = text(b);
    lines.back().explanation = (known == nullptr ? "" : std::string(known->explanation) + "\n") + name;
  }
  return lines;
}

std::pair<const Row*, const Row*> compared_rows(const RunData& data, const std::vector<std::uint64_t>& selected) {
  std::vector<const Row*> rows;
  for (const std::uint64_t sequence : selected) {
    if (const Row* row = data.by_sequence(sequence)) rows.push_back(row);
  }
  if (rows.size() >= 2) return {rows[rows.size() - 2], rows.back()};
  const Row* best = data.best_row();
  if (rows.size() == 1 && best != nullptr && best != rows.front()) return {best, rows.front()};
  return {nullptr, nullptr};
}

tuner::ComparisonModel comparison_of(const RunData& data, const Row& a, const Row& b) {
  const tuner::RunInfo& info = data.info();
  const auto name = [&](const Row& row) {
    return fmt::format("#{}{}", row.evaluation->sequence, data.best() == row.evaluation->sequence ? " best" : "");
  };
  return {fmt::format("{}: {} and {} on {}", info.problem_title.empty() ? info.problem : info.problem_title, name(a),
                      name(b), info.device.name.empty() ? "an unnamed device" : info.device.name),
          fmt::format("{}  \u00b7  {}", info.problem, tuner::instance_text(info)),
          name(a),
          name(b),
          compare_rows(a, b),
          {tuner::origin_text(info) +
           ". Shaded: what differs. Green: the better of two; change: of the second against the first."}};
}

namespace {

/// Those of `sequences` that are drawn, and a run that has their evaluations alone.
tuner::Run run_of(const RunData& data, std::vector<std::uint64_t>& sequences) {
  if (sequences.empty() && data.best()) {
    sequences.push_back(*data.best());
    for (const tuner::FinalTiming& timing : data.info().finals) {
      if (timing.tied && timing.sequence != *data.best()) sequences.push_back(timing.sequence);
    }
    sequences.resize(std::min(sequences.size(), kSampleSets));
  }
  // Of many selected, those selected last.
  if (sequences.size() > kSampleSets)
    sequences.erase(sequences.begin(), sequences.end() - static_cast<std::ptrdiff_t>(kSampleSets));
  tuner::Run run{data.info(), {}};
  for (const std::uint64_t sequence : sequences) {
    if (const Row* row = data.by_sequence(sequence)) run.evaluations.push_back(*row->evaluation);
  }
  return run;
}

}  // namespace

tuner::SamplesModel samples_of(const RunData& data, std::vector<std::uint64_t> sequences) {
  const tuner::Run run = run_of(data, sequences);
  return tuner::samples_model(run, std::move(sequences));
}

tuner::RoundsModel rounds_of(const RunData& data, std::vector<std::uint64_t> sequences) {
  if (sequences.empty()) {
    for (const tuner::FinalTiming& timing : data.info().finals) sequences.push_back(timing.sequence);
    sequences.resize(std::min(sequences.size(), kSampleSets));
  }
  const tuner::Run run = run_of(data, sequences);
  return tuner::rounds_model(run, std::move(sequences));
}

}  // namespace fuseline::app::gui
