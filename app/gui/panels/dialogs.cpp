// Windows within the window: export, open, keyboard and mouse, and what is asked about runs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/gui/models/about.hpp"
#include "app/gui/panels/dialog.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

/// Tab goes on with the path as far as there is only one way.
int complete(ImGuiInputTextCallbackData* data) {
  const auto& with = *static_cast<const std::vector<std::string>*>(data->UserData);
  const std::string typed(data->Buf, static_cast<std::size_t>(data->BufTextLen));
  const std::string longer = completed(typed, with);
  if (longer == typed) return 0;
  data->DeleteChars(0, data->BufTextLen);
  data->InsertChars(0, longer.c_str());
  return 0;
}

/// A line for a path: Tab completes it while there is something to add, and the list below offers what there is.
/// Where nothing is typed that is what was opened before, then what the folder holds that the program was started in.
bool path_line(Ui& ui, const char* placeholder, std::string& text, const std::vector<std::string>& recent) {
  PanelState& state = ui.state;
  if (state.completed_of != text || ImGui::IsWindowAppearing()) {
    state.completed_of = text;
    state.completions = completions(text);
    if (text.empty()) state.completions.insert(state.completions.begin(), recent.begin(), recent.end());
  }
  const bool more = !text.empty() && completed(text, state.completions) != text;
  const bool entered = enter_line(ui, "##file", placeholder, text, more ? ImGuiInputTextFlags_CallbackCompletion : 0,
                                  more ? complete : nullptr, more ? &state.completions : nullptr);
  const bool whole = state.completions.size() == 1 && state.completions.front() == text;
  if (state.completions.empty() || whole) return entered;
  constexpr int kLines = 6;
  const float line = ImGui::GetTextLineHeightWithSpacing();
  const auto lines = static_cast<float>(std::min<std::size_t>(state.completions.size(), kLines));
  const std::string folder = text.substr(0, text.rfind('/') + 1);
  muted(ui, (text.empty() && !recent.empty() ? "Opened before, then what is in " : "In ") +
                typed_path(folder.empty() ? "./" : folder).string());
  compat::begin_child("completions", ImVec2(0, lines * line), false);
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(state.completions.size()));
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const std::string each = state.completions[static_cast<std::size_t>(i)];
      const std::string shown = text.empty() ? each : each.substr(std::min(folder.size(), each.size()));
      ImGui::PushID(i);
      if (ImGui::Selectable(elided(shown, ImGui::GetContentRegionAvail().x, Elide::start).c_str())) {
        text = each;
        state.focus_line = true;
      }
      ImGui::PopID();
    }
  }
  ImGui::EndChild();
  return entered;
}

/// The desktop's own chooser, where there is one.
void browse(Ui& ui, NativeChooser::Kind kind, const std::string& from, const char* title, std::string& text) {
  if (!NativeChooser::available()) return;
  ImGui::SameLine();
  if (!answer(ui, "Browse\u2026", false, !ui.app.chooser.open())) return;
  const auto started = ui.app.chooser.start(kind, typed_path(from).string(), title,
                                            [&text](const std::string& chosen) { text = chosen; });
  if (!started) ui.app.messages.add(started.error());
}

