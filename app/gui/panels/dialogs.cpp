// Windows within the window: export, open, keyboard and mouse, and what is asked about runs.
#include <fmt/format.h>

#include <filesystem>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

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
  if (shown)
    ui.drawn.boxes[std::string("dialog.") + title] = {ImGui::GetWindowPos().x, ImGui::GetWindowPos().y,
                                                      ImGui::GetWindowWidth(), ImGui::GetWindowHeight()};
  if (shown)
    ui.state.enter_released =
        (ui.state.enter_released && !ImGui::IsWindowAppearing()) || !compat::key_down(ImGuiKey_Enter);
  if (shown && compat::key_pressed(ImGuiKey_Escape)) open = false;
  if (shown && !open) ImGui::CloseCurrentPopup();
  return shown;
}

/// A button that Enter presses too, where the keyboard is at it.
bool answer(Ui& ui, const char* label, bool primary = false, bool enabled = true) {
  const bool pressed = primary ? primary_button(ui, label, enabled) : plain_button(ui, label, enabled);
  return pressed ||
         (enabled && ui.state.enter_released && ImGui::IsItemFocused() && compat::key_pressed(ImGuiKey_Enter));
}

/// The line of text that a dialog is about: it has the keyboard at first. True where Enter was pressed in it.
bool enter_line(Ui& ui, const char* id, const char* placeholder, std::string& text) {
  bool& again = ui.state.focus_line;
  ImGui::SetNextItemWidth(-1);
  if (ImGui::IsWindowAppearing() || again) ImGui::SetKeyboardFocusHere();
  const bool entered = ImGui::InputTextWithHint(id, placeholder, &text, ImGuiInputTextFlags_EnterReturnsTrue);
  again = entered && !ui.state.enter_released;
  return entered && ui.state.enter_released;
}

void package_options(Ui& ui) {
  PackageChoice& choice = ui.app.dialogs.package;
  if (choice.target.empty()) choice.target = ui.app.setup.how.target;
  heading(ui, "GPUS");
  std::vector<std::pair<std::string, std::string>> items;
  std::string shown = choice.target;
  for (const tuner::Target& each : ui.app.devices.targets()) {
    items.emplace_back(each.name, each.title);
    if (each.name == choice.target) shown = each.title;
  }
  combo(ui, "##target", shown, items, choice.target, -1);
  muted(ui, "It is made for this one and for the GPU that was measured.");
  edit_line(ui, "##capabilities", "Further compute capabilities, such as 80,86", choice.capabilities, -1);
  heading(ui, "RUNS");
  edit_line(ui, "##runs", "Further runs of the history by number, such as 12,13", choice.runs, -1);
  muted(ui, "The best of the run on show goes in, and of these. What the folder holds already stays.");
  heading(ui, "OTHER SHAPES");
  edit_line(ui, "##distil", "How many configurations serve them, such as 3; empty: the nearest shape's", choice.distil,
            -1);
}

/// Where the file or the folder begins to be written.
void export_now(Ui& ui, bool only_selected) {
  Dialogs& dialogs = ui.app.dialogs;
  ui.app.settings.export_folder = std::filesystem::path(dialogs.export_file).parent_path().string();
  if (is_package(dialogs.export_format)) return act(ui, "export." + dialogs.export_format, dialogs.export_file);
  start_export(ui.app.background, ui.app.messages, ui.app.data.freeze(),
               {dialogs.export_format, dialogs.export_file,
                only_selected ? ui.app.selection.items() : std::vector<std::uint64_t>(),
                ui.app.settings.dark ? tuner::Theme::dark : tuner::Theme::light, ui.app.scene.view()});
}

/// Of a file: which of the configurations it holds.
void selection_option(Ui& ui) {
  Dialogs& dialogs = ui.app.dialogs;
  const std::size_t selected = ui.app.selection.items().size();
  if (selected == 0) dialogs.export_selected = false;
  if (const std::string what = what_is_exported(dialogs.export_format, selected); !what.empty()) {
    muted(ui, what);
  } else {
    checkbox(ui, ("Only the " + std::to_string(selected) + " selected").c_str(), dialogs.export_selected);
  }
}

