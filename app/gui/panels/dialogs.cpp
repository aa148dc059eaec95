// Windows within the window: export, open, keyboard and mouse.

#include <filesystem>

#include "app/gui/imgui_compat.hpp"
#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

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
  if (shown && compat::key_pressed(ImGuiKey_Escape)) open = false;
  if (shown && !open) ImGui::CloseCurrentPopup();
  return shown;
}

void export_dialog(Ui& ui) {
  Dialogs& dialogs = ui.app.dialogs;
  if (!begin_dialog(ui, "Export", dialogs.export_, 560)) return;
  for (const ExportFormat& format : export_formats()) {
    if (ImGui::RadioButton(format.title.c_str(), dialogs.export_format == format.id)) {
      dialogs.export_format = format.id;
      dialogs.export_file = suggested_file(ui.app.data.info(), format.id, std::filesystem::path(dialogs.export_file).parent_path().string());
    }
  }
  heading(ui, "FILE");
  ImGui::SetNextItemWidth(-1);
  const bool entered = ImGui::InputTextWithHint("##file", "Path of the file to write", &dialogs.export_file, ImGuiInputTextFlags_EnterReturnsTrue);
  const std::size_t selected = ui.app.selection.items().size();
  if (selected == 0) dialogs.export_selected = false;
  if (selected == 0) ImGui::BeginDisabled();
  ImGui::Checkbox(("Only the " + std::to_string(selected) + " selected").c_str(), &dialogs.export_selected);
  if (selected == 0) ImGui::EndDisabled();
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (primary_button(ui, "Export", !dialogs.export_file.empty()) || (entered && !dialogs.export_file.empty())) {
    ui.app.settings.export_folder = std::filesystem::path(dialogs.export_file).parent_path().string();
    start_export(ui.app.background, ui.app.messages, ui.app.data.freeze(),
                 {dialogs.export_format, dialogs.export_file, dialogs.export_selected ? ui.app.selection.items() : std::vector<std::uint64_t>(), ui.app.settings.dark ? tuner::Theme::dark : tuner::Theme::light});
    dialogs.export_ = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::SameLine();
  if (ImGui::Button("Cancel")) {
    dialogs.export_ = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void open_dialog(Ui& ui) {
  static std::string file;
  bool& open = ui.app.dialogs.open;
  if (!begin_dialog(ui, "Open a file", open, 560)) return;
  muted(ui, "A recording (T4) or a Kernel Tuner cache, plain or gzip. Files can be dropped on the window too.");
  ImGui::SetNextItemWidth(-1);
  if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
  const bool entered = ImGui::InputTextWithHint("##file", "Path of the file", &file, ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (primary_button(ui, "Open", !file.empty()) || (entered && !file.empty())) {
    open = false;
    act(ui, "file.open", file);
    ImGui::CloseCurrentPopup();
  }
  ImGui::SameLine();
  if (ImGui::Button("Cancel")) {
    open = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void shortcuts_dialog(Ui& ui) {
  if (!begin_dialog(ui, "Keyboard and mouse", ui.app.dialogs.shortcuts, 560)) return;
  heading(ui, "KEYBOARD");
  for (const Action& action : ui.app.actions.all()) {
    if (!action.shortcut.empty()) pair(ui, action.shortcut.c_str(), action.title, "", 150);
  }
  heading(ui, "ROOFLINE");
  for (const auto& [keys, what] : {std::pair("Click", "Select, in every panel; with Ctrl add or remove"), std::pair("Drag", "Select what is in the box; with Ctrl add"), std::pair("Shift+drag", "Zoom to the box"),
                                   std::pair("Wheel", "Zoom about the pointer; with Shift one axis only"), std::pair("Right drag", "Move"), std::pair("Double click", "Fit")}) {
    pair(ui, keys, what, "", 150);
  }
  heading(ui, "SPACE");
  pair(ui, "Click", "Turn a value on or off", "", 150);
  pair(ui, "Ctrl+click", "Only this value", "", 150);
  ImGui::EndPopup();
}

}  // namespace

void draw_dialogs(Ui& ui) {
  export_dialog(ui);
  open_dialog(ui);
  shortcuts_dialog(ui);
}

}  // namespace fuseline::app::gui
