#include "tuner/plot/style.hpp"

#include <array>
#include <cmath>
#include <numbers>

#include "tuner/base/text.hpp"
#include "tuner/plot/text_metrics.hpp"

namespace fuseline::tuner {
namespace {

constexpr Colour rgb(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value), 255};
}

const Style& light() {
  static const Style style{rgb(0xffffff),
                           rgb(0xfbfcfd),
                           rgb(0x1b2027),
                           rgb(0x57616c),
                           rgb(0xe4e8ec),
                           rgb(0x9aa4ae),
                           rgb(0x1b2027),
                           rgb(0xac4200),
                           {rgb(0x0072b2), rgb(0x009e73), rgb(0xcc6fa4), rgb(0xd99100), rgb(0x42a5dc), rgb(0x6a51a3)},
                           rgb(0x8a939c)};
  return style;
}
const Style& dark() {
  static const Style style{rgb(0x14181d),
                           rgb(0x181d23),
                           rgb(0xe8ebee),
                           rgb(0xa3adb7),
                           rgb(0x2a3139),
                           rgb(0x5d6873),
                           rgb(0xe8ebee),
                           rgb(0xff8b4d),
                           {rgb(0x4aa8e8), rgb(0x2bc49a), rgb(0xe29bc7), rgb(0xf0c24b), rgb(0x9bd6f5), rgb(0xb3a1e6)},
                           rgb(0x8a939c)};
  return style;
}

std::vector<Vec2> star(Vec2 centre, double radius) {
  std::vector<Vec2> points;
  for (int i = 0; i < 10; ++i) {
    const double reach = i % 2 == 0 ? radius : radius * 0.45, angle = (i * 36.0 - 90.0) * std::numbers::pi / 180.0;
    points.push_back({centre.x + reach * std::cos(angle), centre.y + reach * std::sin(angle)});
  }
  return points;
}

void draw_star(Canvas& canvas, const Style& style, Vec2 centre, double radius, Colour colour, bool filled) {
  std::vector<Vec2> points = star(centre, radius * 2.1);
  canvas.fill_polygon(points, filled ? colour : style.panel);
  points.push_back(points.front());
  points.push_back(points[1]);
  canvas.polyline(points, {filled ? style.text : colour, filled ? 1.0 : 1.6, false});
}

void draw_diamond(Canvas& canvas, const Style& style, Vec2 centre, double radius, Colour colour) {
  const double reach = radius * 1.9;
  const std::array<Vec2, 4> points = {Vec2{centre.x, centre.y - reach}, Vec2{centre.x + reach, centre.y},
                                      Vec2{centre.x, centre.y + reach}, Vec2{centre.x - reach, centre.y}};
  canvas.fill_polygon(points, style.panel);
  // Dashed by hand, so that every corner is drawn and every side has a gap.
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Vec2 before = points[(i + 3) % 4], corner = points[i], after = points[(i + 1) % 4];
    const auto towards = [corner](Vec2 other) {
      return Vec2{corner.x + 0.36 * (other.x - corner.x), corner.y + 0.36 * (other.y - corner.y)};
    };
    canvas.polyline(std::array<Vec2, 3>{towards(before), corner, towards(after)}, {colour, 1.7, false});
  }
}

void draw_triangle(Canvas& canvas, const Style& style, Vec2 centre, double radius, Colour colour) {
  const double reach = radius * 1.6;
  const std::array<Vec2, 3> points = {Vec2{centre.x, centre.y - reach},
                                      Vec2{centre.x + 0.87 * reach, centre.y + reach / 2},
                                      Vec2{centre.x - 0.87 * reach, centre.y + reach / 2}};
  canvas.fill_polygon(points, style.panel);
  canvas.polyline(std::array<Vec2, 5>{points[0], points[1], points[2], points[0], points[1]}, {colour, 1.7, false});
}

/// Bytes at the end of `text` that make up its last character.
std::size_t last_character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[text.size() - length]) & 0xC0U) == 0x80U) ++length;
  return length;
}

}  // namespace

std::string_view to_string(Provenance provenance) {
  switch (provenance) {
    case Provenance::measured:
      return "measured";
    case Provenance::replayed:
      return "replayed";
    case Provenance::projected:
      return "projected";
    case Provenance::given:
      return "given";
  }
  return "";
}

const Style& style_of(Theme theme) { return theme == Theme::light ? light() : dark(); }

Colour series_colour(const Style& style, std::size_t index) {
  return index < style.series.size() ? style.series[index] : style.other;
}

