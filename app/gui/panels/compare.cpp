// What is pinned and selected side by side: the plot that is also written to files.
#include <fmt/format.h>

#include <algorithm>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"

namespace fuseline::app::gui {
namespace {

/// What is pinned: a click makes it the baseline, the right button opens its menu.
void pins_line(Ui& ui) {
  const PinsModel& pins = ui.app.pins;
  if (pins.empty()) return;
  const std::vector<Pin> all = pins.all();
  const std::string baseline = pins.baseline()->name();
  for (const Pin& pin : all) {
    const std::string name = pin.name();
    const std::string text = name == baseline ? "baseline: " + name : name;
    flow(ImGui::CalcTextSize(text.c_str()).x + ui.px(20));
    if (chip(ui, name, text, name == baseline)) act(ui, "pin.baseline", name);
    hint(ui, fmt::format("{}\n{}\n\n{} The right button opens its menu: Unpin.", run_title(*pin.info),
                         pin.evaluation->configuration.key(),
                         name == baseline ? "All others are compared with it." : "A click makes it the baseline."));
    if (noted(ui, ImGui::BeginPopupContextItem(("pin " + name).c_str()), "popup.pin")) {
      if (ImGui::MenuItem("Make it the baseline", nullptr, false, name != baseline)) act(ui, "pin.baseline", name);
      if (ImGui::MenuItem("Unpin")) act(ui, "pin.remove", name);
      if (ImGui::MenuItem("Unpin everything")) act(ui, "pin.clear");
      ImGui::EndPopup();
    }
  }
}

}  // namespace

void draw_compare(Ui& ui) {
  pins_line(ui);
  const std::vector<Pin> pins = ui.app.pins.ordered();
  const auto all = compared(ui.app.data, pins, ui.app.selection.items());
  if (all.size() < 2)
    return empty_state(ui, "Select configurations, or pin them",
                       "Ctrl+click adds one in the table or the roofline. With one selected, it is compared with the "
                       "best. What is pinned (Ctrl+K) stays at hand, whatever run is on show; the first is the "
                       "baseline.");
  constexpr std::size_t kMost = 64;  // So many that are selected at once were not meant to be read side by side.
  const std::vector<Compared> some(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kMost)));
  if (ui.app.can_compare_sources()) {
    if (ImGui::SmallButton("Their sources")) act(ui, "source.against");
    note_item(ui, "compare.sources");
    hint(ui, "Which lines differ, in the Source panel (Ctrl+Shift+S)");
  }
  if (some.size() < all.size()) muted(ui, fmt::format("The first {} of {}.", some.size(), all.size()));
  const tuner::ComparisonModel model = comparison_of(ui.app.data, some);
  if (const std::size_t beside = tuner::comparison_columns(model, plot_width(ui)); beside < some.size())
    muted(ui, fmt::format("{} of {} side by side: the others below. Lines that differ anywhere are marked.", beside,
                          some.size()));
  const PlotPlace place = scrolled_plot(ui, "compare.plot", tuner::comparison_height(model, plot_width(ui)),
                                        [&](tuner::Canvas& canvas, const tuner::Rect& area, const tuner::ValueRange&) {
                                          tuner::draw_comparison_panel(canvas, ui.plot(), model, area);
                                        });
  place.end();
}

}  // namespace fuseline::app::gui
