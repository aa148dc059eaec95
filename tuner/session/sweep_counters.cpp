// Hardware counters of a sweep: those read alongside, what is missing of them at the end, and the full set of the best.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/session/sweep.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kReadTogether = 32;  // Configurations of one request.
constexpr std::size_t kBest = 16;          // Configurations whose full set is read ...
constexpr std::size_t kMostTied = 64;      // ... or as many as are tied with the best, up to this.

bool countable(const Evaluation& evaluation) { return evaluation.measurement.outcome == Outcome::ok; }

/// The finite values, with the grid of the launch that results show.
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

Result<Sweep::End> Sweep::read_missing_counters() {
  if (info_.request.counters != CounterMode::all || replaying()) return End::done;
  counter_set_ = "fast";
  publisher_.set_state(SessionState::running, "reading the counters that are left");
  FUSELINE_TRY(flushed, ask_for_counters({plan_.job->counters.metrics, {}}));
  if (flushed == End::stopped) return End::stopped;
  // Lost with a worker, or of a run that was read without them.
  std::vector<EvaluationPointer> missing;
  for (const auto& evaluation : logbook_.evaluations()) {
    if (countable(*evaluation) && evaluation->measurement.counters.empty() && !unread_.contains(evaluation->sequence))
      missing.push_back(evaluation);
  }
  return read_counters(plan_.job->counters.metrics, missing);
}

Result<Sweep::End> Sweep::read_best_counters() {
  if (info_.request.counters == CounterMode::none) return End::done;
  if (replaying()) {
    const auto& evaluations = logbook_.evaluations();
    const bool any = std::any_of(evaluations.begin(), evaluations.end(),
                                 [](const auto& evaluation) { return !evaluation->measurement.counters.empty(); });
    if (!any) publisher_.message("the recording has no hardware counters");
    return End::done;
  }
  auto metrics = info_.request.metrics;
  counter_set_ = metrics.empty() ? "full" : "custom";
  if (metrics.empty()) {
    FUSELINE_TRY(full, metric_set("full"));
    metrics = std::move(full);
  }
  const auto best = best_to_count();
  publisher_.set_state(SessionState::finals, fmt::format("reading counters of the best {}", best.size()));
  FUSELINE_TRY(end, read_counters(metrics, best));
  report_unread();
  return end;
}

/// The best and all that are tied with it, and the next ones.
std::vector<EvaluationPointer> Sweep::best_to_count() const {
  std::set<std::uint64_t> tied;
  for (const auto& timing : info_.finals) {
    if (timing.tied) tied.insert(timing.sequence);
  }
  std::vector<EvaluationPointer> best;
  for (auto& evaluation : ranked()) {
    if (best.size() < kBest || (best.size() < kMostTied && tied.contains(evaluation->sequence)))
      best.push_back(std::move(evaluation));
  }
  return best;
}

Result<Sweep::End> Sweep::read_counters(const std::vector<std::string>& metrics,
                                        const std::vector<EvaluationPointer>& evaluations) {
  for (std::size_t first = 0; first < evaluations.size(); first += kReadTogether) {
    CountersRequest request{metrics, {}};
    for (std::size_t i = first; i < std::min(first + kReadTogether, evaluations.size()); ++i) {
      auto evaluate = plan_.request(next_id_, evaluations[i]->configuration);
      if (!evaluate) continue;  // It was ok, so it can be resolved; nothing is lost where not.
      counted_[next_id_++] = evaluations[i]->sequence;
      request.configurations.push_back(std::move(*evaluate));
    }
    if (request.configurations.empty()) continue;
    FUSELINE_TRY(end, ask_for_counters(std::move(request)));
    if (end == End::stopped) return End::stopped;
  }
  return End::done;
}

/// One request, to its end. A device lost on the way takes the counters with it, not the sweep.
Result<Sweep::End> Sweep::ask_for_counters(CountersRequest request) {
  if (counters_gone_ || devices_gone_) return End::done;
  counters_finished_ = false;
  refused_.reset();
  plan_.backend->submit_counters(std::move(request));
  while (!counters_finished_ && !refused_) {
    if (stopping()) return End::stopped;
    auto pumped = pump();
    if (!pumped && !devices_gone_) return tl::unexpected(pumped.error());
    if (!pumped) counters_unavailable(pumped.error().message());
    if (devices_gone_) return End::done;
  }
  if (refused_) publisher_.message("some hardware counters could not be read: " + *refused_);
  return End::done;
}

Result<void> Sweep::take_counters(const CountersReply& reply) {
  if (reply.finished) counters_finished_ = true;
  if (!reply.unavailable.empty()) counters_unavailable(printable(reply.unavailable));
  std::vector<CountersOf> readings;
  double kernel_ms = 0;
  for (const auto& reading : reply.readings) {
    const auto sequence = counted_.find(reading.id);
    if (sequence == counted_.end()) continue;
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
  tally_counters(reply, kernel_ms);
  FUSELINE_TRY(replaced, logbook_.add_counters(readings));
  auto& draft = publisher_.draft;
  for (const auto& evaluation : replaced) {
    if (!draft.evaluations.empty()) draft.evaluations[logbook_.place_of(evaluation->sequence)] = evaluation;
    if (draft.best && draft.best->sequence == evaluation->sequence) draft.best = evaluation;
    publisher_.changed();
  }
  return {};
}

void Sweep::tally_counters(const CountersReply& reply, double kernel_ms) {
  const auto read = std::count_if(reply.readings.begin(), reply.readings.end(),
                                  [](const CounterReading& reading) { return !reading.values.empty(); });
  if (read == 0) return;
  auto& cost = info_.counter_cost[counter_set_];
  cost.configurations += static_cast<std::uint64_t>(read);
  cost.passes = std::max(cost.passes, reply.passes);
  if (std::isfinite(reply.seconds)) cost.seconds += std::max(0.0, reply.seconds);
  cost.kernel_s += kernel_ms / 1000;
}

void Sweep::counters_unavailable(const std::string& reason) {
  if (!counters_gone_) publisher_.message("no hardware counters: " + reason);
  counters_gone_ = true;
}

/// Once, however many there are.
void Sweep::report_unread() {
  if (unread_.empty()) return;
  const auto& [sequence, reason] = *unread_.begin();
  publisher_.message(fmt::format("hardware counters of {} configuration{} could not be read; of configuration {}: {}",
                                 unread_.size(), unread_.size() == 1 ? "" : "s", sequence, reason));
}

}  // namespace fuseline::tuner
