// Two configurations side by side: the plot that is also written to files.
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"

namespace fuseline::app::gui {

void draw_compare(Ui& ui) {
  const auto [a, b] = compared_rows(ui.app.data, ui.app.selection.items());
  if (a == nullptr)
    return empty_state(
        ui, "Select two configurations",
        "Ctrl+click adds one in the table or the roofline. With one selected, it is compared with the best.");
  const tuner::ComparisonModel model = comparison_of(ui.app.data, *a, *b);
  const PlotPlace place = scrolled_plot(ui, "compare.plot", tuner::comparison_height(model),
                                        [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                                          tuner::draw_comparison_panel(canvas, ui.plot(), model, area);
                                        });
  place.end();
}

}  // namespace fuseline::app::gui
