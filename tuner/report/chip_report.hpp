// The counters that a chip offers, as people read them.
#pragma once

#include <string>

#include "tuner/session/chip_metrics.hpp"

namespace fuseline::tuner {

/// What was asked about, with the passes; else the sets with theirs and every metric with its description.
[[nodiscard]] std::string chip_metrics_text(const ChipMetrics& chip, bool colour);

}  // namespace fuseline::tuner
