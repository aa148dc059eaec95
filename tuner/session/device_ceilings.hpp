// Ceilings of a device: measured once for each device and driver, and kept.
#pragma once

#include <string>

#include "tuner/session/session.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::tuner {

/// False of ceilings that a version measured which did not ask for the counters of the copy and of the read.
[[nodiscard]] bool complete(const Ceilings& ceilings);

/// The ceilings kept in `store` for `device`, or, where there are none that are complete or `refresh` is set, measured
/// by the worker that `worker_command` starts and kept then. Errors: of the worker, of the store.
[[nodiscard]] Result<Ceilings> kept_or_measured_ceilings(Store& store, const DeviceInfo& device,
                                                         const std::string& worker_command, bool refresh);

}  // namespace fuseline::tuner
