// What a target that was not measured may be expected to reach.
#pragma once

#include <optional>

#include "tuner/device/device.hpp"

namespace fuseline::tuner {

/// A projection, never a measurement: the kernel is taken to reach the share of the target's data-sheet bandwidth that
/// it has of the measured device's.
struct Projection {
  double time_ms = 0;
  double gbps = 0;  ///< Effective bandwidth on the target.
  double gflops = 0;
  double share = 0;      ///< Of the data-sheet bandwidth, carried over from the device measured.
  double floor_ms = 0;   ///< Least time that the target's data sheet allows.
  bool fits_l2 = false;  ///< All compulsory bytes fit the target's L2, so that warm runs may be faster.
};

/// `bytes` and `flops` of one call, `time_ms` measured on `device`. Empty where the device's data-sheet bandwidth or
/// the target's is not known, or where the device is the target itself.
[[nodiscard]] std::optional<Projection> project(double flops, double bytes, double time_ms, const DeviceInfo& device,
                                                const Target& target);

}  // namespace fuseline::tuner
