#include "tuner/session/device_ceilings.hpp"

namespace fuseline::tuner {

bool complete(const Ceilings& ceilings) { return ceilings.streams.known() || !ceilings.streams.missing.empty(); }

Result<Ceilings> kept_or_measured_ceilings(Store& store, const DeviceInfo& device, const std::string& worker_command,
                                           bool refresh) {
  const std::string key = ceilings_key(device);
  if (!refresh) {
    FUSELINE_TRY(kept, store.ceilings(key));
    if (kept && complete(*kept)) return *kept;
  }
  FUSELINE_TRY(measured, measure_ceilings(worker_command));
  FUSELINE_CHECK(store.keep_ceilings(key, measured));
  return measured;
}

}  // namespace fuseline::tuner
