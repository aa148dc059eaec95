// Before the finals of a sweep: what came close to the best is verified on further draws of the inputs, since a kernel
// may be right for the values of one.
#include <fmt/format.h>

#include <set>

#include "tuner/base/text.hpp"
#include "tuner/session/sweep.hpp"

namespace fuseline::tuner {
namespace {

/// Times that all draws are gone through: what comes close to the best by a failure on a later one is verified as well.
constexpr int kTurns = 3;

double share(const Boxed<Verification>& verification) {
  return verification ? verification->tolerance_share.value_or(0) : 0;
}

}  // namespace

/// But those of `verified`, by sequence.
std::vector<EvaluationPointer> Sweep::close_to_the_best(const std::set<std::uint64_t>& verified) const {
  auto evaluations = choose_finalists(info_, logbook_.evaluations());
  std::erase_if(evaluations, [&](const auto& evaluation) { return verified.contains(evaluation->sequence); });
  return evaluations;
}

Result<Sweep::End> Sweep::verify_draws() {
  std::vector<std::set<std::uint64_t>> verified(plan_.further_draws.size());
  for (int turn = 0; turn < kTurns; ++turn) {
    for (std::size_t draw = 0; draw < verified.size(); ++draw) {
      // What fails makes room for others.
      for (auto left = close_to_the_best(verified[draw]); !left.empty(); left = close_to_the_best(verified[draw])) {
        FUSELINE_TRY(end, verify_draw(draw, left));
        if (end == End::stopped) return End::stopped;
        if (devices_gone_) return End::done;
        for (const EvaluationPointer& evaluation : left) verified[draw].insert(evaluation->sequence);
      }
    }
  }
  const auto drawn = std::count_if(verified.begin(), verified.end(), [](const auto& each) { return !each.empty(); });
  info_.draws = 1 + static_cast<int>(drawn);
  return End::done;
}

Result<Sweep::End> Sweep::verify_draw(std::size_t draw, const std::vector<EvaluationPointer>& evaluations) {
  publisher_.set_state(SessionState::finals,
                       fmt::format("verifying {} configuration{} on draw {} of {} of the inputs", evaluations.size(),
                                   evaluations.size() == 1 ? "" : "s", draw + 2, plan_.further_draws.size() + 1));
  FUSELINE_TRY(prepared, prepare_draw(draw));
  if (prepared == End::stopped || devices_gone_) return prepared;
  for (const EvaluationPointer& evaluation : evaluations) {
    auto request = plan_.request(next_id_, evaluation->configuration);
    if (!request) continue;  // It was ok, so it can be resolved.
    drawn_[next_id_++] = evaluation;
    plan_.backend->submit(std::move(*request));
  }
  while (!drawn_.empty()) {
    if (stopping()) return End::stopped;
    FUSELINE_TRY(there, pump_on_draw());
    if (!there) drawn_.clear();
  }
  return End::done;
}

/// Takes in what the backend has to say. False: the devices are gone, which takes the finals with them, not the sweep.
Result<bool> Sweep::pump_on_draw() {
  const auto pumped = pump();
  if (pumped) return true;
  if (!devices_gone_) return tl::unexpected(pumped.error());
  publisher_.message("the best were verified on fewer draws of the inputs: " + pumped.error().message());
  return false;
}

Result<Sweep::End> Sweep::prepare_draw(std::size_t draw) {
  if (draw_ == draw) return End::done;
  draw_ = draw;
  prepared_.reset();
  plan_.backend->prepare(plan_.further_draws[draw]);
  while (!prepared_) {
    if (stopping()) return End::stopped;
    FUSELINE_TRY(there, pump_on_draw());
    if (!there) return End::done;
  }
  return End::done;
}

/// What failed is no longer ok. Of what is right the draw with the largest error is kept.
Result<void> Sweep::take_draw(const EvaluationPointer& evaluation, Measurement measurement) {
  if (std::isfinite(measurement.gpu_ms)) info_.gpu_busy_s += measurement.gpu_ms / 1000;
  const bool failed = measurement.outcome != Outcome::ok;
  if (!failed && share(measurement.verification) <= share(evaluation->measurement.verification)) return {};
  Evaluation changed = *evaluation;
  if (failed) {
    measurement.reason =
        fmt::format("on draw {} of the inputs, right on the first: {}", *draw_ + 2, measurement.reason);
    measurement.cost_s += changed.measurement.cost_s;
    changed.measurement = std::move(measurement);
    publisher_.message(
        printable(fmt::format("{} is left out: {}", changed.configuration.key(), changed.measurement.reason)));
  } else {
    changed.measurement.verification = measurement.verification;
  }
  FUSELINE_TRY(now, logbook_.replace(std::move(changed)));
  recount(evaluation, now);
  return {};
}

void Sweep::recount(const EvaluationPointer& before, const EvaluationPointer& now) {
  auto& draft = publisher_.draft;
  --draft.outcomes[before->measurement.outcome];
  ++draft.outcomes[now->measurement.outcome];
  if (!draft.evaluations.empty()) draft.evaluations[logbook_.place_of(now->sequence)] = now;
  if (draft.best && draft.best->sequence == now->sequence) {
    const auto order = ranked();
    draft.best = order.empty() ? nullptr : order.front();
  }
  publisher_.changed();
}

}  // namespace fuseline::tuner
