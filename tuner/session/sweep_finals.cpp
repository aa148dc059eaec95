// The end of a sweep: what came close to the best is timed again, interleaved.
#include <fmt/format.h>

#include "tuner/session/replay_backend.hpp"
#include "tuner/session/sweep.hpp"

namespace fuseline::tuner {

Result<Sweep::End> Sweep::run_finals() {
  if (replaying()) {
    info_.finals = recorded_finals(*plan_.recording, logbook_.evaluations());
    return End::done;
  }
  if (devices_gone_) return End::done;
  auto finalists = choose_finalists(logbook_.evaluations());
  if (finalists.empty()) return End::done;
  publisher_.set_state(SessionState::finals, fmt::format("re-timing {} finalist{}", finalists.size(), finalists.size() == 1 ? "" : "s"));
  Finals finals(std::move(finalists));
  auto end = time_finalists(finals);
  // A device lost now takes the finals with it, not the sweep.
  if (!end) publisher_.message("the finals were cut short: " + end.error().message());
  info_.finals = finals.result();
  info_.gpu_busy_s += finals.busy_s();
  if (finals.copy_gbps() > 0) info_.copy_gbps = finals.copy_gbps();
  return end ? *end : End::done;
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
  for (const auto sequence : finals.failed()) publisher_.message(fmt::format("configuration {} failed when it was timed again", sequence));
  return End::done;
}

Result<FinalsRequest> Sweep::finals_request(const Finals::Phase& phase) const {
  FinalsRequest request;
  request.rounds = phase.rounds;
  for (const auto& finalist : phase.finalists) {
    FUSELINE_TRY(evaluate, plan_.request(finalist->sequence, finalist->configuration));
    request.finalists.push_back(std::move(evaluate));
  }
  return request;
}

}  // namespace fuseline::tuner
