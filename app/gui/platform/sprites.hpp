// Small round marks as pictures in the font atlas: two triangles each, where drawing the circle would take dozens.
#pragma once

#include <imgui.h>

#include <vector>

namespace fuseline::app::gui {

class Sprites {
 public:
  /// Takes room in `atlas`, which was just emptied, for the marks that plots draw by the thousand, at `scale`.
  void reserve(ImFontAtlas& atlas, float scale);
  /// Paints them once the atlas takes pixels; to be called before each frame and within it.
  void paint(ImFontAtlas& atlas);

  /// Draws a disc (width 0) or a ring, sizes in pixels. False where there is no picture of it: the caller draws it
  /// itself.
  bool draw(ImDrawList& list, ImVec2 centre, float radius, float width, ImU32 colour) const;

 private:
  struct Sprite {
    float radius = 0, width = 0;
    int side = 0;  ///< Pixels of the square picture.
    int id = -1;
  };
  [[nodiscard]] const Sprite* find(float radius, float width) const;

  ImFontAtlas* atlas_ = nullptr;
  std::vector<Sprite> sprites_;
  bool painted_ = false;
};

}  // namespace fuseline::app::gui
