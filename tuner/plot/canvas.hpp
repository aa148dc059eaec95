// A surface to draw on: files (SVG, PNG) here, the screen in the GUI. Coordinates are pixels from the top left; colours
// are sRGB.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

struct Colour {
  std::uint8_t r = 0, g = 0, b = 0, a = 255;
  friend bool operator==(const Colour&, const Colour&) = default;
};
struct Vec2 {
  double x = 0, y = 0;
};
struct Rect {
  double x = 0, y = 0, width = 0, height = 0;
};
enum class Anchor { start, middle, end };

/// How a stroke is drawn.
struct Stroke {
  Colour colour;
  double width = 1.0;
  bool dashed = false;
};

class Canvas {
 public:
  virtual ~Canvas() = default;
  [[nodiscard]] virtual Vec2 size() const = 0;
  virtual void fill_rect(const Rect& rect, Colour colour) = 0;
  virtual void stroke_rect(const Rect& rect, const Stroke& stroke) = 0;
  virtual void polyline(std::span<const Vec2> points, const Stroke& stroke) = 0;
  virtual void fill_circle(Vec2 centre, double radius, Colour colour) = 0;
  virtual void stroke_circle(Vec2 centre, double radius, const Stroke& stroke) = 0;
  virtual void fill_polygon(std::span<const Vec2> points, Colour colour) = 0;
  /// Baseline at `at`. `degrees` turns counter-clockwise about it.
  virtual void text(Vec2 at, std::string_view text, double size, Colour colour, Anchor anchor = Anchor::start,
                    double degrees = 0, bool bold = false) = 0;
  [[nodiscard]] virtual double text_width(std::string_view text, double size, bool bold = false) const = 0;
  virtual void push_clip(const Rect& rect) = 0;
  virtual void pop_clip() = 0;
  /// Text shown when the pointer rests on what is drawn until end_item(); files that cannot show it ignore it.
  virtual void begin_item(std::string_view tooltip) { (void)tooltip; }
  virtual void end_item() {}
};

/// A canvas that ends as a file's bytes.
class FileCanvas : public Canvas {
 public:
  /// The file's content; call once, after drawing.
  [[nodiscard]] virtual Result<std::string> finish() = 0;
};
/// SVG 1.1 with real <text> elements and <title> tooltips; the same drawing gives the same bytes.
[[nodiscard]] std::unique_ptr<FileCanvas> make_svg_canvas(double width, double height);
/// PNG through cairo, `scale` pixels a unit. Errors: no font found (data folder's fonts/, then the system's), more than
/// 64 megapixels.
[[nodiscard]] Result<std::unique_ptr<FileCanvas>> make_png_canvas(double width, double height, double scale);

}  // namespace fuseline::tuner
