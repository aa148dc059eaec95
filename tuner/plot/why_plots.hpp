// The plots that say why the best is the best: effects of parameters, samples of configurations, two configurations
// side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/plot/plots.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/plot/style.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {

/// One value of a parameter over all configurations that have it. Times are 0 where none worked.
struct ValueEffect {
  std::string value;
  std::size_t evaluated = 0, ok = 0;
  double best_ms = 0, median_ms = 0;
  std::uint64_t best_sequence = 0;
  bool of_best = false;  ///< The run's best has it.
};
struct ParameterEffect {
  std::string name;
  std::vector<ValueEffect> values;  ///< In ascending order of numbers; strings as they first appear.
  double influence = 0;  ///< Worst of the values' bests over the best: 0.25 says that the wrong value costs 25 %.
  /// Share of the variance of the logarithm of time that this parameter alone explains, 0 to 1 (eta squared of a
  /// one-way analysis of variance; Cohen 1973): one silly value of many does not make it large.
  double explained = 0;
};
/// What effects are worked out from; 0 ms where the configuration did not work. The best of a value is the first in
/// rank, not the shortest time.
struct TimedConfiguration {
  const Configuration* configuration = nullptr;
  Standing standing;
  std::uint64_t sequence = 0;
};
/// "variant" first where there are several, then parameters by what they explain; only what varied. With a `variant`
/// parameters are of its configurations alone: over all, a parameter that only a slow variant has would take the blame
/// for it. Empty: of all.
[[nodiscard]] std::vector<ParameterEffect> parameter_effects(std::span<const TimedConfiguration> configurations,
                                                             std::optional<std::uint64_t> best,
                                                             std::string_view variant = {});

struct EffectsModel {
  std::string title, subtitle;
  std::vector<ParameterEffect> parameters;
  double best_ms = 0;  ///< Of the run: what bars are measured by.
  std::vector<std::string> notes;
  std::string variant = {};  ///< That parameters are within; empty: all.
};
/// How much slower than the best the end of every bar is: 0.2 for +20 %. What is slower yet is drawn broken.
[[nodiscard]] double effects_axis(const EffectsModel& model);
/// Within the best's variant; of what passes a filter alone where `passing` names it.
[[nodiscard]] EffectsModel effects_model(const Run& run, const std::optional<std::vector<std::uint64_t>>& passing = {});

/// A distribution of run times: every sample and the quartiles.
struct SampleSet {
  std::string label;
  std::uint64_t sequence = 0;
  std::vector<double> sweep_ms, finals_ms;
  Summary summary;  ///< Of the finals where there were any.
};
struct SamplesModel {
  std::string title, subtitle;
  std::vector<SampleSet> sets;
  Provenance provenance = Provenance::measured;
  std::vector<std::string> notes;
};
/// Of these evaluations, or of the best and up to five that are tied with it where none is named; those without samples
/// are left out.
[[nodiscard]] SamplesModel samples_model(const Run& run, std::vector<std::uint64_t> sequences);
/// Whether the sets lie so far apart that each is drawn as deviations from its own median: on a common scale they would
/// be lines.
[[nodiscard]] bool drawn_as_deviations(const std::vector<SampleSet>& sets);

/// Runs of one finalist in the order of the finals' rounds.
struct RoundSeries {
  std::string label;
  std::uint64_t sequence = 0;
  std::vector<double> ms;            ///< Of round i; shorter where it dropped out.
  std::vector<std::string> follows;  ///< What ran before it in that round; empty where it was the first, or not known.
};
/// The finals as they went: times by round, and what the device's clocks did meanwhile.
struct RoundsModel {
  std::string title, subtitle;
  std::vector<RoundSeries> series;
  std::vector<FinalRound> rounds;  ///< Empty in a run of before: then times are all there is.
  Provenance provenance = Provenance::measured;
  std::vector<std::string> notes;
};
/// Of these evaluations, those that were finalists; of the first six of the finals where none is named. No series where
/// the run has no finals.
[[nodiscard]] RoundsModel rounds_model(const Run& run, std::vector<std::uint64_t> sequences);

/// "+3.2 %"; "x 12.4" from ten times on. `change` is a quotient less 1.
[[nodiscard]] std::string change_text(double change);

/// What one line of a comparison says of one configuration.
struct ComparisonCell {
  std::string text;
  int better = 0;                     ///< Than the baseline: +1; -1: worse; 0: neither, or no better and worse.
  std::optional<double> change = {};  ///< Over the baseline's, less 1, where both are numbers and that is not 0.
};
/// One line of a comparison of configurations.
struct ComparisonLine {
  enum class Group { parameters, result, resources, counters } group = Group::parameters;
  std::string label;
  std::vector<ComparisonCell> cells;  ///< As many as the model has columns; the baseline's first.
  bool differs = false;
  std::string explanation = {};  ///< Tooltip; may be empty.
};
struct ComparisonModel {
  std::string title, subtitle;
  std::vector<std::string> columns;  ///< Their heads; the first is the baseline.
  std::vector<ComparisonLine> lines;
  std::vector<std::string> notes;
};

// Panels in an area of a canvas. They are as high as they need to be, whatever the area's height.

/// Where a value of a parameter is drawn.
struct PlacedEffect {
  Rect box;
  const ValueEffect* effect = nullptr;
};
/// In as many columns as the width has room for. What lies outside `visible` (in y) is not drawn, so that a parameter
/// may have thousands of values. Returns what was drawn.
std::vector<PlacedEffect> draw_effects_panel(Canvas& canvas, const Style& style, const EffectsModel& model,
                                             const Rect& area, const ValueRange& visible);
[[nodiscard]] double effects_height(const EffectsModel& model, double width);

void draw_samples_panel(Canvas& canvas, const Style& style, const SamplesModel& model, const Rect& area);
[[nodiscard]] double samples_height(const SamplesModel& model);

/// Times above; below them the copy's rate, the SM clock, power and temperature, those of them that are known.
void draw_rounds_panel(Canvas& canvas, const Style& style, const RoundsModel& model, const Rect& area);
[[nodiscard]] double rounds_height(const RoundsModel& model);

/// Where the width has no room for every configuration the others follow below, the baseline before each part again.
void draw_comparison_panel(Canvas& canvas, const Style& style, const ComparisonModel& model, const Rect& area);
/// How many configurations stand beside one another there.
[[nodiscard]] std::size_t comparison_columns(const ComparisonModel& model, double width);
[[nodiscard]] double comparison_height(const ComparisonModel& model, double width);

// Whole figures, as files have them: `height` is what a figure `width` wide needs.

void draw_effects(Canvas& canvas, const EffectsModel& model, Theme theme);
[[nodiscard]] double effects_figure_height(const EffectsModel& model, double width);
void draw_samples(Canvas& canvas, const SamplesModel& model, Theme theme);
[[nodiscard]] double samples_figure_height(const SamplesModel& model);
void draw_rounds(Canvas& canvas, const RoundsModel& model, Theme theme);
[[nodiscard]] double rounds_figure_height(const RoundsModel& model);
void draw_comparison(Canvas& canvas, const ComparisonModel& model, Theme theme);
[[nodiscard]] double comparison_figure_height(const ComparisonModel& model, double width);

/// Errors: as of plot_to_file(); nothing to compare.
[[nodiscard]] Result<void> comparison_to_file(const ComparisonModel& model, const std::string& file, Theme theme);

}  // namespace fuseline::tuner
