#include "app/gui/models/run_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {

void be_of_file(tuner::RunInfo& info, const std::filesystem::path& file) {
  info.backend = tuner::Backend::replay;
  info.recording = file.string();
  info.id = 0;  // Its number is of the store that it was made in.
  if (info.recorded_at.empty()) info.recorded_at = info.started_at;
}

std::string against_text(double ratio, bool paired) {
  return (paired ? "" : "\u2248 ") + tuner::change_text(ratio - 1);
}

std::string against_text(const tuner::TimeRatio& ratio) {
  std::string text = tuner::change_text(ratio.ratio - 1);
  if (ratio.interval.low < ratio.interval.high)
    text += fmt::format(" ({} to {})", tuner::change_text(ratio.interval.low - 1),
                        tuner::change_text(ratio.interval.high - 1));
  return text + (ratio.paired ? ", paired" : ", not paired");
}

void RunData::clear() {
  shown_ = false;
  other_target_.reset();
  info_ = {};
  rows_.clear();
  best_.reset();
  warnings_.clear();
  place_effect_.reset();
  ++revision_;
  ++rebuilt_;
}

void RunData::show(const std::shared_ptr<const tuner::Run>& run) {
  shown_ = ended_ = true;
  other_target_.reset();
  info_ = run->info;
  rows_.clear();
  rows_.reserve(run->evaluations.size());
  for (const tuner::Evaluation& evaluation : run->evaluations)
    rows_.push_back({{}, std::shared_ptr<const tuner::Evaluation>(run, &evaluation), nullptr});
  rebuild();
}

void RunData::follow(const tuner::Snapshot& snapshot) {
  const bool other_run = !shown_ || snapshot.info.started_at != info_.started_at || snapshot.info.id != info_.id ||
                         snapshot.evaluations.size() < rows_.size();
  const bool changed = other_run || tuner::copy_gbps(snapshot.info) != tuner::copy_gbps(info_) ||
                       snapshot.info.finals.size() != info_.finals.size() || snapshot.info.state != info_.state;
  shown_ = true;
  ended_ = snapshot.info.state != tuner::RunState::running;
  info_ = snapshot.info;
  if (other_run) other_target_.reset();
  if (other_target_) tuner::set_target(info_, *other_target_);
  if (other_run) rows_.clear();
  // Counters come after the evaluation that they are of, which is then another object.
  bool replaced = false;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].evaluation == snapshot.evaluations[i]) continue;
    rows_[i].evaluation = snapshot.evaluations[i];
    replaced = true;
  }
  rows_.reserve(snapshot.evaluations.size());
  for (std::size_t i = rows_.size(); i < snapshot.evaluations.size(); ++i) add(snapshot.evaluations[i]);
  if (changed || replaced) return rebuild();
  judge();
  ++revision_;
}

void RunData::replace(const std::shared_ptr<const tuner::Evaluation>& evaluation) {
  const Row* found = by_sequence(evaluation->sequence);
  if (found == nullptr) return;
  rows_[static_cast<std::size_t>(found - rows_.data())].evaluation = evaluation;
  rebuild();
}

void RunData::set_target(const tuner::Target& target) {
  if (!shown_) return;
  other_target_ = target;
  tuner::set_target(info_, target);
  rebuild();
}

void RunData::set_baseline(std::optional<Baseline> baseline) {
  if (!baseline_ && !baseline) return;
  baseline_ = std::move(baseline);
  if (shown_) rebuild();
}

bool RunData::baseline_is_here() const { return baseline_ && tuner::same_run(*baseline_->info, info_); }

bool RunData::is_baseline(const Row& row) const {
  return baseline_is_here() && row.evaluation->sequence == baseline_->evaluation->sequence;
}

/// Of the run on show what is known of it by now: its finals may have come after it was pinned.
tuner::MeasuredIn RunData::baseline_measured() const {
  return {baseline_is_here() ? info_ : *baseline_->info, *baseline_->evaluation};
}

std::optional<tuner::Projection> RunData::projection_of(const Row& row) const {
  return info_.target && row.ok() ? tuner::projected(info_, *row.evaluation, row.time_ms) : std::nullopt;
}

std::optional<tuner::TimeRatio> RunData::against_baseline(const Row& row) const {
  if (!baseline_ || !(row.against_baseline > 0) || is_baseline(row)) return std::nullopt;
  return tuner::time_ratio({info_, *row.evaluation}, baseline_measured());
}

