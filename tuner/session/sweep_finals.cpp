// The end of a sweep: what came close to the best is timed again, interleaved.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tuner/run/figures.hpp"
#include "tuner/run/fitting.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/session/replay_backend.hpp"
#include "tuner/session/sweep.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kLookedAtForTarget =
    512;  // Ranked configurations: each takes about a millisecond (1.3 ms in an -O1 build).

}  // namespace

Result<Sweep::End> Sweep::run_finals() {
  if (replaying()) {
    auto recorded = recorded_finals(*plan_.recording, logbook_.evaluations());
    info_.finals = std::move(recorded.finals);
    keep_rounds(std::move(recorded.rounds));
    return End::done;
  }
  if (devices_gone_) return End::done;
  auto finalists = choose_finalists(logbook_.evaluations());
  if (finalists.empty()) return End::done;
  publisher_.set_state(SessionState::finals,
                       fmt::format("re-timing {} finalist{}", finalists.size(), finalists.size() == 1 ? "" : "s"));
  Finals finals(std::move(finalists));
  auto end = time_finalists(finals);
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

std::optional<TargetFit> Sweep::target_fit() const {
  if (!info_.target || !plan_.entry || !plan_.instance) return std::nullopt;
  const auto misfit_there = [&](const Evaluation& evaluation) {
    return misfit_of(evaluation.configuration, plan_.entry->variants, *plan_.instance, info_.target->limits);
  };
  const auto order = ranked();
  if (order.empty()) return std::nullopt;
  std::vector<const Evaluation*> evaluations;
  for (std::size_t i = 0; i < std::min(order.size(), kLookedAtForTarget); ++i) evaluations.push_back(order[i].get());
  const auto found = first_fitting(evaluations, plan_.entry->variants, *plan_.instance, info_.target->limits);
  if (!found) return std::nullopt;  // Recorded with another version of the variant.
  TargetFit fit;
  fit.misfit = found->misfit;
  if (found->evaluation != nullptr) fit.best = found->evaluation->sequence;
  std::set<std::uint64_t> unfit;
  for (const Evaluation* evaluation : evaluations) {
    if (evaluation == found->evaluation) break;
    unfit.insert(evaluation->sequence);
  }
  // Those that come first on the target, down to what is clearly behind the first that is in its space.
  const auto there = rank_on_target(info_, order.size(), [&](std::size_t i) -> const Evaluation& { return *order[i]; });
  double first_ms = 0;
  for (std::size_t i = 0; i < std::min(there.order.size(), kLookedAtForTarget); ++i) {
    if (first_ms > 0 && there.projections[i].low_ms > first_ms) break;
    const Evaluation& evaluation = *order[there.order[i]];
    const auto why = misfit_there(evaluation);
    if (!why) return std::nullopt;
    if (!why->empty()) {
      unfit.insert(evaluation.sequence);
    } else if (first_ms == 0) {
      first_ms = there.projections[i].time_ms;
    }
  }
  fit.unfit.assign(unfit.begin(), unfit.end());
  return fit;
}

Result<Sweep::End> Sweep::time_finalists(Finals& finals) {
  while (const auto phase = finals.next()) {
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
