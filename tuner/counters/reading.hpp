// One counter of a set, where it was read.
#pragma once

#include <optional>

#include "tuner/counters/analysis.hpp"

namespace fuseline::tuner {

/// Empty where the counter is missing or no number from 0 on.
[[nodiscard]] std::optional<double> reading_of(const Counters& counters, const char* name);

}  // namespace fuseline::tuner
