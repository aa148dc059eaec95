// What hardware counters say of a run's configurations, as people and programs read it.
#pragma once

#include <string>

#include "tuner/base/json.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// The key counters of the best `count` configurations with the given kernels' beside them, and what reading cost;
/// empty where none were read.
[[nodiscard]] std::string counters_text(const Run& run, std::size_t count, bool colour);

/// One configuration in full: time, share of copy, what bounds it and what to try, then each counter with what it means
/// and the given kernels' readings beside it, and operations and bytes. `explanation` is of the same configuration.
[[nodiscard]] std::string profile_text(const Run& run, const Evaluation& evaluation, const Explanation& explanation,
                                       bool colour);
/// "fuseline/profile/1" (assets/schemas/profile.schema.json).
[[nodiscard]] OrderedJson profile_json(const Run& run, const Evaluation& evaluation, const Explanation& explanation);

}  // namespace fuseline::tuner
