// Why the best is the best: what each value of each parameter does to time.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/pins.hpp"
#include "app/gui/models/run_data.hpp"
#include "tuner/plot/why_plots.hpp"

namespace fuseline::app::gui {

using tuner::ComparisonCell;
using tuner::ComparisonLine;
using tuner::ParameterEffect;
using tuner::SampleSet;
using tuner::ValueEffect;

/// What of a row its effect is worked out from: to be taken to another thread without the rest, of which there is much.
struct StandingRow {
  std::shared_ptr<const tuner::Evaluation> evaluation;
  tuner::Standing standing;
};
[[nodiscard]] std::vector<StandingRow> standing_rows(const std::vector<const Row*>& rows);

/// "variant" first where there are several, then parameters by influence. `variant` empty: all.
[[nodiscard]] std::vector<ParameterEffect> parameter_effects(const std::vector<StandingRow>& rows,
                                                             std::optional<std::uint64_t> best,
                                                             const std::string& variant);

/// A configuration of a comparison. Pointers are to the run on show, or to a pin.
struct Compared {
  std::string name;  ///< "#120 best", "run 7 #3"
  const tuner::RunInfo* info = nullptr;
  const tuner::Evaluation* evaluation = nullptr;
};
/// What is pinned, the baseline first, then what is selected; with nothing pinned the selected, or the best and the one
/// selected. Fewer than two: nothing to compare.
[[nodiscard]] std::vector<Compared> compared(const RunData& data, const std::vector<Pin>& pins,
                                             const std::vector<std::uint64_t>& selected);
/// The first is the baseline.
[[nodiscard]] std::vector<ComparisonLine> compare(const std::vector<Compared>& all);
/// Ready to be drawn, on the screen or into a file.
[[nodiscard]] tuner::ComparisonModel comparison_of(const RunData& data, const std::vector<Compared>& all);
/// Samples of these evaluations, or of the best and what is tied with it where none is named, at most six.
[[nodiscard]] tuner::SamplesModel samples_of(const RunData& data, std::vector<std::uint64_t> sequences);
/// The same by round of the finals; of those that were in them.
[[nodiscard]] tuner::RoundsModel rounds_of(const RunData& data, std::vector<std::uint64_t> sequences);

}  // namespace fuseline::app::gui
