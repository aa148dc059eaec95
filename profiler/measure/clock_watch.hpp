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
#include "profiler/measure/power_pace.hpp"

namespace fuseline::profiler {

class ClockWatch {
 public:
  static constexpr int kRetakes = 5;
  using Duration = PowerPace::Duration;
  static constexpr Duration kFirstPause{20};

  /// The host's time: what passes and what is waited. Tests have one that does not wait.
  struct Host {
    std::function<Duration()> now = [] { return Duration(std::chrono::steady_clock::now().time_since_epoch()); };
    std::function<void(Duration)> pause = [](Duration time) { std::this_thread::sleep_for(time); };
  };
  /// `reader` may be null: then only what is measured on the device is known.
  explicit ClockWatch(const ClockReader* reader) : ClockWatch(reader, Host{}) {}
  ClockWatch(const ClockReader* reader, Host host) : reader_(reader), host_(std::move(host)) {}

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
  /// Where power comes near its limit, the pauses that PowerPace asks for follow.
  ///
  /// Held back is an SM clock more than kClockMoved below the highest that was measured; where it is not measured, one
  /// that is throttled and as far below the highest seen without that.
  template <class Take>
  [[nodiscard]] DeviceResult<void> unthrottled(std::size_t samples, std::optional<tuner::Clocks>& clocks,
                                               const Take& take) {
    Duration pause = kFirstPause;
    for (int retakes = 0;; ++retakes, pause *= 2) {
      readings_.clear();
      measured_mhz_ = 0;
      // The device idles meanwhile, so only where nothing better is to be expected.
      ahead_ = reader_ != nullptr && !measures_ ? reader_->read() : tuner::ClockReading{};
      const Duration begin = host_.now();
      if (auto taken = take(); !taken) return taken;
      measures_ = measured_mhz_ > 0;
      const Duration idle = pace_.due(of_power_limit(), host_.now() - begin);
      tuner::Clocks seen = joined();
      const bool held_back = is_held_back(seen);
      if (!held_back) patient_ = true;
      if (!held_back || retakes == kRetakes || !patient_) {
        if (held_back) patient_ = false;
        if (idle > Duration{}) host_.pause(idle);
        if (seen.readings == 0) return {};
        seen.retaken = samples * static_cast<std::size_t>(retakes);
        if (!clocks) clocks.emplace();
        clocks->add(seen);
        return {};
      }
      host_.pause(std::max(pause, idle));
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

  [[nodiscard]] double of_power_limit() const {
    double highest = 0;
    for (const tuner::ClockReading& reading : readings_) {
      if (reading.power_limit_w > 0) highest = std::max(highest, reading.power_w / reading.power_limit_w);
    }
    return highest;
  }

  const ClockReader* reader_;
  Host host_;
  PowerPace pace_;
  std::vector<tuner::ClockReading> readings_;  ///< Of the samples being taken.
  tuner::ClockReading ahead_;                  ///< Before them.
  double measured_mhz_ = 0;
  bool measures_ = false;  ///< Whether the last ones told the clock themselves.
  double free_measured_mhz_ = 0, free_sm_mhz_ = 0, free_memory_mhz_ = 0;  ///< Highest while nothing throttled them.
  bool patient_ = true;
};

}  // namespace fuseline::profiler
