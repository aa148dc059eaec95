// The best configurations under Nsight Compute's metric names.
#pragma once

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// {"<kernel>": {"launch__grid_size": ..., "gpu__time_duration.sum": ..., ...}} with Nsight Compute's metric names,
/// best configuration and its ties. Where lines were profiled, smsp__pcsamp_warps_issue_stalled_REASON has the samples
/// of the whole kernel, and totals of executed instructions are there. <kernel> is the variant's name, or "<variant>
/// <parameters>" (the configuration key) where the variant's name alone is not unique. Of several launches
/// shown_launch() counts. Error (kind worker): no configuration worked.
[[nodiscard]] Result<OrderedJson> ncu_json(const Run& run);

}  // namespace fuseline::tuner
