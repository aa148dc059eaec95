// The window: menu, run bar, the areas with their tabs and splitters, status bar, and what lies over them.
#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

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
  if (!ImGui::BeginPopup(("menu." + place.id).c_str())) return;
  strong(ui, place.title);
  if (ImGui::MenuItem("Hide")) act(ui, "panel.hide", place.id);
  ImGui::Separator();
  static constexpr std::array<std::pair<Area, const char*>, kAreas> targets = {
      std::pair(Area::left_top, "Move to the left, top"),
      std::pair(Area::left_bottom, "Move to the left, bottom"),
      std::pair(Area::centre_top, "Move to the centre, top"),
      std::pair(Area::centre_bottom, "Move to the centre, bottom"),
      std::pair(Area::right_top, "Move to the right, top"),
      std::pair(Area::right_bottom, "Move to the right, bottom")};
  for (const auto& [area, title] : targets) {
    if (ImGui::MenuItem(title, nullptr, false, area != place.area)) ui.app.layout.move(std::string(place.id), area);
  }
  ImGui::EndPopup();
}

/// One tab; true where it was clicked.
void draw_tab(Ui& ui, const PanelPlace& place, bool front) {
  const Palette& palette = ui.palette;
  const ImVec2 text = ImGui::CalcTextSize(place.title.c_str());
  const ImVec2 size(text.x + ui.px(20), ui.px(27)), at = ImGui::GetCursorScreenPos();
  ImGui::PushID(place.id.c_str());
  const bool clicked = ImGui::InvisibleButton("tab", size);
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText(ImVec2(at.x + ui.px(10), at.y + (size.y - text.y) / 2),
               front     ? palette.text
               : hovered ? palette.text
                         : palette.muted,
               place.title.c_str());
  if (front)
    list.AddRectFilled(ImVec2(at.x + ui.px(8), at.y + size.y - ui.px(2)),
                       ImVec2(at.x + size.x - ui.px(8), at.y + size.y), palette.accent);
  ui.drawn.boxes["tab." + place.id] = {at.x, at.y, size.x, size.y};
  if (ImGui::IsItemClicked(ImGuiMouseButton_Right)) ImGui::OpenPopup(("menu." + place.id).c_str());
  const std::string id = place.id;
  tab_menu(ui, place);
  ImGui::PopID();
  if (clicked) ui.app.layout.activate(id);
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
    hint(ui, "More panels");
    if (ImGui::BeginPopup("more tabs")) {
      for (const PanelPlace& place : behind) {
        if (ImGui::MenuItem(place.title.c_str())) ui.app.layout.activate(place.id);
      }
      ImGui::EndPopup();
    }
    ImGui::SameLine(0, 0);
  }
  ImGui::NewLine();
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
  ui.drawn.boxes[front] = {box.x, box.y + top, box.width, box.height - top};
  if (!front.empty()) panel_of(front)(ui);
  ImGui::EndChild();
  ImGui::End();
}

/// The window's colour round the areas, which lie on that of panels: their margin and their round corners.
void draw_margins(Ui& ui, const Arrangement& arrangement, const Box& whole, float margin) {
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  const ImU32 colour = ui.palette.window;
  const float left = whole.x - margin, top = whole.y - margin, right = whole.x + whole.width + margin,
              bottom = whole.y + whole.height + margin;
  list.AddRectFilled(ImVec2(left, top), ImVec2(right, whole.y), colour);
  list.AddRectFilled(ImVec2(left, whole.y + whole.height), ImVec2(right, bottom), colour);
  list.AddRectFilled(ImVec2(left, whole.y), ImVec2(whole.x, whole.y + whole.height), colour);
  list.AddRectFilled(ImVec2(whole.x + whole.width, whole.y), ImVec2(right, whole.y + whole.height), colour);
  const float radius = ui.px(6);
  for (const Box& box : arrangement.areas) {
    if (box.width <= 2 * radius || box.height <= 2 * radius) continue;
    for (int corner = 0; corner < 4; ++corner) {
      // A fan from the corner itself to the arc within it; arcs are counted in twelfths, from the right and downwards.
      const bool at_right = corner == 1 || corner == 2, at_bottom = corner >= 2;
      const ImVec2 tip(at_right ? box.x + box.width : box.x, at_bottom ? box.y + box.height : box.y);
      const int first = corner == 0 ? 6 : corner == 1 ? 9 : corner == 2 ? 0 : 3;
      list.PathLineTo(tip);
      list.PathArcToFast(ImVec2(tip.x + (at_right ? -radius : radius), tip.y + (at_bottom ? -radius : radius)), radius,
                         first, first + 3);
      list.PathFillConvex(colour);
    }
  }
}

