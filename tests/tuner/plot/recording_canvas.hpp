// A canvas that keeps what is drawn, so that tests can ask where it is.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tuner/plot/canvas.hpp"
#include "tuner/plot/label_placer.hpp"
#include "tuner/plot/style.hpp"
#include "tuner/plot/text_metrics.hpp"

namespace fuseline::tuner {

class RecordingCanvas final : public Canvas {
 public:
  struct Text {
    std::string text;
    TurnedBox box;
    Colour colour = {}, ground = {};  ///< What it lies on, in its middle.
  };
  struct Circle {
    Vec2 centre;
    double radius = 0;
    bool filled = false;
  };
  struct Line {
    std::vector<Vec2> points;
    bool dashed = false;
  };

  RecordingCanvas(double width, double height) : size_{width, height} {}
  [[nodiscard]] Vec2 size() const override { return size_; }
  void fill_rect(const Rect& rect, Colour colour) override {
    rects.push_back(rect);
    grounds_.emplace_back(rect, colour);
  }
  void stroke_rect(const Rect& rect, const Stroke&) override { frames.push_back(rect); }
  void polyline(std::span<const Vec2> points, const Stroke& stroke) override {
    lines.push_back({{points.begin(), points.end()}, stroke.dashed});
  }
  void fill_circle(Vec2 centre, double radius, Colour) override { circles.push_back({centre, radius, true}); }
  void stroke_circle(Vec2 centre, double radius, const Stroke&) override { circles.push_back({centre, radius, false}); }
  void fill_polygon(std::span<const Vec2> points, Colour) override {
    polygons.emplace_back(points.begin(), points.end());
  }
  void text(Vec2 at, std::string_view text, double size, Colour colour, Anchor anchor, double degrees,
            bool bold) override {
    if (text.empty()) return;
    const double width = text_width(text, size, bold);
    const double along = anchor == Anchor::start ? width / 2 : anchor == Anchor::middle ? 0 : -width / 2;
    const double angle = degrees * 3.14159265358979323846 / 180, rise = size * 0.36;
    const Vec2 centre{at.x + along * std::cos(angle) - rise * std::sin(angle),
                      at.y - along * std::sin(angle) - rise * std::cos(angle)};
    texts.push_back({std::string(text), {centre, width, size * 0.9, degrees}, colour, ground_at(centre)});
  }
  [[nodiscard]] double text_width(std::string_view text, double size, bool bold) const override {
    return plot_text_width(text, size, bold);
  }
  void push_clip(const Rect&) override { ++open_clips; }
  void pop_clip() override { --open_clips; }
  void begin_item(std::string_view tooltip) override { tooltips.emplace_back(tooltip); }

  [[nodiscard]] const Text* find(const std::string& part) const {
    for (const Text& item : texts) {
      if (item.text.find(part) != std::string::npos) return &item;
    }
    return nullptr;
  }

  std::vector<Rect> rects, frames;
  std::vector<Line> lines;
  std::vector<Circle> circles;
  std::vector<std::vector<Vec2>> polygons;
  std::vector<Text> texts;
  std::vector<std::string> tooltips;
  int open_clips = 0;
  Colour background{255, 255, 255, 255};  ///< Of a window that a panel is drawn into; files draw their own.

 private:
  [[nodiscard]] Colour ground_at(Vec2 at) const {
    Colour seen = background;
    for (const auto& [rect, colour] : grounds_) {
      if (at.x >= rect.x && at.x <= rect.x + rect.width && at.y >= rect.y && at.y <= rect.y + rect.height)
        seen = over(seen, colour);
    }
    return seen;
  }

  Vec2 size_;
  std::vector<std::pair<Rect, Colour>> grounds_;
};

}  // namespace fuseline::tuner
