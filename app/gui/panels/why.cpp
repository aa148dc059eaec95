// What each value of each parameter does to time: the plot that is also written to files, whose lines can be clicked.
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"
#include "tuner/plot/why_plots.hpp"

namespace fuseline::app::gui {

void draw_why(Ui& ui) {
  if (ui.app.data.rows().empty())
    return empty_state(
        ui, "No effects yet",
        "For every value of every parameter: the best and the median time of the configurations that have it.");
  const auto effects = ui.app.effects();
  if (!effects) return muted(ui, "Working it out\u2026");
  if (effects->parameters.empty())
    return empty_state(ui, "Nothing varied", "All configurations of this run have the same parameters.");
  if (!(effects->best_ms > 0)) return empty_state(ui, "Nothing worked", "No configuration of this run was timed.");
  muted(ui,
        "Thin bar: best (ms, at the right). Wide bar: median. Coloured: the best's value. Click selects the best with "
        "a value.");
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
