// What bounds one configuration of a run, how far it is from the floor, and what the readings and the run's own
// neighbours suggest: the one statement that documents, programs and answers give.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/counters/analysis.hpp"
#include "tuner/device/projection.hpp"
#include "tuner/report/advice.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

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
/// Of a profile, which is a run of one configuration. One replayed from a recording has the neighbours that were
/// recorded beside it, found below `data`.
[[nodiscard]] Explanation explain_profile(const Run& run, const Evaluation& evaluation,
                                          const std::filesystem::path& data);

/// {"time_ms", "floor_ms", "of_floor", "fusion", "occupancy", "bounds", "advice"}: what is not known is null, and
/// "bounds" is empty where no counters were read.
[[nodiscard]] OrderedJson explanation_json(const Explanation& explanation);
/// What bounds it first, in a few words and with its readings: "Bound by L2", "L2 is 92.3 % busy, ...".
struct Headline {
  std::string text, reading;
};
[[nodiscard]] Headline headline(const CounterAnalysis& analysis);

/// Headline, fusion, occupancy, bounds and advice as lines that people read, each with its line end.
[[nodiscard]] std::string statement_text(const Explanation& explanation);
/// The same after time and floor.
[[nodiscard]] std::string explanation_text(const Explanation& explanation);

/// {"projected": true, "target", "time_ms", "low_ms", "high_ms", "bound", "from"}; null where there is none.
[[nodiscard]] OrderedJson projection_json(const RunInfo& info, const std::optional<Projection>& projection);

}  // namespace fuseline::tuner
