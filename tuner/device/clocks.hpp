// What a GPU's clocks did while something was timed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fuseline::tuner {

/// A clock is somewhere else where it differs by more than this share. An H200 near its power limit gives up a step or
/// two of 15 MHz of its 1,980 and takes them back all the time; more is a stretch of its own.
inline constexpr double kClockMoved = 0.02;

/// One look at them. A figure is zero where the device does not tell it.
struct ClockReading {
  double sm_mhz = 0, memory_mhz = 0;
  double power_w = 0;
  double temperature_c = 0;
  std::uint64_t reasons = 0;  ///< Why clocks are what they are, as NVML has them (nvmlClocksEventReason...).
  double power_limit_w = 0;
};

/// True where one of `reasons` holds the clocks below what was asked for: power, heat, or a brake from outside.
/// Idling and clocks set by the user do not.
[[nodiscard]] bool is_throttled(std::uint64_t reasons);
/// Names of those among `reasons` that throttle: "sw_power_cap", "hw_slowdown", "sw_thermal_slowdown",
/// "hw_thermal_slowdown", "hw_power_brake_slowdown".
[[nodiscard]] std::vector<std::string> throttle_names(std::uint64_t reasons);
/// The reasons with these names; unknown ones are passed over.
[[nodiscard]] std::uint64_t throttle_reasons(const std::vector<std::string>& names);

/// Readings joined. Default: none.
struct Clocks {
  std::uint64_t readings = 0;
  double sm_mhz = 0;  ///< Mean.
  double sm_mhz_lowest = 0, sm_mhz_highest = 0;
  double memory_mhz_lowest = 0, memory_mhz_highest = 0;
  double power_w = 0;         ///< Highest.
  double temperature_c = 0;   ///< Highest.
  std::uint64_t reasons = 0;  ///< Of the samples that were kept.
  std::uint64_t retaken = 0;  ///< Samples thrown away because clocks were held back.

  void add(const ClockReading& reading);
  void add(const Clocks& other);
  /// SM or memory clock differed by more than kClockMoved between readings.
  [[nodiscard]] bool moved() const;
};

}  // namespace fuseline::tuner
