// What a run measured of configurations that differ from one in a single parameter.
#pragma once

#include <string>
#include <vector>

#include "tuner/run/run.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {

/// The time of one configuration over that of another, as one run measured both.
struct TimeRatio {
  double ratio = 1;
  Interval interval{1, 1};  ///< 95 % confidence.
  bool paired = false;      ///< By rounds of the finals that both were in; else by medians of the sweep.
  bool tied = true;         ///< The run cannot tell the two apart.
};

/// Finalists by the median of their ratios in common rounds, since what drifts cancels within a round; others by their
/// medians in the sweep, the interval from those of the medians. Tied where the interval holds 1, or where the
/// difference is below what sessions differ by (TieRule) or, in the sweep, below what clocks and buffers do (2 %). Of
/// too few samples for an interval 5 % are asked for, which is what the finals retime. Tied as well where either was
/// not timed to the end.
[[nodiscard]] TimeRatio time_ratio(const Run& run, const Evaluation& evaluation, const Evaluation& base);

struct Neighbour {
  std::string parameter, here, there;  ///< Values.
  const Evaluation* evaluation = nullptr;
  TimeRatio time;  ///< Its own over that of the configuration asked about.
};
/// Of each parameter that has any the fastest; those that cost most first. Only what worked and was timed to the end,
/// of the same variant. Pointers into the run.
[[nodiscard]] std::vector<Neighbour> neighbours(const Run& run, const Evaluation& evaluation);
/// All of them, in the order of the run.
[[nodiscard]] std::vector<Neighbour> all_neighbours(const Run& run, const Evaluation& evaluation);

}  // namespace fuseline::tuner
