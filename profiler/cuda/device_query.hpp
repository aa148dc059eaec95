// What the driver says about the GPUs it sees.
#pragma once

#include <string>
#include <vector>

#include "profiler/cuda/driver.hpp"
#include "tuner/device/device.hpp"

namespace fuseline::profiler {

/// Every GPU by ordinal. `cuda` of each is NVRTC's version, empty where there is none. Error: no driver, no GPU.
[[nodiscard]] tuner::Result<std::vector<tuner::DeviceInfo>> query_devices();

/// The driver's release, "580.82.07": from the kernel module, else from NVML, else the CUDA version it supports
/// ("CUDA 13.0").
[[nodiscard]] std::string driver_version(const Driver& driver);

}  // namespace fuseline::profiler
