#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

void export_menu(Ui& ui) {
  if (!ImGui::BeginMenu("Export", !ui.app.data.rows().empty())) return;
  for (const ExportFormat& format : export_formats()) action_item(ui, ("export." + format.id).c_str(), format.title.c_str());
  ImGui::EndMenu();
}

void panels_menu(Ui& ui) {
  if (!ImGui::BeginMenu("Panels")) return;
  for (const PanelPlace& place : std::vector<PanelPlace>(ui.app.layout.panels())) {
    if (ImGui::MenuItem(place.title.c_str(), nullptr, place.shown)) ui.app.layout.toggle(place.id);
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
  if (ImGui::BeginMenu("File")) {
    action_item(ui, "file.open_dialog", "Open a recording\u2026");
    export_menu(ui);
    ImGui::Separator();
    action_item(ui, "program.quit");
    ImGui::EndMenu();
  }
  if (ImGui::BeginMenu("Sweep")) {
    for (const char* id : {"run.start", "run.pause", "run.stop", "run.continue", "run.watch"}) action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"space.reset", "space.full", "device.refresh", "copy.setup", "run.first"}) action_item(ui, id);
    ImGui::EndMenu();
  }
  if (ImGui::BeginMenu("Selection")) {
    for (const char* id : {"select.best", "select.tied", "select.shown", "select.none"}) action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"copy.text", "copy.json", "copy.command", "compare.selected"}) action_item(ui, id);
    ImGui::EndMenu();
  }
  if (ImGui::BeginMenu("View")) {
    panels_menu(ui);
    action_item(ui, "layout.reset");
    ImGui::Separator();
    for (const char* id : {"roofline.fit", "roofline.fit_points", "roofline.strip"}) action_item(ui, id);
    ImGui::Separator();
    for (const char* id : {"view.theme", "view.larger", "view.smaller"}) action_item(ui, id);
    scale_menu(ui);
    ImGui::EndMenu();
  }
  if (ImGui::BeginMenu("Help")) {
    for (const char* id : {"palette.open", "help.shortcuts"}) action_item(ui, id);
    ImGui::EndMenu();
  }
  ImGui::EndMainMenuBar();
}

}  // namespace fuseline::app::gui
