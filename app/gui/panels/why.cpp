// What each value of each parameter does to time: the plot that is also written to files, whose lines can be clicked.
#include <fmt/format.h>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"
#include "tuner/plot/why_plots.hpp"

namespace fuseline::app::gui {

namespace {

/// Whose configurations count: across variants a parameter takes the blame for the variant that alone has it.
void within(Ui& ui, const std::string& variant) {
  const std::vector<std::string>& names = ui.state.variants_of(ui.app);
  if (names.size() < 2) return;
  std::vector<std::pair<std::string, std::string>> items;
  items.reserve(names.size() + 1);
  for (const std::string& name : names) items.emplace_back(name, "within " + name);
  items.emplace_back(kEveryVariant, "over all variants");
  std::string chosen = variant.empty() ? kEveryVariant : variant;
  if (combo(ui, "##within", variant.empty() ? "over all variants" : "within " + variant, items, chosen, -1))
    act(ui, "why.variant", chosen);
  hint(ui, "Parameters are compared among these configurations; the variants themselves over all.");
}

}  // namespace

void draw_why(Ui& ui) {
  if (ui.app.data.rows().empty())
    return empty_state(
        ui, "No effects yet",
        "For every value of every parameter: the best and the median time of the configurations that have it.");
  const auto effects = ui.app.effects();
  if (!effects) return muted(ui, "Working it out\u2026");
  if (ui.app.results.order().empty()) return nothing_passes(ui, "Effects are those of what the table shows.");
  if (effects->parameters.empty())
    return empty_state(ui, "Nothing varied", "All configurations of this run have the same parameters.");
  if (!(effects->best_ms > 0)) return empty_state(ui, "Nothing worked", "No configuration of this run was timed.");
  within(ui, effects->variant);
  if (const std::string left_out = ui.app.results.narrowed_text(); !left_out.empty())
    coloured(ui.palette.warning, left_out);
  muted(ui,
        fmt::format("Alone: share of the variance, each by itself; Importance takes apart what they share. Bars: time "
                    "lost to the best, 0 to +{:.0f} % (broken: more); thin the best with the value, wide the median. "
                    "At the right how many worked, and the best's ms. A click selects it.",
                    100 * tuner::effects_axis(*effects)));
  const double width = plot_width(ui);
  const tuner::EffectsModel& model = *effects;
  std::vector<tuner::PlacedEffect> placed;
  const PlotPlace place =
      scrolled_plot(ui, "why.plot", tuner::effects_height(model, width),
                    [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange& visible) {
                      placed = tuner::draw_effects_panel(canvas, ui.plot(), model, area, visible);
                    });
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (place.clicked(ui, static_cast<int>(i), placed[i].box) && placed[i].effect->ok > 0)
      ui.app.selection.only(placed[i].effect->best_sequence);
  }
  place.end();
}

}  // namespace fuseline::app::gui
