// Why the best is the best: what each value of each parameter does to time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/run_data.hpp"
#include "tuner/plot/why_plots.hpp"

namespace fuseline::app::gui {

using tuner::ComparisonLine;
using tuner::ParameterEffect;
using tuner::SampleSet;
using tuner::ValueEffect;

/// "variant" first where there are several, then parameters by influence. `variant` empty: all.
[[nodiscard]] std::vector<ParameterEffect> parameter_effects(const std::vector<Row>& rows,
                                                             std::optional<std::uint64_t> best,
                                                             const std::string& variant);

[[nodiscard]] std::vector<ComparisonLine> compare_rows(const Row& a, const Row& b);

/// The two selected last, or the best and the one selected; null where there are no two.
[[nodiscard]] std::pair<const Row*, const Row*> compared_rows(const RunData& data,
                                                              const std::vector<std::uint64_t>& selected);
/// Ready to be drawn, on the screen or into a file.
[[nodiscard]] tuner::ComparisonModel comparison_of(const RunData& data, const Row& a, const Row& b);
/// Samples of these evaluations, or of the best and what is tied with it where none is named, at most six.
[[nodiscard]] tuner::SamplesModel samples_of(const RunData& data, std::vector<std::uint64_t> sequences);
/// The same by round of the finals; of those that were in them.
[[nodiscard]] tuner::RoundsModel rounds_of(const RunData& data, std::vector<std::uint64_t> sequences);

}  // namespace fuseline::app::gui
