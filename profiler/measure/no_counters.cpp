// In place of counter_collector.cpp and source_profiler.cpp where the worker is built without CUPTI (see
// counters/no_cupti.cpp).
#include "profiler/counters/counter_listing.hpp"
#include "profiler/measure/counter_collector.hpp"
#include "profiler/measure/source_profiler.hpp"

namespace fuseline::profiler {

tuner::Result<std::unique_ptr<CounterCollector>> CounterCollector::open(Gpu&, SupportKernels&, int,
                                                                        tuner::SpanRecorder*) {
  return tuner::worker_error(kWithoutCupti);
}

tuner::Result<std::unique_ptr<SourceProfiler>> SourceProfiler::open(Gpu&, int) {
  return tuner::worker_error(kWithoutCupti);
}

}  // namespace fuseline::profiler
