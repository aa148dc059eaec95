// A drawing that is kept, to be drawn again for as long as nothing of it has changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tuner/plot/canvas.hpp"

namespace fuseline::app::gui {

/// Takes down what is drawn on it. Sizes of the canvas and of texts are asked of `measure`, on which it will be drawn.
class RecordedDrawing final : public tuner::Canvas {
 public:
  RecordedDrawing() = default;
  /// Empties it; `measure` is needed until the recording ends.
  void begin(const tuner::Canvas& measure);
  void end() { measure_ = nullptr; }
  void replay(tuner::Canvas& canvas) const;

  [[nodiscard]] tuner::Vec2 size() const override { return measure_->size(); }
  void fill_rect(const tuner::Rect& rect, tuner::Colour colour) override;
  void stroke_rect(const tuner::Rect& rect, const tuner::Stroke& stroke) override;
  void polyline(std::span<const tuner::Vec2> points, const tuner::Stroke& stroke) override;
  void fill_circle(tuner::Vec2 centre, double radius, tuner::Colour colour) override;
  void stroke_circle(tuner::Vec2 centre, double radius, const tuner::Stroke& stroke) override;
  void fill_polygon(std::span<const tuner::Vec2> points, tuner::Colour colour) override;
  void text(tuner::Vec2 at, std::string_view text, double size, tuner::Colour colour, tuner::Anchor anchor,
            double degrees, bool bold) override;
  [[nodiscard]] double text_width(std::string_view text, double size, bool bold) const override {
    return measure_->text_width(text, size, bold);
  }
  void push_clip(const tuner::Rect& rect) override;
  void pop_clip() override;
  void begin_item(std::string_view tooltip) override;
  void end_item() override;

 private:
  enum class Kind : std::uint8_t {
    fill_rect,
    stroke_rect,
    polyline,
    fill_circle,
    stroke_circle,
    fill_polygon,
    text,
    push_clip,
    pop_clip,
    begin_item,
    end_item
  };
  struct Step {
    Kind kind = Kind::end_item;
    bool bold = false;
    tuner::Anchor anchor = tuner::Anchor::start;
    tuner::Rect rect;  ///< Or a place, in x and y, with a radius or a size in width and degrees in height.
    tuner::Stroke stroke;
    std::size_t first = 0, count = 0;  ///< Of points_ or of text_.
  };
  Step& add(Kind kind);
  void add_points(Kind kind, std::span<const tuner::Vec2> points, const tuner::Stroke& stroke);
  Step& add_text(Kind kind, std::string_view text);
  void draw(const Step& step, tuner::Canvas& canvas) const;

  const tuner::Canvas* measure_ = nullptr;
  std::vector<Step> steps_;
  std::vector<tuner::Vec2> points_;
  std::string text_;
};

}  // namespace fuseline::app::gui