Colour ramp_colour(double share, bool dark_background) {
  // Five stops from violet to yellow; on white the warm end is darker, on black the cold end is lighter.
  static constexpr std::array<Colour, 5> on_light = {Colour{68, 30, 110}, Colour{54, 92, 160}, Colour{22, 140, 130},
                                                     Colour{106, 160, 40}, Colour{200, 140, 0}};
  static constexpr std::array<Colour, 5> on_dark = {Colour{128, 100, 200}, Colour{80, 140, 220}, Colour{50, 185, 170},
                                                    Colour{150, 205, 85}, Colour{250, 215, 70}};
  const auto& stops = dark_background ? on_dark : on_light;
  const double at = std::clamp(share, 0.0, 1.0) * 4;
  const auto lower = std::min<std::size_t>(3, static_cast<std::size_t>(at));
  const double part = at - static_cast<double>(lower);
  const auto mix = [part](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + part * (b - a)));
  };
  return {mix(stops[lower].r, stops[lower + 1].r), mix(stops[lower].g, stops[lower + 1].g),
          mix(stops[lower].b, stops[lower + 1].b), 255};
}

double luminance(Colour colour) {
  const auto linear = [](std::uint8_t channel) {
    const double value = channel / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b);
}

double contrast(Colour a, Colour b) {
  const double x = luminance(a), y = luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

Colour over(Colour ground, Colour colour) {
  const double share = colour.a / 255.0;
  const auto mix = [share](std::uint8_t below, std::uint8_t above) {
    return static_cast<std::uint8_t>(std::lround(below + share * (above - below)));
  };
  return {mix(ground.r, colour.r), mix(ground.g, colour.g), mix(ground.b, colour.b), 255};
}

Colour with_alpha(Colour colour, std::uint8_t alpha) {
  colour.a = alpha;
  return colour;
}

void draw_mark(Canvas& canvas, const Style& style, Vec2 centre, double radius, Colour colour, Provenance provenance,
               Emphasis emphasis) {
  if (provenance == Provenance::given) return draw_triangle(canvas, style, centre, radius, colour);
  if (provenance == Provenance::projected) {
    draw_diamond(canvas, style, centre, emphasis == Emphasis::best ? 1.35 * radius : radius, colour);
    if (emphasis != Emphasis::none) canvas.fill_circle(centre, 0.5 * radius, colour);
    return;
  }
  const bool filled = provenance == Provenance::measured;
  if (emphasis == Emphasis::best) return draw_star(canvas, style, centre, radius, colour, filled);
  if (filled) {
    canvas.fill_circle(centre, radius, with_alpha(colour, 190));
  } else {
    canvas.stroke_circle(centre, radius - 0.7, {colour, 1.4, false});
  }
  if (emphasis == Emphasis::tied) canvas.stroke_circle(centre, radius + 2.2, {style.text, 1.1, false});
}

void draw_square(Canvas& canvas, Vec2 centre, double radius, Colour colour, Provenance provenance) {
  const Rect box{centre.x - radius, centre.y - radius, 2 * radius, 2 * radius};
  if (provenance == Provenance::measured) {
    canvas.fill_rect(box, with_alpha(colour, 190));
  } else {
    canvas.stroke_rect(box, {colour, 1.4, false});
  }
}

std::string fit_text(const Canvas& canvas, std::string_view text, double size, double width, bool bold) {
  std::string shown = drawable_text(text);
  if (canvas.text_width(shown, size, bold) <= width) return shown;
  if (shown.size() > 4096) shown = drawable_text(shown.substr(0, 4096));
  while (!shown.empty()) {
    shown.resize(shown.size() - last_character(shown));
    while (!shown.empty() && shown.back() == ' ') shown.pop_back();
    if (canvas.text_width(shown + "\u2026", size, bold) <= width) return shown + "\u2026";
  }
  return {};
}

std::vector<std::string> wrap_text(const Canvas& canvas, std::string_view text, double size, double width) {
  std::vector<std::string> lines;
  for (const std::string& word : split(drawable_text(text), ' ')) {
    if (word.empty()) continue;
    const std::string longer = lines.empty() ? word : lines.back() + " " + word;
    if (!lines.empty() && canvas.text_width(longer, size) <= width) {
      lines.back() = longer;
    } else {
      lines.push_back(fit_text(canvas, word, size, width));
    }
  }
  return lines;
}

}  // namespace fuseline::tuner
