// What hardware counters say of a run's configurations, as people and programs read it.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/counters/analysis.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// What the run knows beside the counters of one of its evaluations.
[[nodiscard]] CounterContext counter_context(const Run& run, const Evaluation& evaluation);
/// The analysis of one evaluation; everything in it is empty where it has no counters.
[[nodiscard]] CounterAnalysis analyse(const Run& run, const Evaluation& evaluation);

/// {"fusion": {...}|null, "intensities": {...}|null, "occupancy": {...}|null, "bounds": [...]}
[[nodiscard]] OrderedJson analysis_json(const CounterAnalysis& analysis);
/// [{"kernel", "device", "dtype", "counters": {...}}]
[[nodiscard]] OrderedJson given_json(const std::vector<GivenReading>& given);
/// {"fast": {"configurations", "passes", "seconds", "kernel_seconds", "overhead_ms"}, ...}; the last a configuration,
/// beyond the kernel's own passes.
[[nodiscard]] OrderedJson counter_cost_json(const RunInfo& info);

/// The key counters of the best `count` configurations with the given kernels' beside them, and what reading cost;
/// empty where none were read.
[[nodiscard]] std::string counters_text(const Run& run, std::size_t count, bool colour);

/// One configuration in full: time, share of copy, each counter with what it means and the given kernels' readings
/// beside it, and the analysis.
[[nodiscard]] std::string profile_text(const Run& run, const Evaluation& evaluation, bool colour);
/// "fuseline/profile/1" (assets/schemas/profile.schema.json).
[[nodiscard]] OrderedJson profile_json(const Run& run, const Evaluation& evaluation);

}  // namespace fuseline::tuner