void export_dialog(Ui& ui) {
  Dialogs& dialogs = ui.app.dialogs;
  if (!begin_dialog(ui, "Export", dialogs.export_, 560)) return;
  heading(ui, "WHAT");
  std::vector<std::pair<std::string, std::string>> items;
  std::string shown;
  for (const ExportFormat& format : export_formats()) {
    items.emplace_back(format.id, format.title);
    if (format.id == dialogs.export_format) shown = format.title;
  }
  if (combo(ui, "##format", shown, items, dialogs.export_format, -1)) {
    dialogs.export_file = suggested_file(ui.app.data.info(), dialogs.export_format,
                                         std::filesystem::path(dialogs.export_file).parent_path().string());
  }
  const bool package = is_package(dialogs.export_format);
  heading(ui, package ? "FOLDER" : "FILE");
  const bool entered =
      enter_line(ui, "##file", package ? "Path of the folder: its name is the package's" : "Path of the file to write",
                 dialogs.export_file);
  package ? package_options(ui) : selection_option(ui);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Export", true, !dialogs.export_file.empty()) || (entered && !dialogs.export_file.empty())) {
    export_now(ui, dialogs.export_selected || needs_selection(dialogs.export_format));
    dialogs.export_ = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::SameLine();
  if (answer(ui, "Cancel")) {
    dialogs.export_ = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void open_dialog(Ui& ui) {
  static std::string file;
  bool& open = ui.app.dialogs.open;
  if (!begin_dialog(ui, "Open a file", open, 560)) return;
  muted(ui,
        "A recording (T4) or a Kernel Tuner cache, plain or gzip, is shown; a result (JSON) is compared with the run "
        "on show. Files can be dropped on the window too.");
  const bool entered = enter_line(ui, "##file", "Path of the file", file);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Open", true, !file.empty()) || (entered && !file.empty())) {
    open = false;
    act(ui, "file.open", file);
    ImGui::CloseCurrentPopup();
  }
  ImGui::SameLine();
  if (answer(ui, "Cancel")) {
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
  pair(ui, "Arrows, Enter, Esc",
       "In menus, dialogs, lists and the palette: go, choose, leave; Tab goes from field to field", "", 150);
  pair(ui, "Ctrl+Tab", "The next panel", "", 150);
  heading(ui, "ROOFLINE");
  for (const auto& [keys, what] :
       {std::pair("Click", "Select, in every panel; with Ctrl add or remove"),
        std::pair("Drag", "Select what is in the box; with Ctrl add"), std::pair("Shift+drag", "Zoom to the box"),
        std::pair("Wheel", "Zoom about the pointer; with Shift one axis only"), std::pair("Right drag", "Move"),
        std::pair("Double click", "Fit")}) {
    pair(ui, keys, what, "", 150);
  }
  heading(ui, "SPACE");
  pair(ui, "Click", "Turn a value on or off", "", 150);
  pair(ui, "Ctrl+click", "Only this value", "", 150);
  ImGui::EndPopup();
}

void remove_dialog(Ui& ui) {
  std::int64_t& run = ui.app.dialogs.removing;
  bool open = run != 0;
  if (!begin_dialog(ui, "Delete the run?", open, 460)) return;
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(
      fmt::format("Run {} and every outcome in it are deleted from the store for good.", run).c_str());
  ImGui::PopTextWrapPos();
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Delete")) {
    act(ui, "history.remove", std::to_string(run));
    open = false;
  }
  ImGui::SameLine();
  if (answer(ui, "Keep", true)) open = false;
  ImGui::SetItemDefaultFocus();
  if (!open) {
    run = 0;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void note_dialog(Ui& ui) {
  Dialogs& dialogs = ui.app.dialogs;
  bool open = dialogs.annotating != 0;
  if (!begin_dialog(ui, "Note on a run", open, 460)) return;
  muted(ui, fmt::format("Shown with run {} in the history.", dialogs.annotating));
  const bool entered = enter_line(ui, "##note", "Before the driver was changed", dialogs.note);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Keep the note", true) || entered) {
    act(ui, "history.annotate", fmt::format("{}={}", dialogs.annotating, dialogs.note));
    open = false;
  }
  ImGui::SameLine();
  if (answer(ui, "Cancel")) open = false;
  if (!open) {
    dialogs.annotating = 0;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

}  // namespace

void draw_dialogs(Ui& ui) {
  export_dialog(ui);
  open_dialog(ui);
  shortcuts_dialog(ui);
  remove_dialog(ui);
  note_dialog(ui);
}

}  // namespace fuseline::app::gui
