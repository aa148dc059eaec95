// What the configurations of a run may be expected to take on its target: the one place that gathers for
// tuner/device/projection what a run knows.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "tuner/device/projection.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {

/// Has the run's times projected on another target than the one that it was made for: which configurations its space
/// holds is then not known.
void set_target(RunInfo& info, Target target);

/// The SM clock as it was read (sm_mhz()); else the one that the measured FP32 rate stands for; 0 where neither is
/// known.
[[nodiscard]] double likely_sm_mhz(const RunInfo& info, const Evaluation& evaluation);

/// What an evaluation did on the run's device, whose comparable time is `time_ms`.
[[nodiscard]] ObservedWork observed_work(const RunInfo& info, const Evaluation& evaluation, double time_ms);

/// On the run's target. Empty where the run has none, where the evaluation did not work, where it is known not to be in
/// the target's space, or as project() says.
[[nodiscard]] std::optional<Projection> projected(const RunInfo& info, const Evaluation& evaluation, double time_ms);
[[nodiscard]] std::optional<Projection> projected(const RunInfo& info, const Evaluation& evaluation);

/// What a reading of a kernel given from outside says of DRAM on the run's target, in GB/s; 0 where it is of another
/// chip or element type, or does not say.
[[nodiscard]] double given_dram_gbps(const RunInfo& info, const GivenReading& reading);

/// By what a result's configurations are ordered.
enum class RankBy { device, target };

/// The order on the run's target, by projected time.
struct TargetRanking {
  std::vector<std::size_t> order;       ///< Positions of what has a projection, the shortest first.
  std::vector<Projection> projections;  ///< Of each of those.
  /// So many of the first cannot be told apart there: the interval of each holds the first's time.
  std::size_t together = 0;
};
/// Of `count` evaluations. Equal times stand as on the device.
[[nodiscard]] TargetRanking rank_on_target(const RunInfo& info, std::size_t count,
                                           const std::function<const Evaluation&(std::size_t)>& at);
[[nodiscard]] TargetRanking rank_on_target(const Run& run);

}  // namespace fuseline::tuner
