// Dear ImGui as we use it, from 1.86 to 1.92: every check of its version is here.
#pragma once

#include <imgui.h>

// After imgui.h, which it needs; distributions put it in one place or the other.
#if __has_include(<imgui_stdlib.h>)
#include <imgui_stdlib.h>
#else
#include <misc/cpp/imgui_stdlib.h>
#endif

#ifndef IMGUI_VERSION_NUM
#error "Dear ImGui is too old: 1.86 is needed"
#endif

namespace fuseline::app::gui::compat {

#if IMGUI_VERSION_NUM >= 18700
using Key = ImGuiKey;
inline bool key_pressed(Key key) { return ImGui::IsKeyPressed(key); }
#else
using Key = ImGuiKey_;
inline bool key_pressed(Key key) { return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key)); }
#endif

/// Fonts have sizes of their own from 1.92 on; ours are loaded at the size at which they are drawn.
inline void push_font(ImFont* font, float size) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, size);
#else
  (void)size;
  ImGui::PushFont(font);
#endif
}

inline void add_polyline(ImDrawList& list, const ImVec2* points, int count, ImU32 colour, bool closed, float thickness) {
#if IMGUI_VERSION_NUM >= 19208
  list.AddPolyline(points, count, colour, thickness, closed ? ImDrawFlags_Closed : ImDrawFlags_None);
#else
  list.AddPolyline(points, count, colour, closed ? ImDrawFlags_Closed : ImDrawFlags_None, thickness);
#endif
}

inline void add_rect(ImDrawList& list, ImVec2 low, ImVec2 high, ImU32 colour, float rounding, float thickness) {
#if IMGUI_VERSION_NUM >= 19208
  list.AddRect(low, high, colour, rounding, thickness, ImDrawFlags_None);
#else
  list.AddRect(low, high, colour, rounding, ImDrawFlags_None, thickness);
#endif
}

inline bool begin_child(const char* id, ImVec2 size, bool border, ImGuiWindowFlags flags = 0) {
#if IMGUI_VERSION_NUM >= 19000
  return ImGui::BeginChild(id, size, border ? ImGuiChildFlags_Border : ImGuiChildFlags_None, flags);
#else
  return ImGui::BeginChild(id, size, border, flags);
#endif
}

/// Whether a font atlas keeps its texture up to date by itself.
#if IMGUI_VERSION_NUM >= 19200
inline constexpr bool kDynamicFonts = true;
#else
inline constexpr bool kDynamicFonts = false;
#endif

}  // namespace fuseline::app::gui::compat
