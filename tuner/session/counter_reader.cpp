#include "tuner/session/counter_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

/// The finite values, with the grid of the first launch.
std::map<std::string, double> complete(const std::map<std::string, double>& values, const Measurement& measurement) {
  std::map<std::string, double> counters;
  for (const auto& [name, value] : values) {
    if (std::isfinite(value)) counters.emplace(name, value);
  }
  const Launch* launch = shown_launch(measurement);
  if (counters.empty() || launch == nullptr) return counters;
  double blocks = 1;
  for (const auto extent : launch->grid) blocks *= static_cast<double>(extent);
  counters[metric::kGridSize] = blocks;
  return counters;
}

}  // namespace

Result<void> CounterReader::take(const CountersReply& reply) {
  if (reply.finished) finished_ = true;
  if (!reply.unavailable.empty()) give_up(printable(reply.unavailable));
  std::vector<CountersOf> readings;
  double kernel_ms = 0;
  for (const auto& reading : reply.readings) {
    const auto sequence = expected_.find(reading.id);
    if (sequence == expected_.end()) continue;
    FUSELINE_TRY(evaluation, logbook_.find(sequence->second));
    if (!evaluation) continue;
    const auto& measurement = evaluation->measurement;
    auto counters = complete(reading.values, measurement);
    if (counters.empty()) {
      unread_.emplace(sequence->second, reading.reason.empty() ? "no value came" : printable(reading.reason));
      continue;
    }
    kernel_ms += reply.passes * measurement.time_ms.median;
    readings.push_back({sequence->second, std::move(counters)});
  }
  tally(reply, kernel_ms);
  FUSELINE_TRY(replaced, logbook_.add_counters(readings));
  auto& draft = publisher_.draft;
  for (const auto& evaluation : replaced) {
    if (!draft.evaluations.empty()) draft.evaluations[logbook_.place_of(evaluation->sequence)] = evaluation;
    if (draft.best && draft.best->sequence == evaluation->sequence) draft.best = evaluation;
    publisher_.changed();
  }
  return {};
}

void CounterReader::tally(const CountersReply& reply, double kernel_ms) {
  const auto read = std::count_if(reply.readings.begin(), reply.readings.end(),
                                  [](const CounterReading& reading) { return !reading.values.empty(); });
  if (read == 0) return;
  auto& cost = publisher_.draft.info.counter_cost[set_];
  cost.configurations += static_cast<std::uint64_t>(read);
  cost.passes = std::max(cost.passes, reply.passes);
  if (std::isfinite(reply.seconds)) cost.seconds += std::max(0.0, reply.seconds);
  cost.kernel_s += kernel_ms / 1000;
}

void CounterReader::give_up(const std::string& reason) {
  if (!gone_) publisher_.message("no hardware counters: " + reason);
  gone_ = true;
}

std::vector<Logbook::Pointer> CounterReader::missing() const {
  std::vector<Logbook::Pointer> found;
  for (const auto& evaluation : logbook_.evaluations()) {
    const auto& measurement = evaluation->measurement;
    if (measurement.outcome == Outcome::ok && measurement.counters.empty() && !unread_.contains(evaluation->sequence))
      found.push_back(evaluation);
  }
  return found;
}

void CounterReader::report_unread() {
  if (unread_.empty()) return;
  const auto& [sequence, reason] = *unread_.begin();
  publisher_.message(fmt::format("hardware counters of {} configuration{} could not be read; of configuration {}: {}",
                                 unread_.size(), unread_.size() == 1 ? "" : "s", sequence, reason));
}

}  // namespace fuseline::tuner
