#include "tuner/search/training_set.hpp"

#include <algorithm>
#include <cmath>

#include "tuner/search/random_source.hpp"

namespace fuseline::tuner {

namespace {

/// Recorded times may be 0 where a clock is coarse.
double log_time(const Observation& observation) { return std::log(std::max(observation.time_ms, 1e-12)); }

std::vector<const Observation*> select(const std::vector<Observation>& told, std::size_t limit) {
  std::vector<const Observation*> chosen;
  chosen.reserve(told.size());
  for (const auto& observation : told) chosen.push_back(&observation);
  if (chosen.size() <= limit) return chosen;
  const auto middle = chosen.begin() + static_cast<std::ptrdiff_t>(limit / 2);
  std::sort(chosen.begin(), chosen.end(), [](const Observation* a, const Observation* b) {
    if (a->ok != b->ok) return a->ok;
    if (a->ok && a->time_ms != b->time_ms) return a->time_ms < b->time_ms;
    return a->index < b->index;
  });
  std::sort(middle, chosen.end(),
            [](const Observation* a, const Observation* b) { return mix64(a->index) < mix64(b->index); });
  chosen.resize(limit);
  return chosen;
}

}  // namespace

TrainingSet TrainingSet::choose(const History& history, std::size_t limit) {
  TrainingSet set;
  const auto chosen = select(history.told(), limit);
  double sum = 0, squares = 0, count = 0, slowest = -1e300;
  for (const auto* observation : chosen) {
    if (!observation->ok) continue;
    const double log = log_time(*observation);
    sum += log;
    squares += log * log;
    ++count;
    slowest = std::max(slowest, log);
  }
  set.centre_ = sum / count;
  set.scale_ = std::max(std::sqrt(std::max(squares / count - set.centre_ * set.centre_, 0.0)), 1e-4);
  set.slowest_ = (slowest - set.centre_) / set.scale_;
  const auto rows = static_cast<Eigen::Index>(chosen.size());
  set.targets_.resize(rows);
  set.failures_.resize(rows);
  for (const auto* observation : chosen) {
    const auto row = static_cast<Eigen::Index>(set.indices_.size());
    set.indices_.push_back(observation->index);
    set.rows_[observation->index] = row;
    set.targets_[row] = set.target_of(*observation);
    set.failures_[row] = observation->ok ? 0 : 1;
  }
  return set;
}

double TrainingSet::target_of(const Observation& observation) const {
  return observation.ok ? (log_time(observation) - centre_) / scale_ : slowest_;
}

void TrainingSet::believe(std::uint64_t index, double target) {
  const Eigen::Index row = targets_.size();
  rows_[index] = row;
  indices_.push_back(index);
  targets_.conservativeResize(row + 1);
  failures_.conservativeResize(row + 1);
  targets_[row] = target;
  failures_[row] = 0;
}

bool TrainingSet::answer(const Observation& observation) {
  const auto entry = rows_.find(observation.index);
  if (entry == rows_.end()) return false;
  targets_[entry->second] = target_of(observation);
  failures_[entry->second] = observation.ok ? 0 : 1;
  return true;
}

}  // namespace fuseline::tuner
