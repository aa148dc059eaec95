// What the counters of one configuration say, with what is known of the run beside them.
#pragma once

#include "app/gui/models/run_data.hpp"
#include "tuner/counters/analysis.hpp"

namespace fuseline::app::gui {

[[nodiscard]] tuner::CounterAnalysis analyse(const RunData& data, const Row& row);

}  // namespace fuseline::app::gui
