// A sweep worked out before it starts: instance, device, space, strategy, backend, and what an interrupted run already
// has.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/search/strategy.hpp"
#include "tuner/session/backend.hpp"
#include "tuner/session/recordings.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {

inline constexpr int kMostDraws = 100;  ///< Of the inputs, that a request may ask for.

/// Everything a sweep needs. Made by make_plan(), used by one thread.
struct SweepPlan {
  Budget budget;
  std::shared_ptr<const CatalogEntry> entry;  ///< Null for a foreign recording; the instance points into it.
  std::optional<ProblemInstance> instance;
  std::shared_ptr<const Recording> recording;  ///< In a replay.
  std::shared_ptr<const Space> space;
  std::unique_ptr<Strategy> strategy;
  std::unique_ptr<EvaluationBackend> backend;
  std::optional<Job> job;                                  ///< Empty in a replay.
  std::vector<Job> further_draws;                          ///< The same with other inputs, to verify on.
  RunInfo info;                                            ///< With its id where there is a store.
  std::vector<std::shared_ptr<const Evaluation>> earlier;  ///< Of the run resumed, in order of sequence.
  bool needs_ceilings = false;                             ///< To be measured and kept.
  std::vector<std::string> messages;
  std::optional<Run>
      finished;  ///< Resuming a campaign: its run of this instance, which is done. Nothing is to be swept.

  /// The request for one configuration. Error: its launch cannot be worked out.
  [[nodiscard]] Result<EvaluateRequest> request(std::uint64_t id, const Configuration& configuration) const;
};

/// Checks everything, cheap things first; starts the workers and hears what GPU they have; makes or resumes the run in
/// the store.
[[nodiscard]] Result<SweepPlan> make_plan(const SweepRequest& request, const SessionEnvironment& environment);

/// Fails where a budget, device, strategy or target of the request is none: what needs no problem and no device to
/// know.
[[nodiscard]] Result<void> check_choices(const SweepRequest& request, const SessionEnvironment& environment);

/// The time in ISO 8601, as RunInfo::started_at has it.
[[nodiscard]] std::string now_utc();

}  // namespace fuseline::tuner
