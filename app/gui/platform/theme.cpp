#include "app/gui/platform/theme.hpp"

namespace fuseline::app::gui {
namespace {

constexpr ImU32 rgb(unsigned value) { return IM_COL32((value >> 16) & 0xFF, (value >> 8) & 0xFF, value & 0xFF, 255); }

Palette dark_palette() {
  return {rgb(0x0e1115), rgb(0x14181d), rgb(0x1f252d), rgb(0x2a3139), rgb(0xe8ebee), rgb(0xa3adb7), rgb(0x6d7883),
          rgb(0x4aa8e8), rgb(0x06121c), rgb(0x1c3a52), rgb(0x2bc49a), rgb(0xff7b72), rgb(0xf0c24b), true};
}
Palette light_palette() {
  return {rgb(0xe9edf1), rgb(0xffffff), rgb(0xf1f4f7), rgb(0xd5dbe1), rgb(0x1b2027), rgb(0x57616c), rgb(0x8a939c),
          rgb(0x0072b2), rgb(0xffffff), rgb(0xd3e8f5), rgb(0x00785a), rgb(0xc62828), rgb(0xa86b00), false};
}

ImVec4 mixed(ImU32 a, ImU32 b, float share) {
  const ImVec4 x = vec(a), y = vec(b);
  return {x.x + share * (y.x - x.x), x.y + share * (y.y - x.y), x.z + share * (y.z - x.z), 1};
}

void set_colours(ImVec4* colours, const Palette& p) {
  const ImVec4 clear(0, 0, 0, 0);
  colours[ImGuiCol_Text] = vec(p.text);
  colours[ImGuiCol_TextDisabled] = vec(p.faint);
  colours[ImGuiCol_WindowBg] = vec(p.panel);
  colours[ImGuiCol_ChildBg] = clear;
  colours[ImGuiCol_PopupBg] = mixed(p.panel, p.raised, p.dark ? 0.25F : 0.F);
  colours[ImGuiCol_Border] = vec(p.line);
  colours[ImGuiCol_BorderShadow] = clear;
  colours[ImGuiCol_FrameBg] = vec(p.raised);
  colours[ImGuiCol_FrameBgHovered] = mixed(p.raised, p.accent, 0.16F);
  colours[ImGuiCol_FrameBgActive] = mixed(p.raised, p.accent, 0.28F);
  colours[ImGuiCol_TitleBg] = colours[ImGuiCol_TitleBgActive] = colours[ImGuiCol_TitleBgCollapsed] = vec(p.raised);
  colours[ImGuiCol_MenuBarBg] = vec(p.panel);
  colours[ImGuiCol_ScrollbarBg] = clear;
  colours[ImGuiCol_ScrollbarGrab] = mixed(p.panel, p.text, 0.18F);
  colours[ImGuiCol_ScrollbarGrabHovered] = mixed(p.panel, p.text, 0.3F);
  colours[ImGuiCol_ScrollbarGrabActive] = mixed(p.panel, p.text, 0.4F);
  colours[ImGuiCol_CheckMark] = colours[ImGuiCol_SliderGrab] = colours[ImGuiCol_SliderGrabActive] = vec(p.accent);
  colours[ImGuiCol_Button] = mixed(p.raised, p.text, 0.05F);
  colours[ImGuiCol_ButtonHovered] = mixed(p.raised, p.accent, 0.25F);
  colours[ImGuiCol_ButtonActive] = mixed(p.raised, p.accent, 0.4F);
  colours[ImGuiCol_Header] = vec(p.accent_soft);
  colours[ImGuiCol_HeaderHovered] = mixed(p.panel, p.accent, 0.2F);
  colours[ImGuiCol_HeaderActive] = mixed(p.panel, p.accent, 0.35F);
  colours[ImGuiCol_Separator] = vec(p.line);
  colours[ImGuiCol_SeparatorHovered] = colours[ImGuiCol_SeparatorActive] = vec(p.accent);
  colours[ImGuiCol_ResizeGrip] = clear;
  colours[ImGuiCol_Tab] = colours[ImGuiCol_TabUnfocused] = clear;
  colours[ImGuiCol_TabHovered] = mixed(p.panel, p.accent, 0.25F);
  colours[ImGuiCol_TabActive] = colours[ImGuiCol_TabUnfocusedActive] = vec(p.raised);
  colours[ImGuiCol_PlotHistogram] = colours[ImGuiCol_PlotLines] = vec(p.accent);
  colours[ImGuiCol_TableHeaderBg] = vec(p.raised);
  colours[ImGuiCol_TableBorderStrong] = colours[ImGuiCol_TableBorderLight] = vec(p.line);
  colours[ImGuiCol_TableRowBg] = clear;
  colours[ImGuiCol_TableRowBgAlt] = ImVec4(p.dark ? 1.F : 0.F, p.dark ? 1.F : 0.F, p.dark ? 1.F : 0.F, 0.022F);
  colours[ImGuiCol_TextSelectedBg] = vec(p.accent_soft);
  colours[ImGuiCol_NavHighlight] = vec(p.accent);
  colours[ImGuiCol_ModalWindowDimBg] = ImVec4(0, 0, 0, p.dark ? 0.5F : 0.25F);
}

}  // namespace

const Palette& palette_of(bool dark) {
  static const Palette light = light_palette(), night = dark_palette();
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
  style.FrameBorderSize = 0;
  style.TabBorderSize = 0;
  style.DisabledAlpha = 0.45F;
  style.ScaleAllSizes(scale);
  set_colours(style.Colors, palette_of(dark));
  ImGui::GetStyle() = style;
}

}  // namespace fuseline::app::gui
