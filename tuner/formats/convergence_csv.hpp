// How a search went, as data.
#pragma once

#include <string>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// CSV (RFC 4180), one row an evaluation with its number, the seconds when it ended, its outcome and time, the best so
/// far, and what random search over this run's times is expected to have reached after as many evaluations and after as
/// many seconds. Cells are empty where there is no such time yet. Error: the run is not ranked by time.
[[nodiscard]] Result<std::string> convergence_csv(const Run& run);

}  // namespace fuseline::tuner
