// SVG 1.1 with fixed decimals and running clip names, so that the same drawing gives the same bytes.
#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "tuner/base/text.hpp"
#include "tuner/plot/canvas.hpp"
#include "tuner/plot/text_metrics.hpp"

namespace fuseline::tuner {
namespace {

/// At most two decimals, without trailing zeros and never "-0" or a non-number.
std::string number(double value) {
  if (!std::isfinite(value)) return "0";
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string hex(Colour colour) { return fmt::format("#{:02x}{:02x}{:02x}", colour.r, colour.g, colour.b); }

std::string paint(std::string_view property, Colour colour) {
  std::string text = fmt::format(" {}=\"{}\"", property, hex(colour));
  if (colour.a != 255) text += fmt::format(" {}-opacity=\"{}\"", property, number(colour.a / 255.0));
  return text;
}

std::string stroke_paint(const Stroke& stroke) {
  std::string text =
      " fill=\"none\"" + paint("stroke", stroke.colour) + fmt::format(" stroke-width=\"{}\"", number(stroke.width));
  if (stroke.dashed)
    text += fmt::format(" stroke-dasharray=\"{} {}\"", number(4 + stroke.width), number(2 + 1.5 * stroke.width));
  return text;
}

std::string box(const Rect& rect) {
  return fmt::format("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", number(rect.x), number(rect.y), number(rect.width),
                     number(rect.height));
}

class SvgCanvas final : public FileCanvas {
 public:
  SvgCanvas(double width, double height) : size_{width, height} {}

  [[nodiscard]] Vec2 size() const override { return size_; }
  void fill_rect(const Rect& rect, Colour colour) override { line("<rect {}{}/>", box(rect), paint("fill", colour)); }
  void stroke_rect(const Rect& rect, const Stroke& stroke) override {
    line("<rect {}{}/>", box(rect), stroke_paint(stroke));
  }

  void polyline(std::span<const Vec2> points, const Stroke& stroke) override {
    line("<polyline points=\"{}\" stroke-linejoin=\"round\"{}/>", path(points), stroke_paint(stroke));
  }
  void fill_polygon(std::span<const Vec2> points, Colour colour) override {
    line("<polygon points=\"{}\"{}/>", path(points), paint("fill", colour));
  }

  void fill_circle(Vec2 centre, double radius, Colour colour) override {
    line("<circle {}{}/>", circle(centre, radius), paint("fill", colour));
  }
  void stroke_circle(Vec2 centre, double radius, const Stroke& stroke) override {
    line("<circle {}{}/>", circle(centre, radius), stroke_paint(stroke));
  }

  void text(Vec2 at, std::string_view text, double size, Colour colour, Anchor anchor, double degrees,
            bool bold) override {
    std::string attributes = fmt::format("x=\"{}\" y=\"{}\" font-size=\"{}\"{}", number(at.x), number(at.y),
                                         number(size), paint("fill", colour));
    if (anchor != Anchor::start)
      attributes += anchor == Anchor::middle ? " text-anchor=\"middle\"" : " text-anchor=\"end\"";
    if (bold) attributes += " font-weight=\"bold\"";
    if (degrees != 0)
      attributes += fmt::format(" transform=\"rotate({} {} {})\"", number(-degrees), number(at.x), number(at.y));
    line("<text {}>{}</text>", attributes, escape_xml(drawable_text(text)));
  }
  [[nodiscard]] double text_width(std::string_view text, double size, bool bold) const override {
    return plot_text_width(text, size, bold);
  }

  void push_clip(const Rect& rect) override {
    ++clips_;
    line("<clipPath id=\"clip{}\"><rect {}/></clipPath>", clips_, box(rect));
    line("<g clip-path=\"url(#clip{})\">", clips_);
  }
  void pop_clip() override { line("</g>"); }
  void begin_item(std::string_view tooltip) override {
    line("<g><title>{}</title>", escape_xml(drawable_text(tooltip)));
  }
  void end_item() override { line("</g>"); }

  [[nodiscard]] Result<std::string> finish() override {
    const std::string width = number(size_.x), height = number(size_.y);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
        "width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" font-family=\"'DejaVu Sans', Verdana, 'Bitstream Vera Sans', Arial, "
        "sans-serif\">\n{2}</svg>\n",
        width, height, body_);
  }

 private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(body_), format, std::forward<Args>(args)...);
    body_ += '\n';
  }
  static std::string circle(Vec2 centre, double radius) {
    return fmt::format("cx=\"{}\" cy=\"{}\" r=\"{}\"", number(centre.x), number(centre.y), number(radius));
  }
  static std::string path(std::span<const Vec2> points) {
    std::string text;
    for (const Vec2& point : points) {
      if (!text.empty()) text += ' ';
      text += number(point.x) + ',' + number(point.y);
    }
    return text;
  }

  Vec2 size_;
  std::string body_;
  int clips_ = 0;
};

}  // namespace

std::unique_ptr<FileCanvas> make_svg_canvas(double width, double height) {
  return std::make_unique<SvgCanvas>(width, height);
}

}  // namespace fuseline::tuner
