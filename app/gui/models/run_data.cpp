#include "app/gui/models/run_data.hpp"

#include <algorithm>

#include "tuner/device/roofline.hpp"

namespace fuseline::app::gui {
namespace {

double copy_gbps(const tuner::RunInfo& info) {
  if (info.copy_gbps > 0) return info.copy_gbps;
  return info.device.ceilings ? info.device.ceilings->copy_gbps : 0.0;
}

}  // namespace

const tuner::Value* value_of(const tuner::Configuration& configuration, const std::string& name) {
  for (const tuner::NamedValue& value : configuration.values) {
    if (value.name == name) return &value.value;
  }
  return nullptr;
}

void RunData::clear() {
  shown_ = false;
  info_ = {};
  rows_.clear();
  best_.reset();
  ++revision_;
  ++rebuilt_;
}

void RunData::show(const std::shared_ptr<const tuner::Run>& run) {
  shown_ = true;
  info_ = run->info;
  rows_.clear();
  rows_.reserve(run->evaluations.size());
  for (const tuner::Evaluation& evaluation : run->evaluations)
    rows_.push_back({std::shared_ptr<const tuner::Evaluation>(run, &evaluation)});
  rebuild();
}

void RunData::follow(const tuner::Snapshot& snapshot) {
  const bool other_run = !shown_ || snapshot.info.started_at != info_.started_at || snapshot.info.id != info_.id ||
                         snapshot.evaluations.size() < rows_.size();
  const bool changed = other_run || copy_gbps(snapshot.info) != copy_gbps(info_) ||
                       snapshot.info.finals.size() != info_.finals.size() || snapshot.info.state != info_.state;
  shown_ = true;
  info_ = snapshot.info;
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
  ++revision_;
}

void RunData::add(std::shared_ptr<const tuner::Evaluation> evaluation) {
  Row& row = rows_.emplace_back();
  row.evaluation = std::move(evaluation);
  work_out(row);
  const Row* best = best_row();
  if (info_.finals.empty() && row.ok() && (best == nullptr || row.time_ms < best->time_ms))
    best_ = row.evaluation->sequence;
}

void RunData::work_out(Row& row) const {
  const tuner::Measurement& measurement = row.evaluation->measurement;
  row.time_ms = measurement.outcome == tuner::Outcome::ok ? measurement.time_ms.median : 0.0;
  row.finalist = row.tied = false;
  const double bytes = static_cast<double>(info_.compulsory_bytes), copy = copy_gbps(info_);
  row.gbps = bytes > 0 ? tuner::achieved_gbps(bytes, row.time_ms) : 0.0;
  row.of_copy = copy > 0 ? row.gbps / copy : 0.0;
  row.of_peak = info_.device.dram_peak_gbps > 0 ? row.gbps / info_.device.dram_peak_gbps : 0.0;
  row.gflops = row.time_ms > 0 ? info_.flops / row.time_ms / 1e6 : 0.0;
}

void RunData::rebuild() {
  for (Row& row : rows_) work_out(row);
  for (const tuner::FinalTiming& timing : info_.finals) {
    const Row* found = by_sequence(timing.sequence);
    if (found == nullptr) continue;
    Row& row = rows_[static_cast<std::size_t>(found - rows_.data())];
    const double scale = timing.time_ms.median > 0 ? row.time_ms / timing.time_ms.median : 1.0;
    row.finalist = true;
    row.tied = timing.tied;
    if (!(timing.time_ms.median > 0)) continue;
    row.time_ms = timing.time_ms.median;
    for (double* figure : {&row.gbps, &row.of_copy, &row.of_peak, &row.gflops}) *figure *= scale;
  }
  find_best();
  ++revision_;
  ++rebuilt_;
}

void RunData::find_best() {
  best_.reset();
  if (!info_.finals.empty()) {
    best_ = info_.finals.front().sequence;
    return;
  }
  const Row* best = nullptr;
  for (const Row& row : rows_) {
    if (row.ok() && (best == nullptr || row.time_ms < best->time_ms)) best = &row;
  }
  if (best != nullptr) best_ = best->evaluation->sequence;
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

tuner::Run RunData::run() const { return freeze().run(); }

}  // namespace fuseline::app::gui
