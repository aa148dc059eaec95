// Where a measurement stands under the ceilings of a device and of a target.
#pragma once

#include "tuner/device/device.hpp"

namespace fuseline::tuner {

/// A point on the roofline. Source of the model: Williams, Waterman, Patterson, "Roofline" (CACM 2009).
struct RooflinePoint {
  double intensity = 0;    ///< Operations per byte.
  double gflops = 0;       ///< Achieved.
  double roof_gflops = 0;  ///< min(compute ceiling, intensity * bandwidth ceiling).
};

/// `bytes` are compulsory bytes, or measured ones for a hierarchical roofline. A ceiling of zero is one that is not
/// known and does not limit; where `bytes` or `time_ms` are not positive, what follows from them is zero.
[[nodiscard]] RooflinePoint roofline_point(double flops, double bytes, double time_ms, double bandwidth_gbps,
                                           double compute_gflops);

/// The least time that `bandwidth_gbps` and `compute_gflops` allow, in ms. On a chip that was not measured this is a
/// projection. A ceiling of zero is not known and does not limit.
[[nodiscard]] double floor_ms(double flops, double bytes, double bandwidth_gbps, double compute_gflops);

/// Effective bandwidth in GB/s (1e9 bytes per second); zero where `time_ms` is not positive.
[[nodiscard]] double achieved_gbps(double bytes, double time_ms);

/// Bandwidth that traffic can hope for, by how much of it is reading: the copy's where at most half is, and
/// towards that of reading alone beyond (times a byte are mixed, not rates). A rate of 0 is one that is not known; 0
/// where the copy's is not.
[[nodiscard]] double reachable_gbps(double copy_gbps, double read_gbps, double read_share);

}  // namespace fuseline::tuner
