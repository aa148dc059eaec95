// An area of panels: its tabs, the panel in front, and a tab that is dragged to another area or out of the window.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/colours.hpp"
#include "app/gui/panels/widgets.hpp"
#include "app/gui/platform/imgui_compat.hpp"

namespace fuseline::app::gui {
namespace {

using Draw = void (*)(Ui&);

/// An id that no panel has is a mistake of the program: a tab that stays empty would hide it.
Draw panel_of(const std::string& id) {
  static const std::map<std::string, Draw> panels = {
#define FUSELINE_PANEL(id, title, area, draw) {#id, draw},
#include "app/gui/models/panels.def"
#undef FUSELINE_PANEL
  };
  const auto found = panels.find(id);
  if (found == panels.end()) throw std::logic_error("there is no panel '" + id + "'");
  return found->second;
}

void tab_menu(Ui& ui, const PanelPlace& place) {
  if (!noted(ui, ImGui::BeginPopup(("menu." + place.id).c_str()), "popup.tab")) return;
  strong(ui, place.title);
  if (ImGui::MenuItem("Hide")) act(ui, "panel.hide", place.id);
  ImGui::Separator();
  static constexpr std::array<std::pair<Area, const char*>, kTiles> targets = {
      std::pair(Area::left_top, "Move to the left, top"),
      std::pair(Area::left_bottom, "Move to the left, bottom"),
      std::pair(Area::centre_top, "Move to the centre, top"),
      std::pair(Area::centre_bottom, "Move to the centre, bottom"),
      std::pair(Area::right_top, "Move to the right, top"),
      std::pair(Area::right_bottom, "Move to the right, bottom")};
  for (const auto& [area, title] : targets) {
    if (ImGui::MenuItem(title, nullptr, false, area != place.area))
      act(ui, "panel.move", place.id + "=" + to_string(area));
  }
  ImGui::Separator();
  if (place.area != Area::second_window) {
    if (ImGui::MenuItem("Tear off into the second window")) act(ui, "panel.tear_off", place.id);
  } else {
    if (ImGui::MenuItem("Put back into the main window")) act(ui, "panel.put_back", place.id);
  }
  ImGui::EndPopup();
}

void begin_drag(Ui& ui, const PanelPlace& place) {
  TabDrag& drag = ui.state.drag;
  if (drag.given_up) return;
  drag.panel = place.id;
  drag.title = place.title;
  drag.second = ui.second;
}

/// One tab.
void draw_tab(Ui& ui, const PanelPlace& place, bool front) {
  const Palette& palette = ui.palette;
  const ImVec2 text = ImGui::CalcTextSize(place.title.c_str());
  const ImVec2 size(text.x + ui.px(20), ui.px(27)), at = ImGui::GetCursorScreenPos();
  ImGui::PushID(place.id.c_str());
  const bool clicked = ImGui::InvisibleButton("tab", size);
  const bool hovered = ImGui::IsItemHovered();
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(ImGuiMouseButton_Left)) begin_drag(ui, place);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText(ImVec2(at.x + ui.px(10), at.y + (size.y - text.y) / 2),
               front     ? palette.text
               : hovered ? palette.text
                         : palette.muted,
               place.title.c_str());
  if (front)
    list.AddRectFilled(ImVec2(at.x + ui.px(8), at.y + size.y - ui.px(2)),
                       ImVec2(at.x + size.x - ui.px(8), at.y + size.y), palette.accent);
  note_item(ui, "tab." + place.id);
  if (ImGui::IsItemClicked(ImGuiMouseButton_Right)) ImGui::OpenPopup(("menu." + place.id).c_str());
  const std::string id = place.id;
  tab_menu(ui, place);
  ImGui::PopID();
  if (clicked && ui.state.drag.panel.empty()) ui.app.layout.activate(id);
}

float tab_width(Ui& ui, const PanelPlace& place) { return ImGui::CalcTextSize(place.title.c_str()).x + ui.px(20); }

/// Tabs that fit, the one in front among them; the others behind a button at the right.
void draw_tabs(Ui& ui, std::vector<PanelPlace> places, const std::string& front, const Box& box) {
  float needed = ui.px(8), room = box.width - ui.px(8);
  for (const PanelPlace& place : places) needed += tab_width(ui, place);
  if (needed > room) room -= ui.px(34);
  const auto chosen =
      std::find_if(places.begin(), places.end(), [&](const PanelPlace& place) { return place.id == front; });
  float used = ui.px(4) + (chosen == places.end() ? 0 : tab_width(ui, *chosen));
  std::vector<PanelPlace> behind;
  for (const PanelPlace& place : places) {
    const float width = place.id == front ? 0 : tab_width(ui, place);
    if (!behind.empty() || used + width > room) {
      if (place.id != front) {
        behind.push_back(place);
        continue;
      }
    }
    used += width;
    draw_tab(ui, place, place.id == front);
    ImGui::SameLine(0, 0);
  }
  if (!behind.empty()) {
    ImGui::SetCursorPosX(box.width - ui.px(36));
    if (ImGui::Button("\u00BB", ImVec2(ui.px(28), ui.px(24)))) ImGui::OpenPopup("more tabs");
    note_item(ui, "button.more tabs");
    hint(ui, "More panels");
    if (noted(ui, ImGui::BeginPopup("more tabs"), "popup.more tabs")) {
      for (const PanelPlace& place : behind) {
        if (ImGui::MenuItem(place.title.c_str())) ui.app.layout.activate(place.id);
      }
      ImGui::EndPopup();
    }
    ImGui::SameLine(0, 0);
  }
  ImGui::NewLine();
}

/// Over the window; where the pointer is outside of it, at its edge.
void draw_dragged(Ui& ui, const std::string& text) {
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const ImVec2 pointer = ImGui::IsMousePosValid() ? ImGui::GetIO().MousePos : ui.state.drag.last;
  const ImVec2 size = ImGui::CalcTextSize(text.c_str()), pad(ui.px(10), ui.px(6));
  const auto within = [](float at, float room) { return std::clamp(at, 0.F, std::max(0.F, room)); };
  const ImVec2 at(within(pointer.x + ui.px(12), display.x - size.x - 2 * pad.x),
                  within(pointer.y + ui.px(12), display.y - size.y - 2 * pad.y));
  const ImVec2 end(at.x + size.x + 2 * pad.x, at.y + size.y + 2 * pad.y);
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  list.AddRectFilled(at, end, ui.palette.raised, ui.px(4));
  compat::add_rect(list, at, end, ui.palette.accent, ui.px(4), ui.px(1));
  list.AddText(ImVec2(at.x + pad.x, at.y + pad.y), ui.palette.text, text.c_str());
  note_area(ui, "drag", at, ImVec2(end.x - at.x, end.y - at.y));
}

void draw_target(Ui& ui, const Box& box) {
  ImDrawList& list = *ImGui::GetForegroundDrawList();
  const ImVec2 low(box.x, box.y), high(box.x + box.width, box.y + box.height);
  list.AddRectFilled(low, high, faded(ui.palette.accent, kDropWash), ui.px(6));
  compat::add_rect(list, low, high, ui.palette.accent, ui.px(6), ui.px(2));
  note_area(ui, "drop_target", ImVec2(box.x, box.y), ImVec2(box.width, box.height));
}

void let_go(Ui& ui, const std::string& panel, bool outside, std::optional<Area> target) {
  if (outside) {
    act(ui, ui.second ? "panel.put_back" : "panel.tear_off", panel);
  } else if (target) {
    act(ui, "panel.move", panel + "=" + to_string(*target));
  }
}

}  // namespace

