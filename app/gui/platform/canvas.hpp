// The canvas of plots on the screen: the same drawing as in files, through an ImDrawList.
#pragma once

#include <imgui.h>

#include <string>

#include "app/gui/platform/fonts.hpp"
#include "tuner/plot/canvas.hpp"

namespace fuseline::app::gui {

/// Coordinates are at scale 1 from `origin` (in pixels); everything is drawn `fonts.scale` times as large.
class ImGuiCanvas final : public tuner::Canvas {
 public:
  ImGuiCanvas(ImDrawList& list, const Fonts& fonts, ImVec2 origin, ImVec2 size_pixels, ImVec2 pointer);

  [[nodiscard]] tuner::Vec2 size() const override { return size_; }
  void fill_rect(const tuner::Rect& rect, tuner::Colour colour) override;
  void stroke_rect(const tuner::Rect& rect, const tuner::Stroke& stroke) override;
  void polyline(std::span<const tuner::Vec2> points, const tuner::Stroke& stroke) override;
  void fill_circle(tuner::Vec2 centre, double radius, tuner::Colour colour) override;
  void stroke_circle(tuner::Vec2 centre, double radius, const tuner::Stroke& stroke) override;
  void fill_polygon(std::span<const tuner::Vec2> points, tuner::Colour colour) override;
  void text(tuner::Vec2 at, std::string_view text, double size, tuner::Colour colour, tuner::Anchor anchor,
            double degrees, bool bold) override;
  [[nodiscard]] double text_width(std::string_view text, double size, bool bold) const override;
  void push_clip(const tuner::Rect& rect) override;
  void pop_clip() override { list_.PopClipRect(); }
  void begin_item(std::string_view tooltip) override { item_ = tooltip; }
  void end_item() override { item_.clear(); }

  /// The tooltip of the item under the pointer that was drawn last; empty where there is none.
  [[nodiscard]] const std::string& tooltip() const { return tooltip_; }

  [[nodiscard]] ImVec2 pixel(tuner::Vec2 at) const;
  [[nodiscard]] tuner::Vec2 value(ImVec2 pixel) const;

 private:
  void dashed(ImVec2 from, ImVec2 to, ImU32 colour, float width, float& phase);
  /// Remembers the item's tooltip where the pointer is within `reach` (at scale 1) of the segment.
  void touch(tuner::Vec2 from, tuner::Vec2 to, double reach);

  ImDrawList& list_;
  const Fonts& fonts_;
  ImVec2 origin_;
  tuner::Vec2 size_, pointer_;
  float scale_;
  std::string item_, tooltip_;
};

}  // namespace fuseline::app::gui
