#include "tuner/session/early_stop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/device/roofline.hpp"

namespace fuseline::tuner {

EarlyStop::EarlyStop(double bytes, double gbps) : bytes_(bytes), gbps_(gbps) {}

void EarlyStop::answered(const Observation& observation, std::optional<double> expected) {
  ++answers_;
  quiet_ = expected && *expected < next_to_nothing ? quiet_ + 1 : 0;
  if (!observation.ok || !(observation.time_ms > 0) || (best_ms_ && observation.time_ms >= *best_ms_)) return;
  if (best_ms_ && observation.time_ms < *best_ms_ * (1 - next_to_nothing)) quiet_ = 0;
  best_ms_ = observation.time_ms;
}

std::optional<std::string> EarlyStop::reason() const {
  if (!best_ms_) return std::nullopt;
  const double reached = gbps_ > 0 ? achieved_gbps(bytes_, *best_ms_) / gbps_ : 0;
  if (reached >= within_noise)
    return fmt::format("the best reaches the bandwidth of the device: {:.1f} % of {:.0f} GB/s", 100 * reached, gbps_);
  if (quiet_ < a_while || answers_ < at_least) return std::nullopt;
  return fmt::format("expected improvement under {:g} % for {} evaluations", 100 * next_to_nothing, quiet_);
}

}  // namespace fuseline::tuner
