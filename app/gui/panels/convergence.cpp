// Time against evaluations: the plot that is also written to files.
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/canvas.hpp"

namespace fuseline::app::gui {

void draw_convergence_panel(Ui& ui) {
  if (ui.app.data.rows().empty())
    return empty_state(ui, "No progress yet",
                       "Best time against evaluations, with what random search would have found by then.");
  const auto model = ui.app.convergence();
  if (!model) return muted(ui, "Working it out\u2026");
  if (model->samples.empty()) return empty_state(ui, "Nothing worked", "No configuration of this run was timed.");
  const ImVec2 at = ImGui::GetCursorScreenPos(), size = ImGui::GetContentRegionAvail();
  if (size.x < ui.px(160) || size.y < ui.px(90)) return;
  ImGui::InvisibleButton("plot", size);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect(at, ImVec2(at.x + size.x, at.y + size.y), true);
  ImGuiCanvas canvas(list, ui.fonts, at, size, ImGui::IsItemHovered() ? ImGui::GetIO().MousePos : ImVec2(-1e4F, -1e4F));
  ConvergenceState& kept = ui.state.convergence;
  const ConvergenceState::Look look{model, size.x, size.y, ui.scale, ui.app.settings.dark};
  if (!(kept.look == look)) {
    kept.look = look;
    // The panel has a title of its own; what the plot says below is in the file.
    tuner::ConvergenceModel shown = *model;
    shown.title.clear();
    shown.subtitle.clear();
    shown.notes.clear();
    kept.drawing.begin(canvas);
    tuner::draw_convergence(kept.drawing, shown, look.dark ? tuner::Theme::dark : tuner::Theme::light);
    kept.drawing.end();
  }
  kept.drawing.replay(canvas);
  list.PopClipRect();
  if (!canvas.tooltip().empty()) hint(ui, canvas.tooltip());
}

}  // namespace fuseline::app::gui