void problem_line(Ui& ui, const std::string& error) {
  if (error.empty()) return;
  ImGui::PushTextWrapPos(0);
  coloured(ui.palette.bad, error);
  ImGui::PopTextWrapPos();
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

/// The buttons. What is there already is replaced by its own button alone, never by Enter.
void export_answers(Ui& ui, bool entered) {
  Dialogs& dialogs = ui.app.dialogs;
  if (!dialogs.export_asks.empty()) {
    ImGui::PushTextWrapPos(0);
    coloured(ui.palette.warning, dialogs.export_asks + " is there already.");
    ImGui::PopTextWrapPos();
    if (answer(ui, "Replace it")) return answer_export(ui.app, true);
    ImGui::SameLine();
    if (answer(ui, "Another name", true)) dialogs.export_asks.clear(), ui.state.focus_line = true;
  } else {
    const bool possible = !dialogs.export_file.empty() && !dialogs.export_busy;
    if (answer(ui, dialogs.export_busy ? "Writing\u2026" : "Export", true, possible) || (entered && possible)) {
      answer_export(ui.app, false);
      ui.state.focus_line = dialogs.export_ && !dialogs.export_busy && dialogs.export_asks.empty();
    }
    browse(ui, NativeChooser::Kind::save, dialogs.export_file, "Export", dialogs.export_file);
  }
  ImGui::SameLine();
  if (answer(ui, "Cancel")) {
    dialogs.export_ = false;
    ImGui::CloseCurrentPopup();
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
  const std::string before = dialogs.export_file;
  ImGui::PushID(dialogs.export_format.c_str());
  const bool entered =
      enter_line(ui, "##file", package ? "Path of the folder: its name is the package's" : "Path of the file to write",
                 dialogs.export_file);
  ImGui::PopID();
  if (dialogs.export_file != before) dialogs.export_asks.clear(), dialogs.export_error.clear();
  package ? package_options(ui) : selection_option(ui);
  problem_line(ui, dialogs.export_error);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  export_answers(ui, entered);
  ImGui::EndPopup();
}

void open_dialog(Ui& ui) {
  Dialogs& dialogs = ui.app.dialogs;
  std::string& file = dialogs.open_file;
  if (!begin_dialog(ui, "Open a file", dialogs.open, 560)) return;
  muted(ui,
        "A recording (T4 results format) or a Kernel Tuner cache, plain or gzip, is shown; a result (JSON) is compared "
        "with the run on show. The problems of a folder are added, and read again when a file in it changes. Files and "
        "folders can be dropped on the window too.");
  const std::string before = file;
  const bool entered = path_line(ui, "Path of the file or folder; Tab completes it", file, ui.app.settings.recent);
  if (file != before) dialogs.open_error.clear();
  problem_line(ui, dialogs.open_error);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Open", true, !file.empty()) || (entered && !file.empty())) {
    std::error_code ignored;
    if (!std::filesystem::exists(typed_path(file), ignored)) {
      dialogs.open_error = typed_path(file).string() + ": there is no such file or folder";
      ui.state.focus_line = true;
    } else {
      dialogs.open = false;
      act(ui, "file.open", file);
      ImGui::CloseCurrentPopup();
    }
  }
  browse(ui, NativeChooser::Kind::open, file, "Open a file", file);
  ImGui::SameLine();
  if (answer(ui, "Cancel")) {
    dialogs.open = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

void shortcuts_dialog(Ui& ui) {
  if (!begin_dialog(ui, "Keyboard and mouse", ui.app.dialogs.shortcuts, 560)) return;
  for (const std::string_view group : kActionGroups) {
    bool first = true;
    for (const Action& action : ui.app.actions.all()) {
      if (action.shortcut.empty() || action_group(action.id) != group) continue;
      if (std::exchange(first, false)) heading(ui, std::string(group).c_str());
      pair(ui, action.shortcut.c_str(), action.title, "", 150);
    }
  }
  heading(ui, "EVERYWHERE");
  pair(ui, "Arrows, Enter, Esc",
       "In menus, dialogs, lists and the palette: go, choose, leave; Tab goes from field to field", "", 150);
  pair(ui, "Tab in a path", "Goes on with it as far as there is one way", "", 150);
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

void about_dialog(Ui& ui) {
  bool& open = ui.app.dialogs.about;
  if (!begin_dialog(ui, "About Fuseline", open, 620)) return;
  muted(ui, "Tunes fused CUDA kernels: which configuration is the fastest that is still right, and why.");
  for (const auto& [label, value] : about_lines(ui.app)) pair(ui, label.c_str(), value, "", 100);
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Copy for a report")) act(ui, "copy.diagnostics");
  ImGui::SameLine();
  if (answer(ui, "Close", true)) {
    open = false;
    ImGui::CloseCurrentPopup();
  }
  ImGui::SetItemDefaultFocus();
  ImGui::EndPopup();
}

void remove_dialog(Ui& ui) {
  std::int64_t& run = ui.app.dialogs.removing;
  bool open = run != 0;
  if (!begin_dialog(ui, "Delete the run?", open, 460)) return;
  ImGui::PushTextWrapPos(0);
  strong(ui, ui.app.history.line_of(run));
  ImGui::TextUnformatted(
      "The run and every outcome in it are deleted. It can be brought back for 7 days (Ctrl+Shift+Z); then it is gone "
      "for good.");
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

/// A field of several lines does not wrap them: where one runs out of it, all of them stand below it, wrapped.
void in_full(Ui& ui, const std::string& text) {
  constexpr float kMostLines = 8;
  const float room = ImGui::GetContentRegionAvail().x, field = room - 2 * ImGui::GetStyle().FramePadding.x;
  if (ImGui::CalcTextSize(text.c_str()).x <= field) return;
  const float scrollbar = ImGui::GetStyle().ScrollbarSize;
  const float needed = ImGui::CalcTextSize(text.c_str(), nullptr, false, room - scrollbar).y;
  const float height = std::min(needed, kMostLines * ImGui::GetTextLineHeight()) + ui.px(2);
  compat::begin_child("in full", ImVec2(0, height), false, 0);
  ImGui::PushTextWrapPos(room - scrollbar);
  coloured(ui.palette.muted, text);
  ImGui::PopTextWrapPos();
  ImGui::EndChild();
  note_item(ui, "note.in full");
}

void note_dialog(Ui& ui) {
  Dialogs& dialogs = ui.app.dialogs;
  bool open = dialogs.annotating != 0;
  if (!begin_dialog(ui, "Note on a run", open, 460)) return;
  muted(ui, fmt::format("Shown with run {} in the history, and found by its words. Enter keeps all of it, Ctrl+Enter "
                        "begins a line of the note.",
                        dialogs.annotating));
  const auto line = [](const char* id, const char* placeholder, std::string& text) {
    ImGui::SetNextItemWidth(-1);
    return ImGui::InputTextWithHint(id, placeholder, &text, ImGuiInputTextFlags_EnterReturnsTrue);
  };
  heading(ui, "TITLE");
  const bool appearing = ImGui::IsWindowAppearing();
  if (appearing && dialogs.naming) ImGui::SetKeyboardFocusHere();
  bool entered = line("##title", "What it is called", dialogs.title);
  heading(ui, "TAGS");
  entered = line("##tags", "Words, with blanks between: baseline paper", dialogs.tags) || entered;
  heading(ui, "NOTE");
  if (appearing && !dialogs.naming) ImGui::SetKeyboardFocusHere();
  entered = ImGui::InputTextMultiline("##note", &dialogs.note, ImVec2(-1, 5 * ImGui::GetTextLineHeight()),
                                      ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CtrlEnterForNewLine) ||
            entered;
  in_full(ui, dialogs.note);
  entered = entered && ui.state.enter_released;
  ImGui::Dummy(ImVec2(0, ui.px(4)));
  if (answer(ui, "Keep", true) || entered) {
    act(ui, "history.title", fmt::format("{}={}", dialogs.annotating, dialogs.title));
    act(ui, "history.tags", fmt::format("{}={}", dialogs.annotating, dialogs.tags));
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
  draw_queue_dialogs(ui);
  draw_workers_dialog(ui);
  export_dialog(ui);
  open_dialog(ui);
  shortcuts_dialog(ui);
  about_dialog(ui);
  remove_dialog(ui);
  note_dialog(ui);
}

}  // namespace fuseline::app::gui
