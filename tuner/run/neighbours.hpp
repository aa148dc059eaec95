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

/// A configuration, and the run that measured it.
struct MeasuredIn {
  const RunInfo& info;
  const Evaluation& evaluation;
};
/// Whether both are of the one run: its number, its start and where it came from are the same.
[[nodiscard]] bool same_run(const RunInfo& a, const RunInfo& b);

/// Finalists by the median of their ratios in common rounds, since what drifts cancels within a round; others by their
/// medians in the sweep, the interval from those of the medians. Tied where the interval holds 1, or where the
/// difference is below what sessions differ by (TieRule) or, in the sweep, below what clocks and buffers do (2 %). Of
/// too few samples for an interval, as of what was given up as too slow, 5 % are asked for, which is what the finals
/// retime. 1 and tied where either did not work.
[[nodiscard]] TimeRatio time_ratio(const Run& run, const Evaluation& evaluation, const Evaluation& base);
/// The same, of two runs as well: those were measured apart, and are never paired.
[[nodiscard]] TimeRatio time_ratio(const MeasuredIn& measured, const MeasuredIn& base);

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