const char* splitter_name(Splitter splitter) {
  static constexpr std::array<const char*, 5> names = {"splitter.left", "splitter.right", "splitter.left_rows",
                                                       "splitter.centre_rows", "splitter.right_rows"};
  return names[static_cast<std::size_t>(splitter)];
}

void draw_splitter(Ui& ui, const Arrangement::Handle& handle, const Box& whole) {
  ImGui::SetNextWindowPos(ImVec2(handle.box.x, handle.box.y));
  ImGui::SetNextWindowSize(ImVec2(handle.box.width, handle.box.height));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ui.palette.window);
  const char* name = splitter_name(handle.splitter);
  ImGui::Begin(name, nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoBringToFrontOnFocus);
  ImGui::InvisibleButton("grip", ImVec2(std::max(1.F, handle.box.width), std::max(1.F, handle.box.height)));
  if (ImGui::IsItemHovered() || ImGui::IsItemActive()) {
    ImGui::SetMouseCursor(handle.vertical ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
    const Box& box = handle.box;
    ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(box.x, box.y), ImVec2(box.x + box.width, box.y + box.height),
                                              faded(ui.palette.accent, ImGui::IsItemActive() ? 0.9F : 0.45F));
  }
  if (ImGui::IsItemActive()) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    float share = handle.vertical ? (mouse.x - whole.x) / whole.width : (mouse.y - whole.y) / whole.height;
    if (handle.splitter == Splitter::right) share = 1 - share;
    ui.app.layout.set_split(handle.splitter, share);
  }
  ui.drawn.boxes[name] = handle.box;
  ImGui::End();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(3);
}

}  // namespace

void draw_program(Ui& ui) {
  ui.drawn.boxes.clear();
  ui.drawn.marks.clear();
  ui.drawn.gauges.clear();
  ui.app.selection.highlighted = std::exchange(ui.app.selection.hovered, std::nullopt);
  draw_menu_bar(ui);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float menu = ImGui::GetFrameHeight();
  ui.drawn.boxes["menu"] = {0, 0, display.x, menu};
  const float bar = ui.px(46), status = ui.px(24), margin = ui.px(6);
  ui.drawn.boxes["run_bar"] = {0, menu, display.x, bar};
  draw_run_bar(ui);
  const Box whole{margin, menu + bar + margin, display.x - 2 * margin, display.y - menu - bar - status - 2 * margin};
  ui.app.layout.set_compact(Layout::is_small(whole, ui.scale));
  const Arrangement arrangement = ui.app.layout.arrange(whole, ui.scale);
  draw_margins(ui, arrangement, whole, margin);
  for (std::size_t i = 0; i < kAreas; ++i) {
    const Box& box = arrangement.areas[i];
    if (box.width > ui.px(20) && box.height > ui.px(32)) draw_area(ui, static_cast<Area>(i), box);
  }
  for (const Arrangement::Handle& handle : arrangement.handles) draw_splitter(ui, handle, whole);
  ui.drawn.boxes["status"] = {0, display.y - status, display.x, status};
  draw_status_bar(ui);
  draw_dialogs(ui);
  draw_palette(ui);
  draw_toasts(ui);
}

}  // namespace fuseline::app::gui
