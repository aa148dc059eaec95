#include "app/gui/platform/theme.hpp"

#include "app/gui/models/colours.hpp"

namespace fuseline::app::gui {
namespace {

constexpr ImU32 rgb(Rgb value) { return IM_COL32((value >> 16) & 0xFF, (value >> 8) & 0xFF, value & 0xFF, 255); }

Palette palette_from(const Colours& c) {
  const Grounds g = grounds_of(c);
  return {rgb(c.window),      rgb(c.panel),           rgb(c.raised),         rgb(c.line),
          rgb(c.text),        rgb(c.muted),           rgb(c.faint),          rgb(c.accent),
          rgb(c.accent_text), rgb(c.accent_soft),     rgb(c.good),           rgb(c.bad),
          rgb(c.warning),     rgb(g.primary_hovered), rgb(g.primary_active), c.dark};
}

ImVec4 mixed(ImU32 a, ImU32 b, float share) {
  const ImVec4 x = vec(a), y = vec(b);
  return {x.x + share * (y.x - x.x), x.y + share * (y.y - x.y), x.z + share * (y.z - x.z), 1};
}

void set_colours(ImVec4* colours, const Palette& p) {
  const Grounds g = grounds_of(colours_of(p.dark));
  const ImVec4 clear(0, 0, 0, 0);
  colours[ImGuiCol_Text] = vec(p.text);
  colours[ImGuiCol_TextDisabled] = vec(p.faint);
  colours[ImGuiCol_WindowBg] = vec(p.panel);
  colours[ImGuiCol_ChildBg] = clear;
  colours[ImGuiCol_PopupBg] = vec(rgb(g.popup));
  // Of fields, buttons and popups: by their ground alone they are hardly told from the panel.
  colours[ImGuiCol_Border] = mixed(p.line, p.faint, 0.5F);
  colours[ImGuiCol_BorderShadow] = clear;
  colours[ImGuiCol_FrameBg] = vec(p.raised);
  colours[ImGuiCol_FrameBgHovered] = vec(rgb(g.field_hovered));
  colours[ImGuiCol_FrameBgActive] = vec(rgb(g.field_active));
  colours[ImGuiCol_TitleBg] = colours[ImGuiCol_TitleBgActive] = colours[ImGuiCol_TitleBgCollapsed] = vec(p.raised);
  colours[ImGuiCol_MenuBarBg] = vec(p.panel);
  colours[ImGuiCol_ScrollbarBg] = clear;
  colours[ImGuiCol_ScrollbarGrab] = mixed(p.panel, p.text, 0.18F);
  colours[ImGuiCol_ScrollbarGrabHovered] = mixed(p.panel, p.text, 0.3F);
  colours[ImGuiCol_ScrollbarGrabActive] = mixed(p.panel, p.text, 0.4F);
  colours[ImGuiCol_CheckMark] = colours[ImGuiCol_SliderGrab] = colours[ImGuiCol_SliderGrabActive] = vec(p.accent);
  colours[ImGuiCol_Button] = vec(rgb(g.button));
  colours[ImGuiCol_ButtonHovered] = vec(rgb(g.button_hovered));
  colours[ImGuiCol_ButtonActive] = vec(rgb(g.button_active));
  colours[ImGuiCol_Header] = vec(p.accent_soft);
  colours[ImGuiCol_HeaderHovered] = vec(rgb(g.row_hovered));
  colours[ImGuiCol_HeaderActive] = vec(rgb(g.row_active));
  colours[ImGuiCol_Separator] = vec(p.line);
  colours[ImGuiCol_SeparatorHovered] = colours[ImGuiCol_SeparatorActive] = vec(p.accent);
  colours[ImGuiCol_ResizeGrip] = clear;
  colours[ImGuiCol_Tab] = colours[ImGuiCol_TabUnfocused] = clear;
  colours[ImGuiCol_TabHovered] = vec(rgb(g.tab_hovered));
  colours[ImGuiCol_TabActive] = colours[ImGuiCol_TabUnfocusedActive] = vec(p.raised);
  colours[ImGuiCol_PlotHistogram] = colours[ImGuiCol_PlotLines] = vec(p.accent);
  colours[ImGuiCol_TableHeaderBg] = vec(p.raised);
  colours[ImGuiCol_TableBorderStrong] = colours[ImGuiCol_TableBorderLight] = vec(p.line);
  colours[ImGuiCol_TableRowBg] = clear;
  colours[ImGuiCol_TableRowBgAlt] = ImVec4(p.dark ? 1.F : 0.F, p.dark ? 1.F : 0.F, p.dark ? 1.F : 0.F, kOtherRow);
  colours[ImGuiCol_TextSelectedBg] = vec(p.accent_soft);
  colours[ImGuiCol_NavHighlight] = vec(p.accent);
  colours[ImGuiCol_ModalWindowDimBg] = ImVec4(0, 0, 0, p.dark ? 0.5F : 0.25F);
}

}  // namespace

const Palette& palette_of(bool dark) {
  static const Palette light = palette_from(colours_of(false)), night = palette_from(colours_of(true));
  return dark ? night : light;
}

ImU32 faded(ImU32 colour, float alpha) {
  ImVec4 parts = vec(colour);
  parts.w *= alpha;
  return ImGui::ColorConvertFloat4ToU32(parts);
}

void apply_theme(bool dark, float scale) {
  ImGuiStyle style;
  style.WindowPadding = ImVec2(12, 10);
  style.FramePadding = ImVec2(8, 4);
  style.CellPadding = ImVec2(6, 3);
  style.ItemSpacing = ImVec2(8, 6);
  style.ItemInnerSpacing = ImVec2(6, 4);
  style.IndentSpacing = 16;
  style.ScrollbarSize = 11;
  style.GrabMinSize = 10;
  style.WindowRounding = 6;
  style.ChildRounding = 4;
  style.FrameRounding = 4;
  style.PopupRounding = 6;
  style.ScrollbarRounding = 6;
  style.GrabRounding = 4;
  style.TabRounding = 4;
  style.WindowBorderSize = 0;
  style.ChildBorderSize = 1;
  style.PopupBorderSize = 1;
  style.FrameBorderSize = 1;
  style.TabBorderSize = 0;
  style.DisabledAlpha = kDisabledShare;
  style.ScaleAllSizes(scale);
  set_colours(style.Colors, palette_of(dark));
  ImGui::GetStyle() = style;
}

}  // namespace fuseline::app::gui
