// Devices, recordings and targets as tables and JSON.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/session/session.hpp"

namespace fuseline::tuner {

struct DeviceReport {
  std::vector<DeviceInfo> devices;  ///< With ceilings where they are known.
  std::string no_devices;           ///< Why there are none; empty otherwise.
  std::vector<RecordingInfo> recordings;
  std::vector<Target> targets;
};
[[nodiscard]] std::string devices_text(const DeviceReport& report, bool colour);
[[nodiscard]] OrderedJson to_json(const DeviceReport& report);

}  // namespace fuseline::tuner
