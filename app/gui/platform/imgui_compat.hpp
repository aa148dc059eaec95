// Dear ImGui as we use it, from 1.86 to 1.92: every check of its version is here. 1.92.2 has the number 19220.
#pragma once

#include <backends/imgui_impl_glfw.h>
#include <imgui.h>

#include <cstdint>
#include <cstring>
#include <vector>

#if IMGUI_VERSION_NUM < 19200
#include <backends/imgui_impl_opengl3.h>
#endif

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
inline bool key_down(Key key) { return ImGui::IsKeyDown(key); }
#else
using Key = ImGuiKey_;
inline bool key_pressed(Key key) { return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key)); }
inline bool key_down(Key key) { return ImGui::IsKeyDown(ImGui::GetKeyIndex(key)); }
#endif

/// Keys as newer versions take them: one that was pressed and let go between two frames counts for one frame (1.87),
/// and Enter presses what the keyboard is at (1.89). Empty where ImGui does so itself.
class Keys {
 public:
  void pressed(int key, bool ctrl, bool shift) { pressed_.push_back({key, ctrl, shift}); }
  void before_frame() {
#if IMGUI_VERSION_NUM < 18700
    ImGuiIO& io = ImGui::GetIO();
    before_ = {0, io.KeyCtrl, io.KeyShift};
    for (const Press& press : pressed_) {
      // Held when it was pressed, and perhaps let go since.
      io.KeyCtrl = io.KeyCtrl || press.ctrl;
      io.KeyShift = io.KeyShift || press.shift;
      if (press.key < 0 || press.key >= 512 || io.KeysDown[press.key]) continue;
      io.KeysDown[press.key] = true;
      lent_.push_back(press.key);
    }
    held_ = !pressed_.empty();
    const int enter = io.KeyMap[ImGuiKey_Enter];
    if (!io.WantTextInput && enter >= 0 && io.KeysDown[enter] && !io.KeyCtrl) io.NavInputs[ImGuiNavInput_Activate] = 1;
#endif
    pressed_.clear();
  }
  void after_frame() {
#if IMGUI_VERSION_NUM < 18700
    ImGuiIO& io = ImGui::GetIO();
    for (const int key : lent_) io.KeysDown[key] = false;
    if (held_) io.KeyCtrl = before_.ctrl, io.KeyShift = before_.shift;
    held_ = false;
#endif
    lent_.clear();
  }

 private:
  struct Press {
    int key = 0;
    bool ctrl = false, shift = false;
  };
  std::vector<Press> pressed_;
  std::vector<int> lent_;
  Press before_;       ///< Of the modifiers.
  bool held_ = false;  ///< They are those of presses in this frame.
};

/// Where the pointer is comes as an event from 1.87 on; before, each frame asks.
inline void pointer_moved(GLFWwindow* window, double x, double y) {
#if IMGUI_VERSION_NUM >= 18700
  ImGui_ImplGlfw_CursorPosCallback(window, x, y);
#else
  (void)window, (void)x, (void)y;
#endif
}

/// Fonts have sizes of their own from 1.92 on; ours are loaded at the size at which they are drawn.
inline void push_font(ImFont* font, float size) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, size);
#else
  (void)size;
  ImGui::PushFont(font);
#endif
}

inline void add_polyline(ImDrawList& list, const ImVec2* points, int count, ImU32 colour, bool closed,
                         float thickness) {
#if IMGUI_VERSION_NUM >= 19280
  list.AddPolyline(points, count, colour, thickness, closed ? ImDrawFlags_Closed : ImDrawFlags_None);
#else
  list.AddPolyline(points, count, colour, closed ? ImDrawFlags_Closed : ImDrawFlags_None, thickness);
#endif
}

inline void add_rect(ImDrawList& list, ImVec2 low, ImVec2 high, ImU32 colour, float rounding, float thickness) {
#if IMGUI_VERSION_NUM >= 19280
  list.AddRect(low, high, colour, rounding, thickness, ImDrawFlags_None);
#else
  list.AddRect(low, high, colour, rounding, ImDrawFlags_None, thickness);
#endif
}

inline bool begin_child(const char* id, ImVec2 size, bool border, ImGuiWindowFlags flags = 0) {
#if IMGUI_VERSION_NUM >= 19110
  return ImGui::BeginChild(id, size, border ? ImGuiChildFlags_Borders : ImGuiChildFlags_None, flags);
#elif IMGUI_VERSION_NUM >= 19000
  return ImGui::BeginChild(id, size, border ? ImGuiChildFlags_Border : ImGuiChildFlags_None, flags);
#else
  return ImGui::BeginChild(id, size, border, flags);
#endif
}

/// The size that a font was loaded at.
inline float font_size(const ImFont& font) {
#if IMGUI_VERSION_NUM >= 19200
  return font.LegacySize;
#else
  return font.FontSize;
#endif
}

/// From the top of a line of `size` to its baseline.
inline float font_ascent(ImFont& font, float size) {
#if IMGUI_VERSION_NUM >= 19200
  return font.GetFontBaked(size)->Ascent;
#else
  return font.Ascent * size / font.FontSize;
#endif
}

