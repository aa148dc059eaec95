// What a row of the run on show may be expected to take on its target.
#pragma once

#include <optional>

#include "app/gui/models/run_data.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::app::gui {

/// Empty without a target, for a row that did not work, and where too little is known of it.
[[nodiscard]] inline std::optional<tuner::Projection> projection_of(const tuner::RunInfo& info, const Row& row) {
  return info.target && row.ok() ? tuner::projected(info, *row.evaluation, row.time_ms) : std::nullopt;
}

}  // namespace fuseline::app::gui
