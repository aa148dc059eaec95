#include "app/gui/panels/dialog.hpp"

#include <algorithm>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {

bool begin_dialog(Ui& ui, const char* title, bool& open, float width) {
  if (open && !ImGui::IsPopupOpen(title)) ImGui::OpenPopup(title);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float wide = std::min(ui.px(width), display.x - ui.px(40));
  ImGui::SetNextWindowPos(ImVec2(display.x / 2, display.y * 0.5F), ImGuiCond_Always, ImVec2(0.5F, 0.5F));
  ImGui::SetNextWindowSizeConstraints(ImVec2(wide, 0), ImVec2(wide, display.y - ui.px(40)));
  ImGui::SetNextWindowSize(ImVec2(wide, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(18), ui.px(14)));
  const bool shown = ImGui::BeginPopupModal(title, &open, ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize);
  ImGui::PopStyleVar();
  if (shown) note_window(ui, std::string("dialog.") + title);
  if (shown)
    ui.state.enter_released =
        (ui.state.enter_released && !ImGui::IsWindowAppearing()) || !compat::key_down(ImGuiKey_Enter);
  if (shown && compat::key_pressed(ImGuiKey_Escape)) open = false;
  if (shown && !open) ImGui::CloseCurrentPopup();
  return shown;
}

/// A button that Enter presses too, where the keyboard is at it.
bool answer(Ui& ui, const char* label, bool primary, bool enabled) {
  const bool pressed = primary ? primary_button(ui, label, enabled) : plain_button(ui, label, enabled);
  return pressed ||
         (enabled && ui.state.enter_released && ImGui::IsItemFocused() && compat::key_pressed(ImGuiKey_Enter));
}

/// The line of text that a dialog is about: it has the keyboard at first, all of it selected. True where Enter was
/// pressed in it.
bool enter_line(Ui& ui, const char* id, const char* placeholder, std::string& text, ImGuiInputTextFlags more,
                ImGuiInputTextCallback callback, void* data) {
  bool& again = ui.state.focus_line;
  ImGui::PushID(ui.state.dialogs_opened);
  ImGui::SetNextItemWidth(-1);
  if (ImGui::IsWindowAppearing() || again) ImGui::SetKeyboardFocusHere();
  const bool entered = ImGui::InputTextWithHint(
      id, placeholder, &text, ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll | more, callback,
      data);
  note_item(ui, "field.dialog");
  ImGui::PopID();
  again = entered && !ui.state.enter_released;
  return entered && ui.state.enter_released;
}

}  // namespace fuseline::app::gui
