// The menus, and how the keyboard goes through them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

struct BarMenu {
  const char *title, *id;
};
constexpr std::array kBar = {BarMenu{"File", "file"}, BarMenu{"Sweep", "sweep"}, BarMenu{"Selection", "selection"},
                             BarMenu{"View", "view"}, BarMenu{"Help", "help"}};

/// Left and right go from an open menu to the next, which opens; within a submenu they are its own.
void walk(Ui& ui) {
  const std::string open = std::exchange(ui.state.open_menu, {});
  const bool inside = std::exchange(ui.state.in_submenu, false);
  if (open.empty() || inside || !ui.app.dialogs.menu.empty()) return;
  const bool right = compat::key_pressed(ImGuiKey_RightArrow), left = compat::key_pressed(ImGuiKey_LeftArrow);
  if (right == left) return;
  std::size_t at = 0;
  while (at + 1 < kBar.size() && open != kBar[at].id) ++at;
  ui.app.dialogs.menu = kBar[(at + (right ? 1 : kBar.size() - 1)) % kBar.size()].id;
}

/// A menu of the bar, which an action can open too.
bool begin_menu(Ui& ui, const BarMenu& menu) {
  // First the keyboard goes to the menu's title, so that left and right go on from there; then the menu opens.
  int& frames = ui.state.menu_frames;
  const std::string id = menu.id;
  const bool wanted = ui.app.dialogs.menu == id;
  if (wanted && ++frames > 2) {
    ImGui::OpenPopup(menu.title);
    ui.app.dialogs.menu.clear();
    frames = 0;
  }
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const bool open = ImGui::BeginMenu(menu.title);
  if (wanted && frames == 1 && !open) ImGui::SetKeyboardFocusHere(-1);
  if (wanted && ui.app.options.wake) ui.app.options.wake();
  note_area(ui, "menu." + id, at, ImVec2(ImGui::CalcTextSize(menu.title).x + ui.px(16), ImGui::GetFrameHeight()));
  if (!noted(ui, open, "open." + id)) return false;
  ui.state.open_menu = id;
  return true;
}

bool begin_submenu(Ui& ui, const char* title, bool enabled = true) {
  const bool open = noted(ui, ImGui::BeginMenu(title, enabled), std::string("popup.") + title);
  if (open || ImGui::IsItemFocused()) ui.state.in_submenu = true;
  if (!open) note_item(ui, std::string("item.") + title);
  return open;
}

void export_menu(Ui& ui) {
  if (!begin_submenu(ui, "Export", !ui.app.data.rows().empty())) return;
  std::string group;
  for (const ExportFormat& format : export_formats()) {
    if (const std::string own = export_group(format); own != group) {
      if (!group.empty()) ImGui::Separator();
      heading(ui, own.c_str());
      group = own;
    }
    action_item(ui, ("export." + format.id).c_str(), (format.title + "\u2026").c_str());
  }
  ImGui::EndMenu();
}

void panels_menu(Ui& ui) {
  if (!begin_submenu(ui, "Panels")) return;
  for (const PanelPlace& place : std::vector<PanelPlace>(ui.app.layout.panels())) {
    if (ImGui::MenuItem(place.title.c_str(), nullptr, place.shown)) ui.app.layout.toggle(place.id);
  }
  ImGui::EndMenu();
}

void paths_menu(Ui& ui, const char* title, const char* action, const std::vector<std::string>& paths) {
  if (!begin_submenu(ui, title, !paths.empty())) return;
  for (const std::string& path : std::vector<std::string>(paths)) {
    if (ImGui::MenuItem(elided(path, ui.px(420), Elide::start).c_str())) act(ui, action, path);
  }
  ImGui::EndMenu();
}

void plot_theme_menu(Ui& ui) {
  if (!begin_submenu(ui, "Plots in files")) return;
  const std::string& now = ui.app.settings.plot_theme;
  for (const auto& [id, title] :
       {std::pair("window", "As the window"), std::pair("light", "Light"), std::pair("dark", "Dark")}) {
    if (ImGui::MenuItem(title, nullptr, now == id || (now.empty() && id == std::string("window"))))
      act(ui, "export.theme", id);
  }
  ImGui::EndMenu();
}

