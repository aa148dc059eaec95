// The window: menu, run bar, the areas with their tabs and splitters, status bar, and what lies over them.
#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "app/gui/panels/widgets.hpp"

namespace fuseline::app::gui {
namespace {

/// The window's colour round the areas, which lie on that of panels: their margin and their round corners.
void draw_margins(Ui& ui, std::span<const Box> areas, const Box& whole, float margin) {
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  const ImU32 colour = ui.palette.window;
  const float left = whole.x - margin, top = whole.y - margin, right = whole.x + whole.width + margin,
              bottom = whole.y + whole.height + margin;
  list.AddRectFilled(ImVec2(left, top), ImVec2(right, whole.y), colour);
  list.AddRectFilled(ImVec2(left, whole.y + whole.height), ImVec2(right, bottom), colour);
  list.AddRectFilled(ImVec2(left, whole.y), ImVec2(whole.x, whole.y + whole.height), colour);
  list.AddRectFilled(ImVec2(whole.x + whole.width, whole.y), ImVec2(right, whole.y + whole.height), colour);
  const float radius = ui.px(6);
  for (const Box& box : areas) {
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

void forget(DrawnFacts& drawn) {
  drawn.boxes.clear();
  drawn.items.clear();
  drawn.marks.clear();
  drawn.gauges.clear();
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
  note_area(ui, name, ImVec2(handle.box.x, handle.box.y), ImVec2(handle.box.width, handle.box.height));
  ImGui::End();
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(3);
}

}  // namespace

void draw_second_window(Ui& ui) {
  forget(ui.drawn);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float margin = ui.px(6);
  const Box whole{margin, margin, display.x - 2 * margin, display.y - 2 * margin};
  draw_margins(ui, {&whole, 1}, whole, margin);
  draw_area(ui, Area::second_window, whole);
  draw_tab_drag(ui, whole);
}

void draw_program(Ui& ui) {
  forget(ui.drawn);
  ui.app.selection.highlighted = std::exchange(ui.app.selection.hovered, std::nullopt);
  draw_menu_bar(ui);
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const float menu = ImGui::GetFrameHeight();
  note_area(ui, "menu", ImVec2(0, 0), ImVec2(display.x, menu));
  const float bar = ui.px(46), status = ui.px(24), margin = ui.px(6);
  note_area(ui, "run_bar", ImVec2(0, menu), ImVec2(display.x, bar));
  draw_run_bar(ui);
  const Box whole{margin, menu + bar + margin, display.x - 2 * margin, display.y - menu - bar - status - 2 * margin};
  ui.app.layout.set_compact(Layout::is_small(whole, ui.scale));
  const Arrangement arrangement = ui.app.layout.arrange(whole, ui.scale);
  draw_margins(ui, arrangement.areas, whole, margin);
  for (std::size_t i = 0; i < kTiles; ++i) {
    const Box& box = arrangement.areas[i];
    if (box.width > ui.px(20) && box.height > ui.px(32)) draw_area(ui, static_cast<Area>(i), box);
  }
  for (const Arrangement::Handle& handle : arrangement.handles) draw_splitter(ui, handle, whole);
  draw_tab_drag(ui, whole);
  note_area(ui, "status", ImVec2(0, display.y - status), ImVec2(display.x, status));
  draw_status_bar(ui);
  draw_dialogs(ui);
  draw_palette(ui);
  draw_toasts(ui);
}

}  // namespace fuseline::app::gui
