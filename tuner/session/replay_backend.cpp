#include "tuner/session/replay_backend.hpp"

#include <thread>
#include <utility>

namespace fuseline::tuner {

void ReplayBackend::prepare(const Job&) {
  PreparedReply reply;
  reply.copy_gbps = recording_->run.info.copy_gbps;
  events_.push_back(reply);
}

void ReplayBackend::measure_ceilings() { events_.push_back(Refused{"a recording measures nothing"}); }

void ReplayBackend::submit(EvaluateRequest request) {
  OutcomeReply reply;
  reply.id = request.id;
  const auto found = recording_->by_key.find(request.resolved.configuration.key());
  if (found != recording_->by_key.end()) {
    reply.measurement = found->second->measurement;
  } else {
    reply.measurement.reason = "not in the recording";
  }
  events_.push_back(std::move(reply));
}

void ReplayBackend::submit_finals(FinalsRequest) { events_.push_back(Refused{"a recording measures nothing"}); }

void ReplayBackend::submit_counters(CountersRequest) { events_.push_back(Refused{"a recording measures nothing"}); }

void ReplayBackend::submit_source_profile(SourceProfileRequest) {
  events_.push_back(Refused{"a recording measures nothing"});
}

std::vector<BackendEvent> ReplayBackend::wait(std::chrono::milliseconds timeout) {
  if (events_.empty()) std::this_thread::sleep_for(timeout);
  return std::exchange(events_, {});
}

RecordedFinals recorded_finals(const Recording& recording,
                               const std::vector<std::shared_ptr<const Evaluation>>& evaluations) {
  std::map<std::string, std::uint64_t> replayed;
  for (const auto& evaluation : evaluations) replayed.emplace(evaluation->configuration.key(), evaluation->sequence);
  std::map<std::uint64_t, std::string> recorded;
  for (const auto& evaluation : recording.run.evaluations)
    recorded.emplace(evaluation.sequence, evaluation.configuration.key());
  const auto sequence_now = [&](std::uint64_t sequence) -> std::optional<std::uint64_t> {
    const auto key = recorded.find(sequence);
    const auto now = key == recorded.end() ? replayed.end() : replayed.find(key->second);
    return now == replayed.end() ? std::nullopt : std::optional(now->second);
  };
  RecordedFinals found;
  for (auto timing : recording.run.info.finals) {
    const auto sequence = sequence_now(timing.sequence);
    if (!sequence) return {};
    timing.sequence = *sequence;
    found.finals.push_back(std::move(timing));
  }
  for (auto round : recording.run.info.final_rounds) {
    std::vector<std::int64_t> order;
    for (const std::int64_t each : round.order) {
      const auto sequence = each < 0 ? std::nullopt : sequence_now(static_cast<std::uint64_t>(each));
      if (each < 0 || sequence) order.push_back(sequence ? static_cast<std::int64_t>(*sequence) : FinalRound::copy);
    }
    round.order = std::move(order);
    found.rounds.push_back(std::move(round));
  }
  return found;
}

}  // namespace fuseline::tuner
