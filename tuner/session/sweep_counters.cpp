// Hardware counters of a sweep: those read alongside, what is missing of them at the end, the full set of the best, and
// the best one's source profile.
#include <fmt/format.h>

#include <algorithm>

#include "tuner/counters/metric_sets.hpp"
#include "tuner/session/sweep.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kReadTogether = 32;  // Configurations of one request.
constexpr std::size_t kMostTied = 64;      // Configurations whose full set is read, where so many are tied.

}  // namespace

Result<Sweep::End> Sweep::read_missing_counters() {
  if (info_.request.counters != CounterMode::all || replaying()) return End::done;
  counters_.choose_set("fast");
  publisher_.set_state(SessionState::running, "reading the counters that are left");
  FUSELINE_TRY(flushed, ask_for_counters({plan_.job->counters.metrics, {}}));
  if (flushed == End::stopped) return End::stopped;
  return read_counters(plan_.job->counters.metrics, counters_.missing());
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
  counters_.choose_set(metrics.empty() ? "full" : "custom");
  if (metrics.empty()) {
    FUSELINE_TRY(full, metric_set("full"));
    metrics = std::move(full);
  }
  const auto best = best_to_count();
  publisher_.set_state(SessionState::finals, fmt::format("reading counters of the best {}", best.size()));
  counted_on_.clear();
  FUSELINE_TRY(end, read_counters(metrics, best));
  if (info_.cards.size() > 1 && !counted_on_.empty()) publisher_.message(counted_on_text());
  counters_.report_unread();
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
    const bool is_tied = environment_.counted > 1 && tied.contains(evaluation->sequence);
    if (best.size() < environment_.counted || (best.size() < kMostTied && is_tied))
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
      counters_.expect(next_id_++, evaluations[i]->sequence);
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
  if (counters_.gone() || devices_gone_) return End::done;
  counters_.start();
  refused_.reset();
  plan_.backend->submit_counters(std::move(request));
  while (!counters_.finished() && !refused_) {
    if (stopping()) return End::stopped;
    auto pumped = pump();
    if (!pumped && !devices_gone_) return tl::unexpected(pumped.error());
    if (!pumped) counters_.give_up(pumped.error().message());
    if (devices_gone_) return End::done;
  }
  if (refused_) publisher_.message("some hardware counters could not be read: " + *refused_);
  return End::done;
}

Result<Sweep::End> Sweep::read_source_profile() {
  if (!info_.request.source_profile || replaying() || devices_gone_) return End::done;
  const auto best = ranked();
  if (best.empty()) return End::done;
  const EvaluationPointer& evaluation = best.front();
  auto request = plan_.request(next_id_++, evaluation->configuration);
  if (!request) return End::done;  // It was ok, so it can be resolved.
  request->resolved.shown_launch = evaluation->measurement.shown_launch;
  publisher_.set_state(SessionState::finals, "sampling where its warps are");
  const SpanScope profiling(spans(), kSession, "source profile");
  source_profile_reply_.reset();
  refused_.reset();
  plan_.backend->submit_source_profile({std::move(*request)});
  while (!source_profile_reply_ && !refused_) {
    if (stopping()) return End::stopped;
    const auto pumped = pump();
    if (!pumped && !devices_gone_) return tl::unexpected(pumped.error());
    if (devices_gone_) refused_ = pumped ? "the devices are gone" : pumped.error().message();
  }
  if (refused_) {
    publisher_.message(std::string(kNoSourceProfile) + *refused_);
    return End::done;
  }
  FUSELINE_CHECK(keep_source_profile(evaluation, std::move(source_profile_reply_->profile)));
  return End::done;
}

Result<void> Sweep::keep_source_profile(const EvaluationPointer& evaluation, SourceProfile profile) {
  Evaluation with_profile = *evaluation;
  with_profile.measurement.source_profile = std::make_shared<const SourceProfile>(std::move(profile));
  FUSELINE_TRY(kept, logbook_.replace(std::move(with_profile)));
  auto& draft = publisher_.draft;
  if (!draft.evaluations.empty()) draft.evaluations[logbook_.place_of(kept->sequence)] = kept;
  if (draft.best && draft.best->sequence == kept->sequence) draft.best = kept;
  publisher_.changed();
  return {};
}

}  // namespace fuseline::tuner
