// What bounds one configuration of a run, how far it is from the floor, and what the readings and the run's own
// neighbours suggest: the one statement that documents, programs and answers give.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/counters/analysis.hpp"
#include "tuner/device/projection.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Something to do, or to leave, with the reading behind it; both are sentences without a full stop.
struct Advice {
  std::string text, reading;
};
/// Pieces of advice in one statement, at most.
inline constexpr std::size_t kMostAdvice = 3;

/// What the run measured of a configuration that differs from another in one parameter alone.
struct Neighbour {
  std::string parameter, here, there;  ///< Values.
  double ratio = 1;                    ///< Its time over that of the configuration explained.
};
/// Of each parameter that has one the fastest; those that cost most first. Only what worked.
[[nodiscard]] std::vector<Neighbour> neighbours(const Run& run, const Evaluation& evaluation);

struct Explanation {
  double time_ms = 0;
  double floor_ms = 0;       ///< Compulsory bytes at the copy bandwidth of the device; 0 where not known.
  double of_floor = 0;       ///< floor_ms over time_ms; 0 where not known.
  CounterAnalysis analysis;  ///< Empty where no counters were read.
  std::optional<Projection> projection;
  std::vector<Advice> advice;  ///< The most important first.
};
/// From this share of the copy's time on, only fewer bytes would make a configuration faster.
inline constexpr double kAtTheFloor = kAtTheCopy;

[[nodiscard]] Explanation explain(const Run& run, const Evaluation& evaluation);

/// {"time_ms", "floor_ms", "of_floor", "fusion", "occupancy", "bounds", "advice"}: what is not known is null, and
/// "bounds" is empty where no counters were read.
[[nodiscard]] OrderedJson explanation_json(const Explanation& explanation);
/// The same as lines that people read, each with its line end.
[[nodiscard]] std::string explanation_text(const Explanation& explanation);

/// {"projected": true, "target", "time_ms", "low_ms", "high_ms", "bound", "from"}; null where there is none.
[[nodiscard]] OrderedJson projection_json(const RunInfo& info, const std::optional<Projection>& projection);

}  // namespace fuseline::tuner
