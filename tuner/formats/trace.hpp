// A sweep's outcomes as they come, one line of JSON each.
#pragma once

#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// One line of --trace (assets/schemas/trace.schema.json): sequence, variant, configuration, outcome, time_ms (null
/// unless ok), elapsed_s, and the reason of a failure. `time_ms` is the median of the sweep, not of the finals.
[[nodiscard]] OrderedJson trace_json(const Evaluation& evaluation);

}  // namespace fuseline::tuner
