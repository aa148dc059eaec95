// What hardware counters say of a run's configurations, as people and programs read it.
#pragma once

#include <span>
#include <string>

#include "tuner/base/json.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/report/explanation.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// The key counters of the configurations of a table, numbered as its rows are, with the given kernels' below them, and
/// what reading cost; empty where none were read.
[[nodiscard]] std::string counters_text(const Run& run, std::span<const Evaluation* const> rows, bool colour);

/// One configuration in full: time, share of copy, what bounds it and what to try, then each counter with what it means
/// and the given kernels' readings beside it, and operations and bytes; without counters what is known all the same.
/// Then the hot lines, where they were profiled. `explanation` is of the same configuration; `catalog` has the sources
/// and may be null.
[[nodiscard]] std::string profile_text(const Run& run, const Evaluation& evaluation, const Explanation& explanation,
                                       bool colour, const Catalog* catalog = nullptr);
/// "fuseline/profile/1" (assets/schemas/profile.schema.json).
[[nodiscard]] OrderedJson profile_json(const Run& run, const Evaluation& evaluation, const Explanation& explanation,
                                       const Catalog* catalog = nullptr);

}  // namespace fuseline::tuner
