#include "tuner/device/clocks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace fuseline::tuner {
namespace {

struct Throttle {
  std::uint64_t bit;
  std::string_view name;
};
// nvml.h: nvmlClocksEventReasonSwPowerCap and what follows it.
constexpr std::array<Throttle, 5> kThrottles{{{0x04, "sw_power_cap"},
                                              {0x08, "hw_slowdown"},
                                              {0x20, "sw_thermal_slowdown"},
                                              {0x40, "hw_thermal_slowdown"},
                                              {0x80, "hw_power_brake_slowdown"}}};

bool apart(double lowest, double highest) { return lowest > 0 && lowest < highest * (1 - kClockMoved); }

/// Zero says nothing.
double lower(double a, double b) { return a > 0 && b > 0 ? std::min(a, b) : std::max(a, b); }

}  // namespace

bool is_throttled(std::uint64_t reasons) {
  return std::any_of(kThrottles.begin(), kThrottles.end(),
                     [&](const Throttle& throttle) { return (reasons & throttle.bit) != 0; });
}

std::vector<std::string> throttle_names(std::uint64_t reasons) {
  std::vector<std::string> names;
  for (const Throttle& throttle : kThrottles) {
    if ((reasons & throttle.bit) != 0) names.emplace_back(throttle.name);
  }
  return names;
}

std::uint64_t throttle_reasons(const std::vector<std::string>& names) {
  std::uint64_t reasons = 0;
  for (const Throttle& throttle : kThrottles) {
    if (std::find(names.begin(), names.end(), throttle.name) != names.end()) reasons |= throttle.bit;
  }
  return reasons;
}

void Clocks::add(const ClockReading& reading) {
  add({1, reading.sm_mhz, reading.sm_mhz, reading.sm_mhz, reading.memory_mhz, reading.memory_mhz, reading.power_w,
       reading.temperature_c, reading.reasons, 0});
}

void Clocks::add(const Clocks& other) {
  retaken += other.retaken;
  if (other.readings == 0) return;
  const auto mine = static_cast<double>(readings), theirs = static_cast<double>(other.readings);
  sm_mhz = (sm_mhz * mine + other.sm_mhz * theirs) / (mine + theirs);
  readings += other.readings;
  sm_mhz_lowest = lower(sm_mhz_lowest, other.sm_mhz_lowest);
  sm_mhz_highest = std::max(sm_mhz_highest, other.sm_mhz_highest);
  memory_mhz_lowest = lower(memory_mhz_lowest, other.memory_mhz_lowest);
  memory_mhz_highest = std::max(memory_mhz_highest, other.memory_mhz_highest);
  power_w = std::max(power_w, other.power_w);
  temperature_c = std::max(temperature_c, other.temperature_c);
  reasons |= other.reasons;
}

bool Clocks::moved() const {
  return apart(sm_mhz_lowest, sm_mhz_highest) || apart(memory_mhz_lowest, memory_mhz_highest);
}

}  // namespace fuseline::tuner
