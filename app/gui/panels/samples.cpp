// Every timed run of the selected configurations: the plot that is also written to files.
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"

namespace fuseline::app::gui {

void draw_samples(Ui& ui) {
  const tuner::SamplesModel model = samples_of(ui.app.data, ui.app.selection.items());
  if (model.sets.empty())
    return empty_state(ui, "No samples",
                       "Select configurations that worked: every timed run is drawn, with median and quartiles.");
  muted(ui, "Upright line: median; bar: quartiles; dots above the line: the sweep's runs; below: the finals'.");
  const PlotPlace place = scrolled_plot(ui, "samples.plot", tuner::samples_height(model),
                                        [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                                          tuner::draw_samples_panel(canvas, ui.plot(), model, area);
                                        });
  place.end();
}

}  // namespace fuseline::app::gui
