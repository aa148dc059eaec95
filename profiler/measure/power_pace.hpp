// How long a device has to idle between timings so that it stays under its power limit.
#pragma once

#include <algorithm>
#include <chrono>

namespace fuseline::profiler {

/// A device takes its power as a mean over about a second, and once that mean is at the limit an H200 lowers its SM
/// clock by up to a third. What was timed then has to be thrown away, which costs more than idling beforehand.
///
/// Proportional control: of the time that the device works, a share is owed as idling, which rises with power from none
/// at kFrom of the limit by kGain for each 1 %, up to kMost. A kernel that would take 8 % more than the limit settles
/// at 92 % of it, with a sixth of the time idle.
class PowerPace {
 public:
  using Duration = std::chrono::duration<double, std::milli>;
  static constexpr double kFrom = 0.88;
  static constexpr double kGain = 4;
  static constexpr double kMost = 0.4;
  static constexpr Duration kWorthSleeping{3};

  /// `of_limit`: power over its limit, 0 where it is not known; `busy`: how long the device worked since the last call.
  /// The pause that is due now: none until it is worth sleeping.
  [[nodiscard]] Duration due(double of_limit, Duration busy) {
    const double idle = std::clamp(kGain * (of_limit - kFrom), 0.0, kMost);
    if (idle == 0) owed_ = {};
    owed_ += busy * (idle / (1 - idle));
    if (owed_ < kWorthSleeping) return {};
    const Duration now = owed_;
    owed_ = {};
    return now;
  }

 private:
  Duration owed_{};
};

}  // namespace fuseline::profiler
