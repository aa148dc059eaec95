// Every action by typing a part of its name.

#include <algorithm>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

void close(Ui& ui) {
  ui.app.dialogs.palette = false;
  ui.state.palette = {};
  ImGui::CloseCurrentPopup();
}

void choose(Ui& ui, const PaletteEntry& entry) {
  const bool needs =
      !entry.action->argument.empty() && entry.argument.empty() && entry.action->id.rfind("export.", 0) != 0;
  if (needs) {
    ui.app.actions.remember(entry);
    ui.state.palette.asking = entry.action;
    ui.state.palette.opened = false;
    ui.state.palette.released = false;
    return;
  }
  ui.app.actions.remember(entry);
  const std::string id = entry.action->id, argument = entry.argument;
  close(ui);
  act(ui, id, argument);
}

void list(Ui& ui, const std::vector<PaletteEntry>& entries, bool enter) {
  PaletteState& palette = ui.state.palette;
  ImGui::PushStyleVar(ImGuiStyleVar_SelectableTextAlign, ImVec2(0, 0.5F));
  compat::begin_child("entries", ImVec2(0, std::min(ui.px(360), ImGui::GetIO().DisplaySize.y - ui.px(170))), false);
  for (std::size_t i = 0; i < entries.size() && i < 200; ++i) {
    const PaletteEntry& entry = entries[i];
    ImGui::PushID(static_cast<int>(i));
    if (!entry.enabled) ImGui::BeginDisabled();
    const bool clicked = ImGui::Selectable(entry.text.c_str(), i == palette.chosen, 0, ImVec2(0, ui.px(22)));
    if (!entry.enabled) ImGui::EndDisabled();
    if (i == palette.chosen && palette.moved) ImGui::SetScrollHereY(0.5F);
    const std::string& right = entry.action->shortcut.empty() ? entry.action->argument : entry.action->shortcut;
    if (!right.empty() && entry.argument.empty()) {
      ImGui::SameLine(right_edge() - ImGui::CalcTextSize(right.c_str()).x - ui.px(6));
      ImGui::SetCursorPosY(ImGui::GetCursorPosY() + (ui.px(22) - ImGui::GetTextLineHeight()) / 2);
      coloured(ui.palette.faint, right);
    }
    ImGui::PopID();
    if ((clicked || (enter && i == palette.chosen)) && entry.enabled) {
      choose(ui, entry);
      break;
    }
  }
  if (entries.empty()) muted(ui, "Nothing has these letters in this order.");
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

void ask_argument(Ui& ui) {
  PaletteState& palette = ui.state.palette;
  strong(ui, palette.asking->title);
  if (!palette.opened) ImGui::SetKeyboardFocusHere();
  palette.opened = true;
  ImGui::SetNextItemWidth(-1);
  const bool entered = ImGui::InputTextWithHint("##argument", palette.asking->argument.c_str(), &palette.argument,
                                                ImGuiInputTextFlags_EnterReturnsTrue);
  muted(ui, "Enter does it, Escape leaves.");
  if (entered && !palette.released) palette.opened = false;
  const bool answered = entered && palette.released;
  palette.released = palette.released || !compat::key_down(ImGuiKey_Enter);
  if (!answered) return;
  const std::string id = palette.asking->id, argument = palette.argument;
  close(ui);
  act(ui, id, argument);
}

}  // namespace

void draw_palette(Ui& ui) {
  PaletteState& palette = ui.state.palette;
  if (ui.app.dialogs.palette && !ImGui::IsPopupOpen("##palette")) {
    palette = {};
    ImGui::OpenPopup("##palette");
  }
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos(ImVec2(display.x / 2, display.y < ui.px(540) ? ui.px(24) : ui.px(80)), ImGuiCond_Always,
                          ImVec2(0.5F, 0));
  ImGui::SetNextWindowSize(ImVec2(std::min(ui.px(580), display.x - ui.px(40)), 0));
  // Up and down choose a line here; ImGui's own navigation would take the keyboard from what is typed to the first
  // line.
  if (!noted(ui, ImGui::BeginPopup("##palette", ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNavInputs), "palette")) {
    ui.app.dialogs.palette = false;
    return;
  }
  if (compat::key_pressed(ImGuiKey_Escape)) {
    close(ui);
  } else if (palette.asking != nullptr) {
    ask_argument(ui);
  } else {
    if (!palette.opened) ImGui::SetKeyboardFocusHere();
    palette.opened = true;
    ImGui::SetNextItemWidth(-1);
    const std::string before = palette.query;
    const bool enter =
        ImGui::InputTextWithHint("##query", "Find an action, or say a sweep: softmax f16 channel_split groups=4,8",
                                 &palette.query, ImGuiInputTextFlags_EnterReturnsTrue);
    if (before != palette.query) palette.chosen = 0;
    const auto entries = ui.app.actions.search(palette.query);
    palette.moved = false;
    if (compat::key_pressed(ImGuiKey_DownArrow) && palette.chosen + 1 < std::min<std::size_t>(entries.size(), 200))
      ++palette.chosen, palette.moved = true;
    if (compat::key_pressed(ImGuiKey_UpArrow) && palette.chosen > 0) --palette.chosen, palette.moved = true;
    if (enter) palette.opened = false;  // Enter takes the keyboard from the field, also where there was nothing to do.
    list(ui, entries, enter);
  }
  ImGui::EndPopup();
}

}  // namespace fuseline::app::gui
