// The end of a sweep: what came close to the best is timed again, interleaved.
#include <fmt/format.h>

#include <utility>

#include "tuner/run/figures.hpp"
#include "tuner/session/replay_backend.hpp"
#include "tuner/session/sweep.hpp"
#include "tuner/session/target_fit.hpp"

namespace fuseline::tuner {
Result<Sweep::End> Sweep::run_finals() {
  if (replaying()) {
    auto recorded = recorded_finals(*plan_.recording, logbook_.evaluations());
    info_.finals = std::move(recorded.finals);
    keep_rounds(std::move(recorded.rounds));
    return End::done;
  }
  if (devices_gone_) return End::done;
  const auto finalists = choose_finalists(info_, logbook_.evaluations());
  if (finalists.empty()) return End::done;
  publisher_.set_state(SessionState::finals,
                       fmt::format("re-timing {} finalist{}", finalists.size(), finalists.size() == 1 ? "" : "s"));
  FinalsPolicy policy;
  policy.allowance_s = environment_.finals_s;
  Finals finals(finalists, policy);
  reference_moved_ = false;
  auto end = time_finalists(finals);
  // Rounds of two cards do not go together.
  while (end && *end == End::done && std::exchange(reference_moved_, false)) {
    finals = Finals(finalists, policy);
    end = time_finalists(finals);
  }
  // A device lost now takes the finals with it, not the sweep.
  if (!end) publisher_.message("the finals were cut short: " + end.error().message());
  info_.finals = finals.result();
  keep_rounds(finals.rounds());
  info_.gpu_busy_s += finals.busy_s();
  if (finals.copy_gbps() > 0) info_.copy_gbps = finals.copy_gbps();
  return end ? *end : End::done;
}

void Sweep::keep_rounds(std::vector<FinalRound> rounds) {
  info_.final_rounds = std::move(rounds);
  for (const FinalRound& round : info_.final_rounds) add_clocks(round.clocks);
}

std::vector<EvaluationPointer> Sweep::ranked() const {
  const auto& evaluations = logbook_.evaluations();
  std::vector<EvaluationPointer> order;
  for (const std::size_t place :
       rank_order(info_, evaluations.size(), [&](std::size_t i) -> const Evaluation& { return *evaluations[i]; }))
    order.push_back(evaluations[place]);
  return order;
}

std::optional<TargetFit> Sweep::target_fit() {
  if (!info_.target || !plan_.entry || !plan_.instance) return std::nullopt;
  std::vector<const Evaluation*> evaluations;
  const auto order = ranked();
  evaluations.reserve(order.size());
  for (const EvaluationPointer& each : order) evaluations.push_back(each.get());
  TargetImages images = environment_.target_images;
  if (stopping() || (replaying() && !images.in_replay)) images.build = nullptr;
  if (images.build) publisher_.set_state(publisher_.draft.state, "compiling for " + info_.target->label());
  std::vector<std::string> messages;
  auto fit =
      find_target_fit(info_, evaluations, *plan_.entry, *environment_.catalog, *plan_.instance, images, messages);
  // Where nobody asked for it the result says that it is not known.
  for (const std::string& message : images.in_replay ? messages : std::vector<std::string>())
    publisher_.message(message);
  return fit;
}

Result<Sweep::End> Sweep::time_finalists(Finals& finals) {
  while (const auto phase = finals.next()) {
    if (reference_moved_) return End::done;
    FUSELINE_TRY(request, finals_request(*phase));
    finals_reply_.reset();
    refused_.reset();
    plan_.backend->submit_finals(std::move(request));
    while (!finals_reply_ && !refused_) {
      if (stopping()) return End::stopped;
      FUSELINE_CHECK(pump());
    }
    if (refused_) return tl::unexpected(Error{ErrorKind::worker, {}, {}, *refused_});
    finals.add(*finals_reply_);
  }
  for (const auto sequence : finals.failed())
    publisher_.message(fmt::format("configuration {} failed when it was timed again", sequence));
  return End::done;
}

Result<FinalsRequest> Sweep::finals_request(const Finals::Phase& phase) const {
  FinalsRequest request;
  request.rounds = phase.rounds;
  request.first_round = phase.first_round;
  for (const auto& finalist : phase.finalists) {
    FUSELINE_TRY(evaluate, plan_.request(finalist->sequence, finalist->configuration));
    request.finalists.push_back(std::move(evaluate));
  }
  return request;
}

}  // namespace fuseline::tuner
