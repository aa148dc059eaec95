#include "app/gui/models/counters_model.hpp"

namespace fuseline::app::gui {
namespace {

void add_bytes(const tuner::RunInfo& info, const tuner::CatalogEntry& entry, tuner::CounterContext& context) {
  const auto instance = tuner::instantiate(entry.problem, "", info.dims, info.dtype, info.scalars);
  if (!instance) return;
  for (const tuner::Tensor& tensor : instance->tensors) {
    (tensor.role == tuner::TensorRole::output ? context.output_bytes : context.input_bytes) +=
        static_cast<double>(tensor.bytes());
  }
}

}  // namespace

tuner::CounterAnalysis analyse(const RunData& data, const Row& row, const tuner::CatalogEntry* entry) {
  const tuner::Measurement& measurement = row.evaluation->measurement;
  tuner::CounterContext context;
  if (entry != nullptr) add_bytes(data.info(), *entry, context);
  context.l2_size = static_cast<double>(data.info().device.limits.l2_bytes);
  context.time_ms = row.time_ms;
  if (measurement.facts) {
    context.theoretical_occupancy = measurement.facts->occupancy;
    context.occupancy_limiter = measurement.facts->occupancy_limiter;
  }
  return tuner::analyse_counters(measurement.counters, context);
}

}  // namespace fuseline::app::gui
