// Where sweeps can run: this machine, hosts, Slurm and commands, each tried by a button.
#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/panels/dialog.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

void this_machine(Ui& ui) {
  const App& app = ui.app;
  heading(ui, "THIS MACHINE");
  if (app.devices.searching()) return muted(ui, "Looking for GPUs\u2026");
  if (app.devices.gpus().empty()) muted(ui, "No GPU: " + app.devices.no_gpu_reason());
  for (const tuner::DeviceInfo& gpu : app.devices.gpus()) ImGui::TextUnformatted(device_line(gpu).c_str());
  if (answer(ui, "Look again")) act(ui, "device.refresh");
}

void outcome(Ui& ui, const WorkerPlace& place) {
  using State = WorkerPlace::State;
  if (place.state == State::untried) return muted(ui, "Not tried yet.");
  if (place.state == State::trying) return muted(ui, place.said.empty() ? "Trying\u2026" : place.said);
  if (place.state == State::failed) {
    ImGui::PushTextWrapPos(0);
    coloured(ui.palette.bad, place.said);
    ImGui::PopTextWrapPos();
    return;
  }
  coloured(ui.palette.good, fmt::format("{} worker{}", place.commands.size(), place.commands.size() == 1 ? "" : "s"));
  for (const std::string& gpu : place.gpus) muted(ui, gpu);
}

void place_entry(Ui& ui, const WorkerPlace& place) {
  ImGui::PushID(place.text.c_str());
  const float buttons = ui.px(190);
  ImGui::AlignTextToFramePadding();
  font(ui.fonts.bold);  // Which is wider.
  const std::string shown = elided(place.text, ImGui::GetContentRegionAvail().x - buttons - ui.px(12));
  ImGui::TextUnformatted(shown.c_str());
  ImGui::PopFont();
  hint(ui, place.text);
  ImGui::SameLine(right_edge() - buttons);
  const bool trying = place.state == WorkerPlace::State::trying;
  if (answer(ui, "Try", false, !trying)) act(ui, "workers.try", place.text);
  ImGui::SameLine();
  if (answer(ui, "Use", false, place.state == WorkerPlace::State::answered)) act(ui, "workers.use", place.text);
  hint(ui, "Sweeps that are set up from now on run there");
  ImGui::SameLine();
  if (answer(ui, "Remove", false, !trying)) act(ui, "workers.remove", place.text);
  outcome(ui, place);
  ImGui::PopID();
}

void new_place(Ui& ui) {
  Dialogs& dialogs = ui.app.dialogs;
  heading(ui, "ADD");
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"host", "a host by ssh"}, {"slurm", "Slurm"}, {"command", "a worker's command"}};
  std::string shown = kinds.front().second;
  const char* placeholder = "gpubox, or me@gpubox:4 for four of its GPUs";
  if (dialogs.worker_kind == "slurm") shown = kinds[1].second, placeholder = "4 --partition=gpu --time=2:00:00";
  if (dialogs.worker_kind == "command") shown = kinds[2].second, placeholder = "ssh gpubox fuseline-worker";
  combo(ui, "##kind", shown, kinds, dialogs.worker_kind, ui.px(150));
  ImGui::SameLine();
  ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - ui.px(70));
  const bool entered =
      ImGui::InputTextWithHint("##place", placeholder, &dialogs.worker_text, ImGuiInputTextFlags_EnterReturnsTrue) &&
      ui.state.enter_released;
  ImGui::SameLine();
  if (!answer(ui, "Add", false, !dialogs.worker_text.empty()) && !entered) return;
  act(ui, "workers.add", dialogs.worker_kind + " " + dialogs.worker_text);
  dialogs.worker_text.clear();
}

}  // namespace

void draw_workers_dialog(Ui& ui) {
  bool& open = ui.app.dialogs.workers;
  if (!begin_dialog(ui, "Workers", open, 620)) return;
  this_machine(ui);
  heading(ui, "ELSEWHERE");
  if (ui.app.workers.places().empty())
    muted(ui, "Nothing yet. A host needs a key that ssh takes without a password; our worker is copied there once.");
  for (const WorkerPlace& place : std::vector<WorkerPlace>(ui.app.workers.places())) place_entry(ui, place);
  new_place(ui);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Close", true)) {
    open = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

}  // namespace fuseline::app::gui
