#include "app/gui/plot/recorded_drawing.hpp"

namespace fuseline::app::gui {

using tuner::Colour;
using tuner::Rect;
using tuner::Stroke;
using tuner::Vec2;

void RecordedDrawing::begin(const tuner::Canvas& measure) {
  measure_ = &measure;
  steps_.clear();
  points_.clear();
  text_.clear();
}

RecordedDrawing::Step& RecordedDrawing::add(Kind kind) {
  Step& step = steps_.emplace_back();
  step.kind = kind;
  return step;
}

void RecordedDrawing::add_points(Kind kind, std::span<const Vec2> points, const Stroke& stroke) {
  Step& step = add(kind);
  step.stroke = stroke;
  step.first = points_.size();
  step.count = points.size();
  points_.insert(points_.end(), points.begin(), points.end());
}

RecordedDrawing::Step& RecordedDrawing::add_text(Kind kind, std::string_view text) {
  Step& step = add(kind);
  step.first = text_.size();
  step.count = text.size();
  text_ += text;
  return step;
}

void RecordedDrawing::fill_rect(const Rect& rect, Colour colour) {
  Step& step = add(Kind::fill_rect);
  step.rect = rect;
  step.stroke.colour = colour;
}

void RecordedDrawing::stroke_rect(const Rect& rect, const Stroke& stroke) {
  Step& step = add(Kind::stroke_rect);
  step.rect = rect;
  step.stroke = stroke;
}

void RecordedDrawing::polyline(std::span<const Vec2> points, const Stroke& stroke) {
  add_points(Kind::polyline, points, stroke);
}
void RecordedDrawing::fill_polygon(std::span<const Vec2> points, Colour colour) {
  add_points(Kind::fill_polygon, points, {colour, 0, false});
}

void RecordedDrawing::fill_circle(Vec2 centre, double radius, Colour colour) {
  Step& step = add(Kind::fill_circle);
  step.rect = {centre.x, centre.y, radius, 0};
  step.stroke.colour = colour;
}

void RecordedDrawing::stroke_circle(Vec2 centre, double radius, const Stroke& stroke) {
  Step& step = add(Kind::stroke_circle);
  step.rect = {centre.x, centre.y, radius, 0};
  step.stroke = stroke;
}

void RecordedDrawing::text(Vec2 at, std::string_view text, double size, Colour colour, tuner::Anchor anchor,
                           double degrees, bool bold) {
  Step& step = add_text(Kind::text, text);
  step.rect = {at.x, at.y, size, degrees};
  step.stroke.colour = colour;
  step.anchor = anchor;
  step.bold = bold;
}

void RecordedDrawing::push_clip(const Rect& rect) { add(Kind::push_clip).rect = rect; }
void RecordedDrawing::pop_clip() { add(Kind::pop_clip); }
void RecordedDrawing::begin_item(std::string_view tooltip) { add_text(Kind::begin_item, tooltip); }
void RecordedDrawing::end_item() { add(Kind::end_item); }

void RecordedDrawing::draw(const Step& step, tuner::Canvas& canvas) const {
  const Vec2 at{step.rect.x, step.rect.y};
  const std::string_view words = step.kind == Kind::text || step.kind == Kind::begin_item
                                     ? std::string_view(text_).substr(step.first, step.count)
                                     : std::string_view();
  switch (step.kind) {
    case Kind::fill_rect:
      return canvas.fill_rect(step.rect, step.stroke.colour);
    case Kind::stroke_rect:
      return canvas.stroke_rect(step.rect, step.stroke);
    case Kind::polyline:
      return canvas.polyline(std::span(points_).subspan(step.first, step.count), step.stroke);
    case Kind::fill_circle:
      return canvas.fill_circle(at, step.rect.width, step.stroke.colour);
    case Kind::stroke_circle:
      return canvas.stroke_circle(at, step.rect.width, step.stroke);
    case Kind::fill_polygon:
      return canvas.fill_polygon(std::span(points_).subspan(step.first, step.count), step.stroke.colour);
    case Kind::text:
      return canvas.text(at, words, step.rect.width, step.stroke.colour, step.anchor, step.rect.height, step.bold);
    case Kind::push_clip:
      return canvas.push_clip(step.rect);
    case Kind::pop_clip:
      return canvas.pop_clip();
    case Kind::begin_item:
      return canvas.begin_item(words);
    case Kind::end_item:
      return canvas.end_item();
  }
}

void RecordedDrawing::replay(tuner::Canvas& canvas) const {
  for (const Step& step : steps_) draw(step, canvas);
}

}  // namespace fuseline::app::gui
