#include "tuner/device/projection.hpp"

#include <algorithm>

#include "tuner/device/roofline.hpp"

namespace fuseline::tuner {

std::optional<Projection> project(double flops, double bytes, double time_ms, const DeviceInfo& device,
                                  const Target& target) {
  const bool known =
      device.dram_peak_gbps > 0 && target.dram_gbps > 0 && target.fp32_gflops > 0 && bytes > 0 && time_ms > 0;
  if (!known || data_sheet_of({target}, device.name)) return std::nullopt;
  Projection projection;
  projection.share = std::min(1.0, achieved_gbps(bytes, time_ms) / device.dram_peak_gbps);
  projection.time_ms = floor_ms(flops, bytes, target.dram_gbps * projection.share, target.fp32_gflops);
  projection.gbps = achieved_gbps(bytes, projection.time_ms);
  projection.gflops = flops / projection.time_ms / 1e6;
  projection.floor_ms = floor_ms(flops, bytes, target.dram_gbps, target.fp32_gflops);
  projection.fits_l2 = bytes <= static_cast<double>(target.limits.l2_bytes);
  return projection;
}

}  // namespace fuseline::tuner
