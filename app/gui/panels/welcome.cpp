// What the centre shows before anything was run.
#include <algorithm>

#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {

void draw_welcome(Ui& ui) {
  const ImVec2 room = ImGui::GetContentRegionAvail();
  const float width = std::min(room.x - ui.px(20), ui.px(470)),
              left = ImGui::GetCursorPosX() + std::max(0.F, (room.x - width) / 2);
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + std::max(ui.px(6), (room.y - ui.px(270)) * 0.4F));
  ImGui::Indent(std::max(1.F, left - ImGui::GetCursorPosX()));
  ImGui::PushTextWrapPos(left + width);
  font(ui.fonts.title);
  ImGui::TextUnformatted("Tune a fused kernel against the roofline");
  ImGui::PopFont();
  ImGui::Dummy(ImVec2(0, ui.px(2)));
  coloured(ui.palette.muted,
           "Fuseline compiles every variant and launch configuration of a fused operation, checks each against a "
           "reference, times it, and shows where it stands under the limits of the GPU.");
  ImGui::Dummy(ImVec2(0, ui.px(10)));
  const bool gpu = !ui.app.devices.gpus().empty(), recordings = !ui.app.devices.recordings().empty();
  const ImVec2 size(0, ui.px(34));
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(ui.px(16), ui.px(6)));
  if (gpu && primary_button(ui, "\u25B6  Start a sweep on this GPU", ui.app.setup.request().has_value(), size))
    act(ui, "run.start");
  if (!gpu && primary_button(ui, "\u25B6  Replay a recorded sweep", recordings && !ui.app.control.active(), size))
    act(ui, "run.first");
  ImGui::PopStyleVar();
  ImGui::Dummy(ImVec2(0, ui.px(2)));
  muted(
      ui,
      gpu ? ui.app.devices.gpus().front().name + " was found. The sweep that is set up at the left is started."
      : ui.app.devices.searching()
          ? "Looking for GPUs and recordings\u2026"
          : "No GPU was found here. A sweep recorded on an H200 is replayed: every figure was measured then, none now.",
      left + width);
  ImGui::Dummy(ImVec2(0, ui.px(10)));
  heading(ui, "OR");
  for (const auto& [keys, what] : {std::pair("At the left", "choose a problem, narrow its space, and start"),
                                   std::pair("History", "opens an earlier run"),
                                   std::pair("Ctrl+P", "finds every action, and sweeps in words: softmax f16"),
                                   std::pair("Drop a file", "opens a recording (T4) or a Kernel Tuner cache")}) {
    pair(ui, keys, what, "", 130);
  }
  ImGui::PopTextWrapPos();
  ImGui::Unindent();
}

}  // namespace fuseline::app::gui
