#include "app/gui/models/why_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "app/gui/models/results_model.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/neighbours.hpp"

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kSampleSets = 6;

}  // namespace

std::vector<StandingRow> standing_rows(const std::vector<const Row*>& rows) {
  std::vector<StandingRow> standing;
  standing.reserve(rows.size());
  for (const Row* row : rows) standing.push_back({row->evaluation, row->standing});
  return standing;
}

std::vector<ParameterEffect> parameter_effects(const std::vector<StandingRow>& rows, std::optional<std::uint64_t> best,
                                               const std::string& variant) {
  std::vector<tuner::TimedConfiguration> timed;
  timed.reserve(rows.size());
  for (const StandingRow& row : rows)
    timed.push_back({&row.evaluation->configuration, row.standing, row.evaluation->sequence});
  return tuner::parameter_effects(timed, best, variant);
}

namespace {

using Group = ComparisonLine::Group;

/// Lines of a comparison as they are made; the first of `all` is the baseline.
class Comparer {
 public:
  explicit Comparer(const std::vector<Compared>& all) : all_(all) {
    for (const Compared& each : all) figures_.push_back(tuner::figures_of(*each.info, *each.evaluation));
  }

  /// `sign`: -1 where less is better, +1 where more is, 0 where neither.
  void column(Group group, const std::string& label, const std::string& id, int sign) {
    ComparisonLine line{group, label, {}, false, {}};
    const auto base = number(0, id);
    for (std::size_t i = 0; i < all_.size(); ++i) {
      ComparisonCell cell{tuner::cell_text(source(i), id), 0, {}};
      const auto own = number(i, id);
      if (i > 0 && own && base && *own != *base) {
        if (sign != 0) cell.better = (*own < *base) == (sign < 0) ? 1 : -1;
        if (group != Group::parameters && *base != 0) cell.change = *own / *base - 1;
      }
      line.cells.push_back(std::move(cell));
    }
    keep(std::move(line));
  }

  void times() {
    ComparisonLine median{
        Group::result, "95 % of the median", {}, false, "Interval of the median of the runs behind the time, in ms"};
    ComparisonLine against{Group::result, "to the baseline", {}, false, "Time over the baseline's, less 1"};
    ComparisonLine interval{Group::result, "95 % of that", {}, false, "Its interval"};
    ComparisonLine timed{Group::result,
                         "timed with it",
                         {},
                         false,
                         "Paired: in the rounds of the finals that both were in. Not paired: by the medians in the "
                         "sweeps, which were measured apart."};
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const auto ratio = i == 0 ? std::nullopt : ratio_of(i);
      median.cells.push_back({interval_of(i), 0, {}});
      against.cells.push_back({ratio ? tuner::change_text(ratio->ratio - 1) : i == 0 ? "baseline" : "", 0, {}});
      interval.cells.push_back({ratio ? interval_text(*ratio) : "", 0, {}});
      timed.cells.push_back({!ratio ? "" : ratio->paired ? "paired" : "not paired", 0, {}});
    }
    keep(std::move(median));
    for (ComparisonLine* line : {&against, &interval, &timed}) {
      keep(std::move(*line));
      lines_.back().differs = false;  // It always does.
    }
  }

  /// What runs are of, where they are several.
  void run_line(const std::string& label, std::string (*text)(const tuner::RunInfo&)) {
    ComparisonLine line{Group::parameters, label, {}, false, {}};
    for (const Compared& each : all_) line.cells.push_back({text(*each.info), 0, {}});
    keep(std::move(line));
  }

  void counter(const std::string& name) {
    const tuner::MetricInfo* known = tuner::find_metric(name);
    column(Group::counters, known == nullptr ? name : std::string(known->label), tuner::counter_column(name), 0);
    ComparisonLine& line = lines_.back();
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const auto& counters = all_[i].evaluation->measurement.counters;
      const auto found = counters.find(name);
      line.cells[i].text = found == counters.end() ? "-" : tuner::metric_text(name, found->second);
    }
    line.explanation = (known == nullptr ? "" : std::string(known->explanation) + "\n") + name;
  }

  [[nodiscard]] std::vector<ComparisonLine> take() { return std::move(lines_); }

 private:
  [[nodiscard]] tuner::ColumnSource source(std::size_t i) const {
    return {all_[i].info, *all_[i].evaluation, figures_[i]};
  }
  [[nodiscard]] std::optional<double> number(std::size_t i, const std::string& id) const {
    return tuner::cell_number(source(i), id);
  }
  [[nodiscard]] std::string interval_of(std::size_t i) const {
    const auto time = tuner::time_interval(*all_[i].info, *all_[i].evaluation);
    return time ? fmt::format("{} to {}", tuner::format_ms(time->low), tuner::format_ms(time->high)) : "";
  }
  [[nodiscard]] static std::string interval_text(const tuner::TimeRatio& ratio) {
    if (!(ratio.interval.low < ratio.interval.high)) return {};
    return fmt::format("{} to {}", tuner::change_text(ratio.interval.low - 1),
                       tuner::change_text(ratio.interval.high - 1));
  }
  [[nodiscard]] std::optional<tuner::TimeRatio> ratio_of(std::size_t i) const {
    if (!(figures_[i].time_ms > 0) || !(figures_[0].time_ms > 0)) return std::nullopt;
    // Cut short: too few runs to say more than that it is slow.
    if (all_[i].evaluation->measurement.abandoned || all_[0].evaluation->measurement.abandoned) return std::nullopt;
    return tuner::time_ratio({*all_[i].info, *all_[i].evaluation}, {*all_[0].info, *all_[0].evaluation});
  }
  void keep(ComparisonLine line) {
    for (ComparisonCell& cell : line.cells) {
      line.differs = line.differs || cell.text != line.cells.front().text;
    }
    for (ComparisonCell& cell : line.cells) {
      if (cell.text.empty()) cell.text = "-";
    }
    lines_.push_back(std::move(line));
  }

  const std::vector<Compared>& all_;
  std::vector<tuner::Figures> figures_;
  std::vector<ComparisonLine> lines_;
};

