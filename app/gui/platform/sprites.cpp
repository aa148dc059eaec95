#include "app/gui/platform/sprites.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/gui/platform/imgui_compat.hpp"
#include "app/gui/plot/roofline_drawing.hpp"

namespace fuseline::app::gui {
namespace {

/// Share of a pixel that lies in the disc or ring, 0 to 255, by its distance to the outline.
unsigned char coverage(float distance, float radius, float width) {
  const float outer = radius + width / 2 - distance + 0.5F;
  const float inner = width > 0 ? distance - (radius - width / 2) + 0.5F : 1.F;
  return static_cast<unsigned char>(std::lround(255 * std::clamp(std::min(outer, inner), 0.F, 1.F)));
}

std::vector<unsigned char> picture_of(float radius, float width, int side) {
  std::vector<unsigned char> pixels;
  pixels.reserve(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  const float middle = static_cast<float>(side) / 2;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const float distance = std::hypot(static_cast<float>(x) + 0.5F - middle, static_cast<float>(y) + 0.5F - middle);
      pixels.push_back(coverage(distance, radius, width));
    }
  }
  return pixels;
}

bool near(float a, float b) { return std::abs(a - b) < 0.01F; }

}  // namespace

void Sprites::reserve(ImFontAtlas& atlas, float scale) {
  atlas_ = &atlas;
  sprites_.clear();
  painted_ = false;
  for (const double radius : {kMarkRadius, kStripRadius}) {
    // A filled mark, and the ring of a hollow one as tuner::draw_mark has it.
    for (const auto& [r, width] : {std::pair(radius, 0.0), std::pair(radius - 0.7, 1.4)}) {
      Sprite sprite{static_cast<float>(r) * scale, static_cast<float>(width) * scale, 0, -1};
      sprite.side = 2 * static_cast<int>(std::ceil(sprite.radius + sprite.width / 2 + 1.5F));
      sprite.id = compat::reserve_picture(atlas, sprite.side);
      sprites_.push_back(sprite);
    }
  }
}

void Sprites::paint(ImFontAtlas& atlas) {
  if (painted_ || !compat::takes_pictures(atlas)) return;
  painted_ = true;
  for (Sprite& sprite : sprites_)
    compat::paint_picture(atlas, sprite.id, sprite.side, picture_of(sprite.radius, sprite.width, sprite.side));
}

const Sprites::Sprite* Sprites::find(float radius, float width) const {
  const auto found = std::find_if(sprites_.begin(), sprites_.end(), [&](const Sprite& sprite) {
    return near(sprite.radius, radius) && near(sprite.width, width);
  });
  return found == sprites_.end() ? nullptr : &*found;
}

bool Sprites::draw(ImDrawList& list, ImVec2 centre, float radius, float width, ImU32 colour) const {
  const Sprite* sprite = painted_ ? find(radius, width) : nullptr;
  ImVec2 from, to;
  if (sprite == nullptr || !compat::picture_place(*atlas_, sprite->id, from, to)) return false;
  const float half = static_cast<float>(sprite->side) / 2;
  list.PrimReserve(6, 4);
  list.PrimRectUV(ImVec2(centre.x - half, centre.y - half), ImVec2(centre.x + half, centre.y + half), from, to, colour);
  return true;
}

}  // namespace fuseline::app::gui
