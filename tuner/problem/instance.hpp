// Numbers that expressions see beside a problem's own.
#pragma once

#include <string>
#include <vector>

#include "tuner/device/device.hpp"
#include "tuner/problem/expression.hpp"

namespace fuseline::tuner {

/// "device.sm_count", ...
[[nodiscard]] const std::vector<std::string>& device_names();
/// Adds every name of device_names() with its value.
void add_device(Scope& scope, const DeviceLimits& device);

}  // namespace fuseline::tuner
