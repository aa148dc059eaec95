// In place of the rest of this folder where the toolkit at hand when this was built had no headers of the range
// profiler.
#include <nlohmann/json.hpp>

#include "profiler/counters/counter_collector.hpp"
#include "profiler/counters/counter_listing.hpp"

namespace fuseline::profiler {
namespace {

tl::unexpected<tuner::Error> not_built() {
  return tl::unexpected(tuner::Error{tuner::ErrorKind::worker,
                                     {},
                                     {},
                                     "this worker was built without CUPTI's headers (cupti_range_profiler.h, CUDA 12.6 "
                                     "update 2 and later): build it with a newer toolkit"});
}

}  // namespace

tuner::Result<std::unique_ptr<CounterCollector>> CounterCollector::open(Gpu&, SupportKernels&, int) {
  return not_built();
}
tuner::Result<nlohmann::json> list_chips() { return not_built(); }
tuner::Result<nlohmann::json> list_counters(const std::string&, const std::vector<std::string>&) { return not_built(); }

}  // namespace fuseline::profiler
