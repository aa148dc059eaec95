// How a result file tells what was timed: clocks, the rounds of the finals with every sample, and how steady it all
// was.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "tuner/base/json.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {

/// Null where the device did not tell.
[[nodiscard]] OrderedJson clocks_object(const std::optional<Clocks>& clocks);
/// Of the runs behind the time; null where they are too few.
[[nodiscard]] OrderedJson shift_object(const std::optional<Shift>& shift);
/// {"finalists", "tied", "rounds", "timed"}; null where there were no finals: times are then the sweep's.
[[nodiscard]] OrderedJson finals_object(const Run& run);
/// Null where it is not known.
[[nodiscard]] OrderedJson place_effect_object(const RunInfo& info);

/// Member "clocks" of `parent`; empty where it is not there or null.
[[nodiscard]] Result<std::optional<Clocks>> read_clocks(const JsonView& parent);
/// Rounds and samples of member "finals" of `search`, for the finals that `info` has already. `sequence_of` gives the
/// sequence that a configuration has in `info`; those without one are left out. Nothing in files of before.
[[nodiscard]] Result<void> read_final_rounds(
    const JsonView& search, const std::function<std::optional<std::uint64_t>(const Configuration&)>& sequence_of,
    RunInfo& info);

}  // namespace fuseline::tuner
