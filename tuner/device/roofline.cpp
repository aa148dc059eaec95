#include "tuner/device/roofline.hpp"

#include <algorithm>

namespace fuseline::tuner {
namespace {

/// Units a second in 1e9 (GB/s, GFLOP/s) from units in one time.
double giga_per_second(double units, double time_ms) { return time_ms > 0 ? units / (time_ms * 1e6) : 0.0; }

double roof(double intensity, double bandwidth_gbps, double compute_gflops) {
  const double slope = intensity * bandwidth_gbps;
  if (bandwidth_gbps <= 0) return compute_gflops;
  return compute_gflops > 0 ? std::min(slope, compute_gflops) : slope;
}

double least_ms(double units, double giga_per_s) { return giga_per_s > 0 ? units / (giga_per_s * 1e6) : 0.0; }

}  // namespace

RooflinePoint roofline_point(double flops, double bytes, double time_ms, double bandwidth_gbps, double compute_gflops) {
  const double intensity = bytes > 0 ? flops / bytes : 0.0;
  return {intensity, giga_per_second(flops, time_ms), roof(intensity, bandwidth_gbps, compute_gflops)};
}

double floor_ms(double flops, double bytes, double bandwidth_gbps, double compute_gflops) {
  return std::max(least_ms(bytes, bandwidth_gbps), least_ms(flops, compute_gflops));
}

double achieved_gbps(double bytes, double time_ms) { return giga_per_second(bytes, time_ms); }

double reachable_gbps(double copy_gbps, double read_gbps, double read_share) {
  const double beyond = std::clamp(2 * read_share - 1, 0.0, 1.0);
  if (!(copy_gbps > 0) || !(read_gbps > copy_gbps)) return std::max(copy_gbps, 0.0);
  return 1 / ((1 - beyond) / copy_gbps + beyond / read_gbps);
}

}  // namespace fuseline::tuner
