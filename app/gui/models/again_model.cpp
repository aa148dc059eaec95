#include "app/gui/models/again_model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tuner/report/table.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::app::gui {
namespace {

constexpr double kConfidence = 0.95;

double median_of(const tuner::Measurement& measurement) {
  return measurement.outcome == tuner::Outcome::ok ? measurement.time_ms.median : 0;
}

/// Of the median; the median alone where the samples are not there.
tuner::Interval interval_of(const tuner::Measurement& measurement) {
  const double median = median_of(measurement);
  if (measurement.samples_ms.empty()) return {median, median};
  return tuner::median_interval(measurement.samples_ms, kConfidence);
}

}  // namespace

std::string_view to_string(AgainVerdict verdict) {
  switch (verdict) {
    case AgainVerdict::waiting:
      return "waiting";
    case AgainVerdict::faster:
      return "faster";
    case AgainVerdict::slower:
      return "slower";
    case AgainVerdict::cannot_tell:
      return "cannot tell";
    case AgainVerdict::failed:
      return "failed";
  }
  return "";
}

AgainRatio again_ratio(const AgainEntry& entry) {
  const double before = median_of(entry.before), after = entry.after ? median_of(*entry.after) : 0;
  if (!(before > 0) || !(after > 0)) return {};
  const tuner::Interval was = interval_of(entry.before), is = interval_of(*entry.after);
  return {after / before, {is.low / was.high, is.high / was.low}};
}

AgainVerdict again_verdict(const AgainEntry& entry) {
  if (!entry.after) return entry.failure.empty() ? AgainVerdict::waiting : AgainVerdict::failed;
  if (entry.after->outcome != tuner::Outcome::ok) return AgainVerdict::failed;
  const AgainRatio ratio = again_ratio(entry);
  if (ratio.ratio == 0) return AgainVerdict::cannot_tell;
  if (ratio.interval.high < 1) return AgainVerdict::faster;
  return ratio.interval.low > 1 ? AgainVerdict::slower : AgainVerdict::cannot_tell;
}

std::string again_text(const AgainEntry& entry) {
  const AgainVerdict verdict = again_verdict(entry);
  if (verdict == AgainVerdict::waiting) return "waiting";
  if (verdict == AgainVerdict::failed) {
    if (!entry.after) return entry.failure;
    return fmt::format("{}: {}", tuner::to_string(entry.after->outcome), entry.after->reason);
  }
  const AgainRatio ratio = again_ratio(entry);
  return fmt::format("{} -> {} ms: {:.3f} ({:.3f} to {:.3f}), {}", tuner::format_ms(median_of(entry.before)),
                     tuner::format_ms(median_of(*entry.after)), ratio.ratio, ratio.interval.low, ratio.interval.high,
                     to_string(verdict));
}

tuner::SweepRequest again_request(const tuner::RunInfo& info, const tuner::Configuration& configuration,
                                  const tuner::SweepRequest& how) {
  tuner::SweepRequest request;
  request.problem = info.problem;
  request.dims = info.dims;
  request.scalars = info.scalars;
  request.dtype = std::string(tuner::to_string(info.dtype));
  request.variants = {configuration.variant};
  for (const tuner::NamedValue& value : configuration.values)
    request.parameters[value.name] = {value.value.to_string()};
  request.full = true;
  request.after = info.request.after;
  request.device = how.device;
  request.target = how.target;
  request.workers = how.workers;
  return request;
}

std::vector<tuner::RooflineMark> again_marks(const tuner::RunInfo& info, const std::vector<AgainEntry>& entries) {
  std::vector<tuner::RooflineMark> marks;
  if (info.compulsory_bytes <= 0 || !(info.flops > 0)) return marks;
  for (const AgainEntry& entry : entries) {
    const double ms = entry.after ? median_of(*entry.after) : 0;
    if (!(ms > 0)) continue;
    tuner::RooflineMark mark;
    mark.intensity = info.flops / static_cast<double>(info.compulsory_bytes);
    mark.gflops = info.flops / ms / 1e6;
    mark.label = fmt::format("#{} measured again: {}", entry.sequence, again_text(entry));
    // One label: those of several would lie over one another.
    if (marks.empty()) mark.callout = fmt::format("#{} after\n{} ms", entry.sequence, tuner::format_ms(ms));
    mark.evaluated = false;
    marks.push_back(std::move(mark));
  }
  return marks;
}

void AgainModel::begin(const RunData& data, const std::vector<const Row*>& rows) {
  entries_.clear();
  info_ = data.info();
  for (const Row* row : rows) {
    if (entries_.size() == kAgainMost) break;
    entries_.push_back(
        {row->evaluation->sequence, row->evaluation->configuration, row->evaluation->measurement, {}, {}});
  }
  next_ = 0;
  under_way_ = false;
  ++revision_;
}

std::optional<tuner::SweepRequest> AgainModel::next(const tuner::SweepRequest& how) {
  if (under_way_ || next_ >= entries_.size()) return std::nullopt;
  under_way_ = true;
  return again_request(info_, entries_[next_].configuration, how);
}

void AgainModel::take(const tuner::Snapshot& snapshot) {
  if (!under_way_) return;
  AgainEntry& entry = entries_[next_];
  const std::string key = entry.configuration.key();
  for (const auto& evaluation : snapshot.evaluations) {
    if (evaluation->configuration.key() == key) entry.after = evaluation->measurement;
  }
  if (!entry.after)
    entry.failure = snapshot.error                                       ? snapshot.error->message()
                    : snapshot.state == tuner::SessionState::interrupted ? "stopped"
                                                                         : "it is not in the space any more";
  under_way_ = false;
  ++next_;
  ++revision_;
  if (snapshot.error || snapshot.state == tuner::SessionState::interrupted) give_up(entry.failure);
}

void AgainModel::give_up(const std::string& reason) {
  for (std::size_t i = next_; i < entries_.size(); ++i) entries_[i].failure = reason;
  next_ = entries_.size();
  under_way_ = false;
  ++revision_;
}

}  // namespace fuseline::app::gui
