// Every timed run of the selected configurations, as a distribution or by round: the plots that are also written to
// files.
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"

namespace fuseline::app::gui {
namespace {

void draw_distribution(Ui& ui) {
  const tuner::SamplesModel model = samples_of(ui.app.data, ui.app.selection.items());
  if (model.sets.empty())
    return empty_state(ui, "No samples",
                       "Select configurations that worked: every timed run is drawn, with median and quartiles.");
  muted(ui,
        "Upright line: the median of its own runs; the table's time pairs them with the best's. Bar: quartiles. Dots "
        "above: the sweep's runs; below: the finals'.");
  const PlotPlace place = scrolled_plot(ui, "samples.plot", tuner::samples_height(model),
                                        [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                                          tuner::draw_samples_panel(canvas, ui.plot(), model, area);
                                        });
  place.end();
}

void draw_rounds(Ui& ui) {
  const tuner::RoundsModel model = rounds_of(ui.app.data, ui.app.selection.items());
  if (model.series.empty())
    return empty_state(ui, "No rounds",
                       ui.app.data.info().finals.empty() ? "There were no finals: their rounds are drawn here."
                                                         : "Nothing that is selected was in the finals.");
  const PlotPlace place = scrolled_plot(ui, "rounds.plot", tuner::rounds_height(model),
                                        [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                                          tuner::draw_rounds_panel(canvas, ui.plot(), model, area);
                                        });
  place.end();
}

}  // namespace

void draw_samples(Ui& ui) {
  const std::vector<std::pair<std::string, std::string>> views = {{"distribution", "distribution"},
                                                                  {"rounds", "by round, with clocks"}};
  std::string chosen = ui.app.samples_by_round ? "rounds" : "distribution";
  if (combo(ui, "##view", views[ui.app.samples_by_round ? 1 : 0].second, views, chosen, ui.px(190)))
    act(ui, "samples.view", chosen);
  ui.app.samples_by_round ? draw_rounds(ui) : draw_distribution(ui);
}

}  // namespace fuseline::app::gui
