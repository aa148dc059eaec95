// What the counters of one configuration say, with what is known of the run beside them.
#pragma once

#include "app/gui/models/run_data.hpp"
#include "tuner/counters/analysis.hpp"
#include "tuner/problem/catalog.hpp"

namespace fuseline::app::gui {

/// `entry` is the run's problem, null where it is not known here: then the bytes of inputs and outputs are not known
/// either.
[[nodiscard]] tuner::CounterAnalysis analyse(const RunData& data, const Row& row, const tuner::CatalogEntry* entry);

}  // namespace fuseline::app::gui
