// A data sheet. Promises: what is read has limits that a device can have.
#include "tuner/device/device.hpp"

#include <filesystem>

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"

namespace fuseline::fuzz {

void device(std::string_view input) {
  static const auto folder = [] {
    std::filesystem::create_directories(scratch() / "presets" / "devices");
    return scratch();
  }();
  place("presets/devices/rtx4090.json", input);
  const auto targets = tuner::load_targets(folder);
  if (!targets) return require_shown_safely(targets.error());
  require(targets->size() == 1, "another number of targets than of files");
  const tuner::Target& target = targets->front();
  require(
      target.dram_gbps > 0 && target.fp32_gflops > 0 && target.limits.sm_count > 0 && target.limits.compute_major > 0,
      "limits out of bounds");
  require(tuner::find_target(folder, "rtx4090").has_value(), "a target that was read is not found");
  for (const std::string& name : target.device_names) static_cast<void>(tuner::data_sheet_of(*targets, name));
}

}  // namespace fuseline::fuzz
