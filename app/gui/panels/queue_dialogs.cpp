// Sweeps that wait for the one that runs.
#include <fmt/format.h>

#include <string>
#include <vector>

#include "app/gui/panels/dialog.hpp"
#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

void queueing_dialog(Ui& ui) {
  bool& open = ui.app.dialogs.queueing;
  if (!begin_dialog(ui, "A sweep is running", open, 460)) return;
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted("Queue the sweep that is set up? It starts when the one that runs has ended.");
  ImGui::PopTextWrapPos();
  if (const auto request = ui.app.setup.request()) muted(ui, request_title(*request));
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  const bool queued = answer(ui, "Queue it", true);
  ImGui::SetItemDefaultFocus();
  ImGui::SameLine();
  if (answer(ui, "Cancel")) open = false;
  if (queued) act(ui, "run.queue");
  if (!open) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
}

bool arrow(ImGuiDir direction, bool enabled) {
  if (!enabled) ImGui::BeginDisabled();
  const bool pressed = ImGui::ArrowButton(direction == ImGuiDir_Up ? "earlier" : "later", direction);
  if (!enabled) ImGui::EndDisabled();
  return pressed;
}

void queue_dialog(Ui& ui) {
  bool& open = ui.app.dialogs.queue;
  const std::vector<QueuedSweep> waiting = ui.app.queue.waiting();
  if (!begin_dialog(ui, "Queue", open, 560)) return;
  if (waiting.empty()) muted(ui, "No sweep waits.");
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const std::string id = std::to_string(waiting[i].id);
    ImGui::PushID(id.c_str());
    const float buttons = ui.px(150);
    const std::string line =
        elided(fmt::format("{}. {}", i + 1, waiting[i].title), ImGui::GetContentRegionAvail().x - buttons);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(line.c_str());
    hint(ui, waiting[i].title);
    ImGui::SameLine(right_edge() - buttons);
    if (arrow(ImGuiDir_Up, i > 0)) act(ui, "queue.earlier", id);
    ImGui::SameLine();
    if (arrow(ImGuiDir_Down, i + 1 < waiting.size())) act(ui, "queue.later", id);
    ImGui::SameLine();
    if (answer(ui, "Remove")) act(ui, "queue.remove", id);
    ImGui::PopID();
  }
  muted(ui, ui.app.queue.held() ? "Held, since a sweep was stopped."
                                : "The next one starts when the one before has ended, failed or not. The queue is "
                                  "not kept when the window is closed.");
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (ui.app.queue.held()) {
    if (answer(ui, "Go on")) act(ui, "queue.go_on");
    ImGui::SameLine();
  }
  if (!waiting.empty()) {
    if (answer(ui, "Empty it")) act(ui, "queue.clear");
    ImGui::SameLine();
  }
  if (answer(ui, "Close", true)) {
    open = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::SetItemDefaultFocus();
  ImGui::EndPopup();
}

}  // namespace

void draw_queue_dialogs(Ui& ui) {
  queueing_dialog(ui);
  queue_dialog(ui);
}

}  // namespace fuseline::app::gui
