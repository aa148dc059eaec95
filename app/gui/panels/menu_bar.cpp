#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

/// A menu of the bar, which an action can open too.
bool begin_menu(Ui& ui, const char* title, const std::string& id) {
  // First the keyboard goes to the menu's title, so that left and right go on from there; then the menu opens.
  int& frames = ui.state.menu_frames;
  const bool wanted = ui.app.dialogs.menu == id;
  if (wanted && ++frames > 2) {
    ImGui::OpenPopup(title);
    ui.app.dialogs.menu.clear();
    frames = 0;
  }
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool open = ImGui::BeginMenu(title);
  if (wanted && frames == 1 && !open) ImGui::SetKeyboardFocusHere(-1);
  if (wanted && ui.app.options.wake) ui.app.options.wake();
  ui.drawn.boxes["menu." + id] = {at.x, at.y, ImGui::CalcTextSize(title).x + ui.px(16), ImGui::GetFrameHeight()};
  if (open)
    ui.drawn.boxes["open." + id] = {ImGui::GetWindowPos().x, ImGui::GetWindowPos().y, ImGui::GetWindowWidth(),
                                    ImGui::GetWindowHeight()};
  return open;
}

void export_menu(Ui& ui) {
  if (!ImGui::BeginMenu("Export", !ui.app.data.rows().empty())) return;
  for (const ExportFormat& format : export_formats())
    action_item(ui, ("export." + format.id).c_str(), format.title.c_str());
  ImGui::EndMenu();
}

void panels_menu(Ui& ui) {
  if (!ImGui::BeginMenu("Panels")) return;
  for (const PanelPlace& place : std::vector<PanelPlace>(ui.app.layout.panels())) {
    if (ImGui::MenuItem(place.title.c_str(), nullptr, place.shown)) ui.app.layout.toggle(place.id);
  }
  ImGui::EndMenu();
}

void paths_menu(Ui& ui, const char* title, const char* action, const std::vector<std::string>& paths) {
  if (!ImGui::BeginMenu(title, !paths.empty())) return;
  for (const std::string& path : std::vector<std::string>(paths)) {
    if (ImGui::MenuItem(elided(path, ui.px(420), Elide::start).c_str())) act(ui, action, path);
  }
  ImGui::EndMenu();
}

void scale_menu(Ui& ui) {
  if (!ImGui::BeginMenu("Scale")) return;
  for (const char* scale : {"0.75", "1", "1.25", "1.5", "2"}) {
    if (ImGui::MenuItem(scale)) act(ui, "view.scale", scale);
  }
  ImGui::EndMenu();
}

}  // namespace

void draw_menu_bar(Ui& ui) {
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(ui.px(8), ui.px(5)));
  const bool open = ImGui::BeginMainMenuBar();
  ImGui::PopStyleVar();
  if (!open) return;
  if (begin_menu(ui, "File", "file")) {
    action_item(ui, "file.open_dialog", "Open a file or folder\u2026");
    paths_menu(ui, "Open recent", "file.open", ui.app.settings.recent);
    export_menu(ui);
    ImGui::Separator();
    paths_menu(ui, "Forget a folder of problems", "file.forget_folder", ui.app.settings.problem_folders);
    ImGui::Separator();
    action_item(ui, "program.quit");
    ImGui::EndMenu();
  }
  if (begin_menu(ui, "Sweep", "sweep")) {
    for (const char* id : {"run.start", "run.pause", "run.stop", "run.continue", "run.watch"}) action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"space.reset", "space.full", "device.refresh", "copy.setup", "run.first"})
      action_item(ui, id);
    ImGui::EndMenu();
  }
  if (begin_menu(ui, "Selection", "selection")) {
    for (const char* id : {"select.best", "select.tied", "select.shown", "select.none"}) action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"copy.text", "copy.json", "copy.command", "compare.selected"}) action_item(ui, id);
    ImGui::EndMenu();
  }
  if (begin_menu(ui, "View", "view")) {
    panels_menu(ui);
    action_item(ui, "layout.reset");
    ImGui::Separator();
    for (const char* id : {"roofline.fit", "roofline.fit_points", "roofline.strip"}) action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"view.theme", "view.larger", "view.smaller"}) action_item(ui, id);
    scale_menu(ui);
    ImGui::EndMenu();
  }
  if (begin_menu(ui, "Help", "help")) {
    for (const char* id : {"palette.open", "help.shortcuts"}) action_item(ui, id);
    ImGui::EndMenu();
  }
  ImGui::EndMainMenuBar();
}

}  // namespace fuseline::app::gui