void draw_tab_drag(Ui& ui, const Box& whole) {
  TabDrag& drag = ui.state.drag;
  const bool held = ImGui::IsMouseDown(ImGuiMouseButton_Left);
  if (drag.second == ui.second && !held && !ImGui::IsMouseReleased(ImGuiMouseButton_Left)) drag = {};
  if (drag.panel.empty() || drag.second != ui.second) return;
  if (compat::key_pressed(ImGuiKey_Escape)) {
    drag.panel.clear();
    drag.given_up = true;
    return;
  }
  const ImVec2 display = ImGui::GetIO().DisplaySize, pointer = ImGui::GetIO().MousePos;
  const bool valid = ImGui::IsMousePosValid();
  if (valid) drag.last = pointer;
  const bool outside = !valid || pointer.x < 0 || pointer.y < 0 || pointer.x >= display.x || pointer.y >= display.y;
  const auto targets = ui.second ? std::vector<DropTarget>{} : ui.app.layout.drop_targets(whole, ui.scale);
  const auto target = outside ? std::nullopt : Layout::target_at(targets, pointer.x, pointer.y);
  if (!held) {
    const std::string panel = std::exchange(drag, {}).panel;
    return let_go(ui, panel, outside, target);
  }
  for (const DropTarget& each : targets) {
    if (each.area == target) draw_target(ui, each.box);
  }
  draw_dragged(ui, !outside    ? drag.title
                   : ui.second ? "Let go: " + drag.title + " goes back into the main window"
                               : "Let go: " + drag.title + " opens in the second window");
}

void draw_area(Ui& ui, Area area, const Box& box) {
  ImGui::SetNextWindowPos(ImVec2(box.x, box.y));
  ImGui::SetNextWindowSize(ImVec2(box.width, box.height));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  // The title is what Ctrl+Tab shows.
  const std::string front = ui.app.layout.active(area);
  std::string title;
  for (const PanelPlace& place : ui.app.layout.panels()) title = place.id == front ? place.title : title;
  const std::string name = title + "###area." + to_string(area);
  constexpr ImGuiWindowFlags flags = ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoDecoration |
                                     ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollWithMouse;
  ImGui::Begin(name.c_str(), nullptr, flags);
  ImGui::PopStyleVar();
  ImGui::SetCursorPos(ImVec2(ui.px(4), ui.px(2)));
  const auto shown = ui.app.layout.shown_in(area);
  // Copies: a click may change the layout while it is walked.
  std::vector<PanelPlace> places;
  places.reserve(shown.size());
  for (const PanelPlace* place : shown) places.push_back(*place);
  draw_tabs(ui, std::move(places), front, box);
  const float top = ui.px(30);
  ImGui::GetWindowDrawList()->AddLine(ImVec2(box.x, box.y + top), ImVec2(box.x + box.width, box.y + top),
                                      ui.palette.line);
  ImGui::SetCursorPos(ImVec2(0, top + 1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(ui.px(12), ui.px(8)));
  constexpr ImGuiWindowFlags inner = ImGuiWindowFlags_AlwaysUseWindowPadding;
  if (ui.app.dialogs.panel == front) {
    ImGui::SetNextWindowFocus();
    ui.state.entered = std::exchange(ui.app.dialogs.panel, {});
  }
  compat::begin_child(("panel." + front).c_str(), ImVec2(box.width, box.height - top - 1), false, inner);
  ImGui::PopStyleVar();
  note_area(ui, front, ImVec2(box.x, box.y + top), ImVec2(box.width, box.height - top));
  if (!front.empty()) panel_of(front)(ui);
  ImGui::EndChild();
  ImGui::End();
}

}  // namespace fuseline::app::gui