std::string run_title(const tuner::RunInfo& info) {
  std::string text = info.problem.empty() ? "a run of another tuner" : info.problem;
  const auto add = [&](const std::string& part) { text += part.empty() ? "" : "  \u00b7  " + part; };
  add(tuner::instance_text(info));
  add(tuner::short_device_name(info.device.name));
  add((info.recorded_at.empty() ? info.started_at : info.recorded_at).substr(0, 10));
  return text;
}

void RunData::add(std::shared_ptr<const tuner::Evaluation> evaluation) {
  Row& row = rows_.emplace_back();
  row.evaluation = std::move(evaluation);
  work_out(row, std::nullopt);
  const Row* best = best_row();
  if (row.ok() && (best == nullptr || row.standing < best->standing)) best_ = row.evaluation->sequence;
}

void RunData::work_out(Row& row, std::optional<std::size_t> place) const {
  row.info = &info_;
  static_cast<tuner::Figures&>(row) = tuner::figures_of(info_, *row.evaluation, place);
  row.against_baseline = 0;
  row.baseline_paired = false;
  row.baseline = is_baseline(row);
  const bool timed = baseline_ && row.ok() && tuner::worked(baseline_->evaluation->measurement);
  if (!timed) return;
  // Of finalists by rounds; intervals are for who asks: a hundred thousand of them would take a second.
  row.baseline_paired =
      place && baseline_is_here() && tuner::final_place(info_, baseline_->evaluation->sequence).has_value();
  row.against_baseline =
      static_cast<float>(row.baseline_paired ? tuner::time_ratio({info_, *row.evaluation}, baseline_measured()).ratio
                                             : row.evaluation->measurement.time_ms.median /
                                                   baseline_->evaluation->measurement.time_ms.median);
}

void RunData::rebuild() {
  for (Row& row : rows_) work_out(row, std::nullopt);
  for (std::size_t place = 0; place < info_.finals.size(); ++place) {
    const Row* found = by_sequence(info_.finals[place].sequence);
    if (found != nullptr) work_out(rows_[static_cast<std::size_t>(found - rows_.data())], place);
  }
  rank();
  judge();
  ++revision_;
  ++rebuilt_;
}

void RunData::judge() {
  const Row* best = best_row();
  warnings_ = best == nullptr ? std::vector<std::string>{} : tuner::timing_warnings(info_, *best->evaluation);
  place_effect_ = tuner::place_effect(info_);
}

void RunData::rank() {
  best_.reset();
  std::size_t rank = 0;
  for (const std::size_t position : tuner::rank_order(
           info_, rows_.size(), [this](std::size_t i) -> const tuner::Evaluation& { return *rows_[i].evaluation; })) {
    if (!best_) best_ = rows_[position].evaluation->sequence;
    if (!ended_) return;
    rows_[position].rank = ++rank;
  }
}

const Row* RunData::by_sequence(std::uint64_t sequence) const {
  // Sequences are positions unless rows are missing.
  if (sequence < rows_.size() && rows_[sequence].evaluation->sequence == sequence) return &rows_[sequence];
  const auto found = std::lower_bound(rows_.begin(), rows_.end(), sequence, [](const Row& row, std::uint64_t wanted) {
    return row.evaluation->sequence < wanted;
  });
  return found != rows_.end() && found->evaluation->sequence == sequence ? &*found : nullptr;
}

RunData::Frozen RunData::freeze() const {
  Frozen frozen{info_, {}};
  frozen.evaluations.reserve(rows_.size());
  for (const Row& row : rows_) frozen.evaluations.push_back(row.evaluation);
  return frozen;
}

tuner::Run RunData::Frozen::run() const {
  tuner::Run run{info, {}};
  run.evaluations.reserve(evaluations.size());
  for (const auto& evaluation : evaluations) run.evaluations.push_back(*evaluation);
  return run;
}

RunData::ClockLine RunData::clocks(bool live) const {
  const Row* last = newest();
  const auto clocks =
      live && last != nullptr ? std::optional<tuner::Clocks>(last->evaluation->measurement.clocks) : info_.clocks;
  if (!clocks) return {};
  return {tuner::clocks_text(*clocks), clocks->moved() && tuner::is_throttled(clocks->reasons)};
}

tuner::Run RunData::run() const { return freeze().run(); }

}  // namespace fuseline::app::gui
