// How steady the times of a run are, and what else they depend on: sentences and figures that result text, JSON and
// window show alike.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// What to know before the times are believed, a sentence each with its full stop; none where all was steady. They say:
/// - that own runs of `best`, or of those tied with it, moved by more than one percent (Shift::counts());
/// - that the sweep's median of `best` is more than one percent from that of the finals;
/// - that clocks moved (Clocks::moved()) while the run was timed;
/// - that samples were taken again because clocks were held back, or had to be kept.
[[nodiscard]] std::vector<std::string> timing_warnings(const RunInfo& info, const Evaluation& best);

/// What clocks, power and heat were: "SM clock 1,980 MHz, memory 3,201 MHz, up to 460 W, 45 C". Empty where nothing is
/// known.
[[nodiscard]] std::string clocks_text(const Clocks& clocks);
/// While `evaluation` was timed; of the whole run where its own are not known.
[[nodiscard]] std::optional<Clocks> clocks_of(const RunInfo& info, const Evaluation& evaluation);

/// How much it counts where the buffers lie: the rounds of the finals take turns on several sets of them. A run counts
/// as its share of the median of its turn over all places, so that a drift is not taken for a place.
struct PlaceEffect {
  struct Place {
    int place = 0;
    double median_ms = 0;  ///< Of these shares, times the median of all runs.
    std::size_t rounds = 0;
  };
  std::vector<Place> places;  ///< Of three rounds at least; by number.
  double range = 0;           ///< Highest median over the lowest, less one.
};
/// Of the best of the finals. Empty where it was timed on fewer than two such places, or rounds do not tell theirs.
[[nodiscard]] std::optional<PlaceEffect> place_effect(const RunInfo& info);
/// "The place of the buffers counts for 0.4 %: medians of the best on 3 places". Without a full stop.
[[nodiscard]] std::string place_effect_text(const PlaceEffect& effect);

}  // namespace fuseline::tuner
