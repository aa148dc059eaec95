// The figures of a run, worked out here and nowhere else: times that can be compared, bandwidths and shares, the order
// of configurations, and what counters say. Every table, file, plot and window shows these.
//
// Times. The finals time the finalists in turn, but those that are clearly slower drop out after the first rounds, and
// a device drifts: medians of different rounds cannot be compared. What can be is the paired ratio to the best of the
// same rounds. So the time of a finalist is the best's median times its ratio. Who was no finalist keeps the sweep's
// time and comes after every finalist, whatever that time is.
//
// Cards. Where a run was timed on several GPUs, a time of another than the reference card is multiplied by the copy
// that was measured on its card over the one of the reference card: what it would be there as far as bandwidth decides.
// The finals are run on the reference card alone, so that what is ranked first is of one card.
//
// Operations. A point drawn by the compulsory bytes has the operations of the problem's definition: its intensity says
// what the problem asks for. A point drawn by the bytes that a level of memory moved has the operations that the kernel
// executed, as the counters saw both: its intensity says what the kernel did. The two are never mixed.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/counters/analysis.hpp"
#include "tuner/run/run.hpp"
#include "tuner/stats/shift.hpp"

namespace fuseline::tuner {

/// Whether the run has an arithmetic intensity, which a roofline needs.
[[nodiscard]] bool says_bytes_and_operations(const RunInfo& info);

/// The SM clock as it was read while `measurement` was timed, in MHz; of the whole run where its own is not known; 0
/// where neither is.
[[nodiscard]] double sm_mhz(const RunInfo& info, const Measurement& measurement);

/// Bandwidth of the copy that shares refer to, in GB/s: the run's own, else the ceiling kept for the device; 0 where
/// neither is known.
[[nodiscard]] double copy_gbps(const RunInfo& info);

/// The card that an evaluation was timed on; null in a run of one card.
[[nodiscard]] const Card* card_of(const RunInfo& info, const Measurement& measurement);
/// Its number, from 1; 0 where there is none.
[[nodiscard]] int card_number(const RunInfo& info, const Measurement& measurement);
/// By what its times are multiplied to stand beside those of the reference card; 1 in a run of one card.
[[nodiscard]] double card_scale(const RunInfo& info, const Measurement& measurement);
/// The median in the sweep, as if on the reference card; 0 where it was not timed.
[[nodiscard]] double sweep_ms(const RunInfo& info, const Measurement& measurement);
/// rank_value() of objective.hpp, of a time as if on the reference card.
[[nodiscard]] double rank_value(const RunInfo& info, const Measurement& measurement);
/// The most that the copy of a card differs from the reference card's, as a share of that; 0 in a run of one card.
[[nodiscard]] double cards_apart(const RunInfo& info);
/// "2 cards: cuda:0 (the reference card; its copy 4,230 GB/s) and cuda:1 (4,015 GB/s, 5.1 % less)"; empty in a run of
/// one card.
[[nodiscard]] std::string cards_text(const RunInfo& info);
/// What makes copies of cards worth a warning: 2 %.
inline constexpr double kCardsFarApart = 0.02;

/// The compulsory bytes by what becomes of them. 0 where not known; a run of before tells the outputs alone, and the
/// inputs are the rest.
struct CompulsoryParts {
  double inputs = 0, outputs = 0;
};
[[nodiscard]] CompulsoryParts compulsory_parts(const RunInfo& info);

/// Position in info.finals; empty for who was no finalist.
[[nodiscard]] std::optional<std::size_t> final_place(const RunInfo& info, std::uint64_t sequence);

/// By what configurations of a run are ordered: finalists as the finals have them, then the others by rank_value() of
/// objective.hpp, which is the time unless the run has another objective.
struct Standing {
  static constexpr std::size_t no_finalist = std::numeric_limits<std::size_t>::max();
  std::size_t place = no_finalist;
  double value = 0;
};
[[nodiscard]] bool operator<(const Standing& a, const Standing& b);

/// One evaluation of a run in figures. 0 where one is not known.
struct Figures {
  double time_ms = 0;  ///< Comparable median; 0 where it was not timed.
  double gbps = 0;     ///< Compulsory bytes over time.
  double of_copy = 0, of_peak = 0;
  double gflops = 0;        ///< Operations of the definition over time.
  std::size_t samples = 0;  ///< Timed runs behind the time: of the finals where it was a finalist.
  bool finalist = false, tied = false;
  int card = 0;  ///< Number of the card that the time is of, before it was made comparable; 0 in a run of one card.
  double against_best = 0;  ///< Paired ratio to the best of the finals; 0 for who was no finalist.
  Interval against_best_interval;
  Standing standing;
  double sm_mhz = 0;           ///< Mean while it was timed; of the whole run where its own is not known.
  double cycles = 0;           ///< Of the SM clock, in the time: what stays when the clock moves.
  std::optional<Shift> shift;  ///< Of the runs behind the time in their order; empty where they are too few.
  std::size_t rank = 0;        ///< From 1; set by who ranks the whole run.
};
/// `place`: as final_place() says.
[[nodiscard]] Figures figures_of(const RunInfo& info, const Evaluation& evaluation, std::optional<std::size_t> place);
[[nodiscard]] Figures figures_of(const RunInfo& info, const Evaluation& evaluation);

/// Comparable within the run. Quartiles and minimum of a finalist are its own, scaled as its median is; the number of
/// samples is its own.
[[nodiscard]] Summary time_of(const RunInfo& info, const Evaluation& evaluation, std::optional<std::size_t> place);

/// Of the median of the runs behind the time, 95 % confidence, in ms and as comparable as the time; empty where they
/// are too few for it (under six).
[[nodiscard]] std::optional<Interval> time_interval(const RunInfo& info, const Evaluation& evaluation);

/// Positions of what worked and has a time, best first: the one order. `at` gives the evaluation at a position.
[[nodiscard]] std::vector<std::size_t> rank_order(const RunInfo& info, std::size_t count,
                                                  const std::function<const Evaluation&(std::size_t)>& at);

/// What the times of the sweep are: "medians of the sweep".
[[nodiscard]] std::string times_text(const RunInfo& info);
/// "5 finalists were timed again, interleaved; 2 cannot be told apart from the best", or that there were no finals and
/// what the times are then. Without a full stop.
[[nodiscard]] std::string finals_text(const RunInfo& info);

/// What the run knows beside the counters of one of its evaluations, whose comparable time is `time_ms`.
[[nodiscard]] CounterContext counter_context(const RunInfo& info, const Evaluation& evaluation, double time_ms);
/// The analysis of one evaluation; everything in it is empty where it has no counters. Its intensities are the measured
/// levels.
[[nodiscard]] CounterAnalysis analyse(const RunInfo& info, const Evaluation& evaluation, double time_ms);
[[nodiscard]] CounterAnalysis analyse(const Run& run, const Evaluation& evaluation);
/// The measured levels alone: executed operations and the bytes that each level moved.
[[nodiscard]] std::optional<Intensities> measured_levels(const RunInfo& info, const Evaluation& evaluation,
                                                         double time_ms);

/// Operations of a problem that names none, from counters of `best` where they were read.
void count_flops(RunInfo& info, const Evaluation& best);

/// What the two kinds of points are, as captions.
[[nodiscard]] std::string compulsory_caption(const RunInfo& info);
inline constexpr std::string_view kMeasuredCaption =
    "DRAM, L2, L1: operations that the kernel executed over the bytes that each level moved, by hardware counters.";

}  // namespace fuseline::tuner
