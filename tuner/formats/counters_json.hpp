// Hardware counters and what they say, as JSON.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/counters/analysis.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// {"NAME": value}
[[nodiscard]] OrderedJson counters_json(const Counters& counters);
/// {"fusion": {...}|null, "intensities": {...}|null, "occupancy": {...}|null, "bounds": [...]}
[[nodiscard]] OrderedJson analysis_json(const CounterAnalysis& analysis);
/// [{"kernel", "device", "dtype", "counters": {...}}]
[[nodiscard]] OrderedJson given_json(const std::vector<GivenReading>& given);
/// {"fast": {"configurations", "passes", "seconds", "kernel_seconds", "overhead_ms"}, ...}; the last a configuration,
/// beyond the kernel's own passes.
[[nodiscard]] OrderedJson counter_cost_json(const RunInfo& info);

}  // namespace fuseline::tuner
