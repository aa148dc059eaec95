#include "app/gui/models/counters_model.hpp"

#include "tuner/run/figures.hpp"

namespace fuseline::app::gui {

tuner::CounterAnalysis analyse(const RunData& data, const Row& row) {
  return tuner::analyse(data.info(), *row.evaluation, row.time_ms);
}

}  // namespace fuseline::app::gui