void scale_menu(Ui& ui) {
  if (!begin_submenu(ui, "Scale")) return;
  for (const auto& [scale, share] : {std::pair("0.75", 0.75F), std::pair("1", 1.F), std::pair("1.25", 1.25F),
                                     std::pair("1.5", 1.5F), std::pair("2", 2.F)}) {
    constexpr float kSame = 0.01F;
    if (ImGui::MenuItem(fmt::format("{:.0f} %", 100 * share).c_str(), nullptr, std::abs(ui.scale - share) < kSame))
      act(ui, "view.scale", scale);
  }
  ImGui::EndMenu();
}

/// What Pin is about, the selected or else the best, is pinned as a whole: then it unpins.
bool pinned_already(const Ui& ui) {
  const App& app = ui.app;
  const auto pinned = [&](std::uint64_t sequence) { return app.pins.has(app.data.info(), sequence); };
  const auto& selected = app.selection.items();
  if (selected.empty()) return app.data.best() && pinned(*app.data.best());
  return std::all_of(selected.begin(), selected.end(), pinned);
}

void pin_items(Ui& ui) {
  const char* what = ui.app.selection.empty() ? "best" : "selected";
  action_item(ui, "pin.configuration", fmt::format("{} the {}", pinned_already(ui) ? "Unpin" : "Pin", what).c_str());
  action_item(ui, "pin.baseline", fmt::format("Make the {} the baseline", what).c_str());
  const bool run = ui.app.pins.has_run(ui.app.data.info());
  action_item(ui, "pin.run", run ? "Unpin the run on show" : "Pin the run on show");
  for (const char* id : {"pin.clear", "pin.other_gpus"}) action_item(ui, id);
}

}  // namespace

void draw_menu_bar(Ui& ui) {
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(ui.px(8), ui.px(5)));
  const bool open = ImGui::BeginMainMenuBar();
  ImGui::PopStyleVar();
  if (!open) return;
  walk(ui);
  if (begin_menu(ui, kBar[0])) {
    action_item(ui, "file.open_dialog", "Open a file or folder\u2026");
    paths_menu(ui, "Open recent", "file.open", ui.app.settings.recent);
    export_menu(ui);
    ImGui::Separator();
    paths_menu(ui, "Forget a folder of problems", "file.forget_folder", ui.app.settings.problem_folders);
    ImGui::Separator();
    action_item(ui, "history.undo");
    ImGui::Separator();
    action_item(ui, "program.quit");
    ImGui::EndMenu();
  }
  if (begin_menu(ui, kBar[1])) {
    for (const char* id :
         {"run.start", "run.pause", "run.stop", "run.continue", "run.watch", "run.queue", "queue.show"})
      action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"space.reset", "space.full", "workers.show", "device.refresh", "copy.setup", "run.first"})
      action_item(ui, id);
    ImGui::EndMenu();
  }
  if (begin_menu(ui, kBar[2])) {
    for (const char* id : {"select.best", "select.tied", "select.shown", "select.none"}) action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"copy.text", "copy.json", "copy.command", "compare.selected", "compare.slowest",
                           "source.against", "source.profile_lines"})
      action_item(ui, id);
    ImGui::Separator();
    pin_items(ui);
    ImGui::EndMenu();
  }
  if (begin_menu(ui, kBar[3])) {
    panels_menu(ui);
    action_item(ui, "layout.reset");
    ImGui::Separator();
    for (const char* id : {"roofline.fit", "roofline.fit_points", "target.next", "roofline.strip", "roofline.units"})
      action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"view.theme", "view.larger", "view.smaller"}) action_item(ui, id);
    plot_theme_menu(ui);
    scale_menu(ui);
    ImGui::EndMenu();
  }
  if (begin_menu(ui, kBar[4])) {
    for (const char* id : {"palette.open", "help.shortcuts", "copy.diagnostics", "help.about"}) action_item(ui, id);
    ImGui::EndMenu();
  }
  ImGui::EndMainMenuBar();
}

}  // namespace fuseline::app::gui
