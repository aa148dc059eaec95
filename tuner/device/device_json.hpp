// Devices, ceilings and targets as JSON, for messages and stored runs.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tuner/base/json.hpp"
#include "tuner/device/clocks.hpp"
#include "tuner/device/device.hpp"

namespace fuseline::tuner {

/// The limits as files for people have them, which say the compute capability beside.
[[nodiscard]] OrderedJson limits_object(const DeviceLimits& limits);
[[nodiscard]] nlohmann::json to_json(const DeviceLimits& limits);
/// {"driver", "measured_at", "missing", "copy": {metric: value}, "read": {...}}, of these what there is.
[[nodiscard]] OrderedJson streams_object(const StreamCounters& streams);
[[nodiscard]] nlohmann::json to_json(const Ceilings& ceilings);
[[nodiscard]] nlohmann::json to_json(const Clocks& clocks);
[[nodiscard]] nlohmann::json to_json(const DeviceInfo& device);
[[nodiscard]] nlohmann::json to_json(const Target& target);

[[nodiscard]] Result<void> read_value(const JsonView& view, DeviceLimits& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, StreamCounters& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Ceilings& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Clocks& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, DeviceInfo& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, Target& out);

}  // namespace fuseline::tuner
