// Clocks while something is timed: what was timed while they were held back is timed again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "profiler/cuda/clock_reader.hpp"
#include "profiler/cuda/driver.hpp"

namespace fuseline::profiler {

class ClockWatch {
 public:
  static constexpr int kRetakes = 5;
  static constexpr std::chrono::milliseconds kFirstPause{20};
  static constexpr std::chrono::milliseconds kBreath{10};
  static constexpr double kNearThePowerLimit = 0.95;

  /// `reader` may be null: then only what is measured on the device is known. `pause` lets the device cool; tests need
  /// not wait.
  using Pause = std::function<void(std::chrono::milliseconds)>;
  explicit ClockWatch(
      const ClockReader* reader,
      Pause pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); })
      : reader_(reader), pause_(std::move(pause)) {}

  /// One look, while the device is at work.
  void look() {
    if (reader_ != nullptr) readings_.push_back(reader_->read());
  }
  /// The SM clock that was measured on the device itself during what was timed; 0: it is not known. It goes before what
  /// the driver says, which is some 0.1 s old.
  void measured(double sm_mhz) { measured_mhz_ = sm_mhz; }

  /// Calls `take`, which times `samples` samples and looks meanwhile, again as long as it saw clocks held back:
  /// kRetakes times more at most, after pauses that double. Where that did not help the samples are kept, with the
  /// reasons, and the next calls do not wait for better clocks until some were seen. Adds to `clocks`.
  ///
  /// Where power came near its limit, a pause of kBreath follows. A device takes its power as a mean over about a
  /// second, and once it is at its limit an H200 lowers its SM clock by up to a third. A little idling now and then
  /// avoids that.
  ///
  /// Held back is an SM clock more than kClockMoved below the highest that was measured; where it is not measured, one
  /// that is throttled and as far below the highest seen without that.
  template <class Take>
  [[nodiscard]] DeviceResult<void> unthrottled(std::size_t samples, std::optional<tuner::Clocks>& clocks,
                                               const Take& take) {
    auto pause = kFirstPause;
    for (int retakes = 0;; ++retakes, pause *= 2) {
      readings_.clear();
      measured_mhz_ = 0;
      ahead_ = reader_ != nullptr ? reader_->read() : tuner::ClockReading{};
      if (auto taken = take(); !taken) return taken;
      tuner::Clocks seen = joined();
      const bool held_back = is_held_back(seen);
      if (!held_back) patient_ = true;
      if (!held_back || retakes == kRetakes || !patient_) {
        if (held_back) patient_ = false;
        if (near_the_power_limit()) pause_(kBreath);
        if (seen.readings == 0) return {};
        seen.retaken = samples * static_cast<std::size_t>(retakes);
        if (!clocks) clocks.emplace();
        clocks->add(seen);
        return {};
      }
      pause_(pause);
    }
  }

 private:
  [[nodiscard]] tuner::Clocks joined() const {
    tuner::Clocks seen;
    for (tuner::ClockReading reading : readings_) {
      if (measured_mhz_ > 0) reading.sm_mhz = measured_mhz_;
      seen.add(reading);
    }
    // The device may have idled then, which lowers clocks: only that they were held back counts, where nothing better
    // is known.
    if (measured_mhz_ == 0 && tuner::is_throttled(ahead_.reasons)) seen.add(ahead_);
    if (readings_.empty() && measured_mhz_ > 0) seen.add(tuner::ClockReading{measured_mhz_});
    return seen;
  }

  [[nodiscard]] bool is_held_back(const tuner::Clocks& seen) {
    const auto below = [](double mhz, double best_mhz) {
      return mhz > 0 && mhz <= (1 - tuner::kClockMoved) * best_mhz;
    };
    const bool throttled = tuner::is_throttled(seen.reasons);
    double& free_sm_mhz = measured_mhz_ > 0 ? free_measured_mhz_ : free_sm_mhz_;
    const bool slow = below(seen.sm_mhz_lowest, free_sm_mhz) || below(seen.memory_mhz_lowest, free_memory_mhz_);
    const bool held_back = (slow && (throttled || measured_mhz_ > 0)) || (throttled && free_sm_mhz == 0);
    if (!throttled) {
      free_sm_mhz = std::max(free_sm_mhz, seen.sm_mhz_highest);
      free_memory_mhz_ = std::max(free_memory_mhz_, seen.memory_mhz_highest);
    }
    return held_back;
  }

  [[nodiscard]] bool near_the_power_limit() const {
    return std::any_of(readings_.begin(), readings_.end(), [](const tuner::ClockReading& reading) {
      return reading.power_limit_w > 0 && reading.power_w > kNearThePowerLimit * reading.power_limit_w;
    });
  }

  const ClockReader* reader_;
  Pause pause_;
  std::vector<tuner::ClockReading> readings_;  ///< Of the samples being taken.
  tuner::ClockReading ahead_;                  ///< Before them.
  double measured_mhz_ = 0;
  double free_measured_mhz_ = 0, free_sm_mhz_ = 0, free_memory_mhz_ = 0;  ///< Highest while nothing throttled them.
  bool patient_ = true;
};

}  // namespace fuseline::profiler
