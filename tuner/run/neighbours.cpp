#include "tuner/run/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kConfidence = 0.95;
constexpr double kSweepMargin = 0.02;  // Between launches of a sweep, clocks and places of buffers do as much.
constexpr double kUnsureMargin = 0.05;

/// What differs where exactly one value does; null otherwise.
const NamedValue* only_difference(const Configuration& here, const Configuration& there) {
  if (here.variant != there.variant || here.values.size() != there.values.size()) return nullptr;
  const NamedValue* found = nullptr;
  for (std::size_t i = 0; i < here.values.size(); ++i) {
    if (here.values[i].name != there.values[i].name) return nullptr;
    if (here.values[i].value == there.values[i].value) continue;
    if (found != nullptr) return nullptr;
    found = &there.values[i];
  }
  return found;
}

bool timed(const Evaluation& evaluation) { return worked(evaluation.measurement) && !evaluation.measurement.abandoned; }

void judge(TimeRatio& time, double margin) {
  const bool known = std::isfinite(time.interval.low) && std::isfinite(time.interval.high);
  if (!known) time.interval = {time.ratio, time.ratio};
  const double least = known ? margin : std::max(margin, kUnsureMargin);
  time.tied = std::abs(time.ratio - 1) < least || (time.interval.low <= 1 && time.interval.high >= 1);
}

TimeRatio paired_ratio(const FinalTiming& timing, const FinalTiming& base) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(timing.samples_ms.size(), base.samples_ms.size()); ++i) {
    if (is_time(timing.samples_ms[i]) && is_time(base.samples_ms[i]))
      ratios.push_back(timing.samples_ms[i] / base.samples_ms[i]);
  }
  // Without common rounds what the finals say of each against the best.
  if (ratios.empty()) ratios = {timing.ratio / base.ratio};
  TimeRatio time{median(ratios), median_interval(ratios, kConfidence), true, true};
  judge(time, TieRule{}.margin);
  return time;
}

TimeRatio sweep_ratio(const MeasuredIn& measured, const MeasuredIn& of) {
  const Measurement &measurement = measured.evaluation.measurement, &base = of.evaluation.measurement;
  const Interval own = median_interval(measurement.samples_ms, kConfidence),
                 other = median_interval(base.samples_ms, kConfidence);
  const double scale = card_scale(measured.info, measurement) / card_scale(of.info, base);
  TimeRatio time{scale * measurement.time_ms.median / base.time_ms.median,
                 {scale * own.low / other.high, scale * own.high / other.low}};
  judge(time, kSweepMargin);
  return time;
}

}  // namespace

bool same_run(const RunInfo& a, const RunInfo& b) {
  return a.id == b.id && a.started_at == b.started_at && a.recording == b.recording && a.problem == b.problem;
}

TimeRatio time_ratio(const MeasuredIn& measured, const MeasuredIn& base) {
  if (!worked(measured.evaluation.measurement) || !worked(base.evaluation.measurement)) return {};
  if (same_run(measured.info, base.info)) {
    const auto place = final_place(measured.info, measured.evaluation.sequence),
               other = final_place(base.info, base.evaluation.sequence);
    if (place && other) return paired_ratio(measured.info.finals[*place], base.info.finals[*other]);
  }
  return sweep_ratio(measured, base);
}

TimeRatio time_ratio(const Run& run, const Evaluation& evaluation, const Evaluation& base) {
  return time_ratio({run.info, evaluation}, {run.info, base});
}

std::vector<Neighbour> all_neighbours(const Run& run, const Evaluation& evaluation) {
  std::vector<Neighbour> list;
  if (!timed(evaluation)) return list;
  for (const Evaluation& other : run.evaluations) {
    if (!timed(other)) continue;
    const NamedValue* differs = only_difference(evaluation.configuration, other.configuration);
    if (differs == nullptr) continue;
    list.push_back({differs->name, evaluation.configuration.find(differs->name)->value.to_string(),
                    differs->value.to_string(), &other, time_ratio(run, other, evaluation)});
  }
  return list;
}

std::vector<Neighbour> neighbours(const Run& run, const Evaluation& evaluation) {
  std::map<std::string, Neighbour> fastest;
  for (Neighbour& neighbour : all_neighbours(run, evaluation)) {
    const auto [place, added] = fastest.try_emplace(neighbour.parameter, neighbour);
    if (!added && neighbour.time.ratio < place->second.time.ratio) place->second = std::move(neighbour);
  }
  std::vector<Neighbour> list;
  list.reserve(fastest.size());
  for (auto& [name, neighbour] : fastest) list.push_back(std::move(neighbour));
  std::stable_sort(list.begin(), list.end(),
                   [](const Neighbour& a, const Neighbour& b) { return a.time.ratio > b.time.ratio; });
  return list;
}

}  // namespace fuseline::tuner