/// Where a line of `text` in the current font breaks, no wider than `width`.
inline const char* line_break(const char* text, const char* end, float width) {
#if IMGUI_VERSION_NUM >= 19200
  return ImGui::GetFont()->CalcWordWrapPosition(ImGui::GetFontSize(), text, end, width);
#else
  return ImGui::GetFont()->CalcWordWrapPositionA(1, text, end, width);
#endif
}

/// What may lie over a Selectable and be clicked there.
#if IMGUI_VERSION_NUM >= 18970
inline constexpr ImGuiSelectableFlags kAllowOverlap = ImGuiSelectableFlags_AllowOverlap;
#else
inline constexpr ImGuiSelectableFlags kAllowOverlap = ImGuiSelectableFlags_AllowItemOverlap;
#endif

/// A font atlas keeps its texture up to date by itself from 1.92 on; before, the renderer's copy is made anew.
inline void renew_font_texture() {
#if IMGUI_VERSION_NUM < 19200
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
#endif
}

// Square pictures of coverage, 8 bits a pixel, in the font atlas, so that drawing one is a rectangle of the texture
// that text uses.

/// Room for one, in an atlas that is not built yet; its number.
inline int reserve_picture(ImFontAtlas& atlas, int side) {
#if IMGUI_VERSION_NUM >= 19200
  (void)atlas, (void)side;
  return -1;  // Taken when it is painted.
#else
  return atlas.AddCustomRectRegular(side, side);
#endif
}

/// Whether pixels can be written now; before 1.92 this builds the atlas.
inline bool takes_pictures(ImFontAtlas& atlas) {
#if IMGUI_VERSION_NUM >= 19200
  return atlas.RendererHasTextures && atlas.Builder != nullptr && atlas.TexData != nullptr &&
         atlas.TexData->Pixels != nullptr;
#else
  return atlas.IsBuilt() || atlas.Build();
#endif
}

inline void paint_picture(ImFontAtlas& atlas, int& id, int side, const std::vector<unsigned char>& pixels) {
  const auto at = [&](int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(side) + static_cast<std::size_t>(x)];
  };
#if IMGUI_VERSION_NUM >= 19200
  ImFontAtlasRect rect;
  id = atlas.AddCustomRect(side, side, &rect);
  if (id < 0) return;
  for (int y = 0; y < side; ++y) {
    auto* row = static_cast<unsigned char*>(atlas.TexData->GetPixelsAt(rect.x, rect.y + y));
    for (int x = 0; x < side; ++x) {
      if (atlas.TexData->Format == ImTextureFormat_Alpha8) {
        row[x] = at(x, y);
      } else {
        const ImU32 pixel = IM_COL32(255, 255, 255, at(x, y));
        std::memcpy(row + 4 * x, &pixel, sizeof pixel);
      }
    }
  }
#else
  const ImFontAtlasCustomRect* rect = atlas.GetCustomRectByIndex(id);
  if (!rect->IsPacked() || atlas.TexPixelsAlpha8 == nullptr) return;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) atlas.TexPixelsAlpha8[(rect->Y + y) * atlas.TexWidth + rect->X + x] = at(x, y);
  }
#endif
}

/// Where it lies in the texture; false where it found no room.
inline bool picture_place(ImFontAtlas& atlas, int id, ImVec2& from, ImVec2& to) {
  if (id < 0) return false;
#if IMGUI_VERSION_NUM >= 19200
  ImFontAtlasRect rect;
  if (!atlas.GetCustomRect(id, &rect)) return false;
  from = rect.uv0;
  to = rect.uv1;
#else
  const ImFontAtlasCustomRect* rect = atlas.GetCustomRectByIndex(id);
  if (!rect->IsPacked()) return false;
  atlas.CalcCustomRectUV(rect, &from, &to);
#endif
  return true;
}

// What is to be drawn.

/// Something that is the same as long as the command's texture is.
inline std::uint64_t texture_of(const ImDrawCmd& command) {
#if IMGUI_VERSION_NUM >= 19200
  // One of ImGui's own may have no name in the renderer yet.
  const ImTextureData* data = command.TexRef._TexData;
  return data != nullptr ? static_cast<std::uint64_t>(data->UniqueID)
                         : static_cast<std::uint64_t>(command.TexRef._TexID);
#else
  return reinterpret_cast<std::uintptr_t>(command.GetTexID());
#endif
}

/// Whether pixels of a texture change with this frame. Before 1.92 the renderer is told otherwise.
inline bool textures_change(const ImDrawData& data) {
#if IMGUI_VERSION_NUM >= 19200
  if (data.Textures == nullptr) return false;
  for (const ImTextureData* texture : *data.Textures) {
    if (texture->Status != ImTextureStatus_OK) return true;
  }
#else
  (void)data;
#endif
  return false;
}

/// Draws these alone; `lists` is needed as long as `data` is.
inline void set_lists(ImDrawData& data, std::vector<ImDrawList*>& lists) {
  data.CmdListsCount = static_cast<int>(lists.size());
#if IMGUI_VERSION_NUM >= 18980
  data.CmdLists.resize(0);
  for (ImDrawList* list : lists) data.CmdLists.push_back(list);
#else
  data.CmdLists = lists.data();
#endif
}

}  // namespace fuseline::app::gui::compat