/// Of all of them, in the order in which they come.
std::vector<std::string> parameter_names(const std::vector<Compared>& all) {
  std::vector<std::string> names;
  for (const Compared& each : all) {
    for (const tuner::NamedValue& value : each.evaluation->configuration.values) {
      if (std::find(names.begin(), names.end(), value.name) == names.end()) names.push_back(value.name);
    }
  }
  return names;
}

}  // namespace

std::vector<ComparisonLine> compare(const std::vector<Compared>& all) {
  Comparer lines(all);
  const bool runs = std::any_of(all.begin(), all.end(),
                                [&](const Compared& each) { return !tuner::same_run(*each.info, *all.front().info); });
  if (runs) {
    lines.run_line("problem", [](const tuner::RunInfo& info) { return info.problem; });
    lines.run_line("of", [](const tuner::RunInfo& info) { return tuner::instance_text(info); });
    lines.run_line("device", [](const tuner::RunInfo& info) { return tuner::short_device_name(info.device.name); });
  }
  lines.column(Group::parameters, "variant", "variant", 0);
  for (const std::string& name : parameter_names(all))
    lines.column(Group::parameters, name, tuner::parameter_column(name), 0);
  lines.column(Group::result, "outcome", "outcome", 0);
  lines.column(Group::result, "time (ms)", "time", -1);
  lines.times();
  lines.column(Group::result, "timed in", "timed_in", 0);
  lines.column(Group::result, "GB/s", "gbps", 1);
  lines.column(Group::result, "% of copy", "of_copy", 1);
  lines.column(Group::result, "spread %", "spread", -1);
  lines.column(Group::result, "max error", "error", 0);
  lines.column(Group::resources, "registers", "registers", 0);
  lines.column(Group::resources, "spilled bytes", "spills", -1);
  lines.column(Group::resources, "shared bytes", "shared", -1);
  lines.column(Group::resources, "occupancy %", "occupancy", 0);
  lines.column(Group::resources, "occupancy limited by", "limiter", 0);
  lines.column(Group::resources, "blocks", "grid", 0);
  lines.column(Group::resources, "threads a block", "block", 0);
  lines.column(Group::resources, "waves", "waves", 0);
  std::set<std::string> counters;
  for (const Compared& each : all) {
    for (const auto& [name, value] : each.evaluation->measurement.counters) counters.insert(name);
  }
  for (const std::string& name : counters) lines.counter(name);
  return lines.take();
}

std::vector<Compared> compared(const RunData& data, const std::vector<Pin>& pins,
                               const std::vector<std::uint64_t>& selected) {
  std::vector<Compared> all;
  const auto add = [&](const Row& row) {
    const std::uint64_t sequence = row.evaluation->sequence;
    const bool there = std::any_of(all.begin(), all.end(), [&](const Compared& each) {
      return each.evaluation->sequence == sequence && tuner::same_run(*each.info, data.info());
    });
    if (!there)
      all.push_back(
          {fmt::format("#{}{}", sequence, data.best() == sequence ? " best" : ""), &data.info(), row.evaluation.get()});
  };
  for (const Pin& pin : pins) {
    // What is known of the run on show by now: its finals may have come later.
    const Row* row = tuner::same_run(*pin.info, data.info()) ? data.by_sequence(pin.evaluation->sequence) : nullptr;
    if (row != nullptr) {
      add(*row);
    } else {
      all.push_back(
          {pin.whole ? fmt::format("{} best", pin.run_name()) : pin.name(), pin.info.get(), pin.evaluation.get()});
    }
  }
  std::vector<const Row*> rows;
  for (const std::uint64_t sequence : selected) {
    if (const Row* row = data.by_sequence(sequence)) rows.push_back(row);
  }
  if (all.size() + rows.size() == 1 && data.best_row() != nullptr && pins.empty()) add(*data.best_row());
  for (const Row* row : rows) add(*row);
  if (all.size() == 1 && !pins.empty() && data.best_row() != nullptr) add(*data.best_row());
  return all;
}

tuner::ComparisonModel comparison_of(const RunData& data, const std::vector<Compared>& all) {
  const tuner::RunInfo& info = data.empty() ? *all.front().info : data.info();
  tuner::ComparisonModel model;
  model.title =
      fmt::format("{}: {} configurations on {}", info.problem_title.empty() ? info.problem : info.problem_title,
                  all.size(), info.device.name.empty() ? "an unnamed device" : info.device.name);
  model.subtitle = fmt::format("{}  \u00b7  {}", info.problem, tuner::instance_text(info));
  for (const Compared& each : all) model.columns.push_back(each.name);
  model.lines = compare(all);
  model.notes = {tuner::origin_text(info) +
                 ". The first is the baseline. Shaded: what differs. Green: better than the "
                 "baseline; beside a value how far it is from the baseline's."};
  return model;
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
