// Numbers that expressions see beside a problem's own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tuner/base/types.hpp"
#include "tuner/device/device.hpp"
#include "tuner/problem/expression.hpp"

namespace fuseline::tuner {

/// What every expression sees of the sweep's dtype: "dtype_bytes"; "dtype", to be compared with a constant; and those
/// constants, "dtype.f32", "dtype.f16" and "dtype.bf16".
[[nodiscard]] const std::vector<std::string>& dtype_names();
/// The constants with their values: a dtype is its position among them, as a string parameter's value is.
[[nodiscard]] const std::vector<std::pair<std::string, double>>& dtype_constants();
/// Adds every name of dtype_names() with its value.
void add_dtype(Scope& scope, Dtype dtype);

/// "device.sm_count", ...
[[nodiscard]] const std::vector<std::string>& device_names();
/// Adds every name of device_names() with its value.
void add_device(Scope& scope, const DeviceLimits& device);

}  // namespace fuseline::tuner
