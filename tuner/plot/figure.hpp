// What surrounds a plot: title, legend, notes, and the frame with grid, ticks and axis titles.
#pragma once

#include <string>
#include <vector>

#include "tuner/plot/axis.hpp"
#include "tuner/plot/style.hpp"

namespace fuseline::tuner {

struct LegendEntry {
  enum class Kind { mark, square, solid, dashed, bar } kind = Kind::mark;
  Colour colour;
  std::string text;
  Provenance provenance = Provenance::measured;
  Emphasis emphasis = Emphasis::none;
};

struct Figure {
  std::string title, subtitle;
  std::vector<LegendEntry> legend;
  std::vector<std::string> notes;
};

/// Paints the background, the title above, legend and notes below; returns what is left between for the panels. Without
/// a title it stands in something that has one of its own, and the margins are narrow.
[[nodiscard]] Rect draw_figure(Canvas& canvas, const Style& style, const Figure& figure);

/// A panel: the axes' pixel ranges are its edges.
struct Panel {
  Axis x, y;
  std::string x_title, y_title, heading;
  bool x_ticks = true;
  [[nodiscard]] Rect area() const;
};

/// Room that a panel needs outside its area.
inline constexpr double kPanelLeft = 62, kPanelBottom = 42, kPanelTop = 22;

/// Background, grid, ticks with labels, titles. Labels never overlap.
void draw_panel(Canvas& canvas, const Style& style, const Panel& panel);

/// Bold lines (separated by '\n') in a `box`, with a line to the mark at `mark` where the box stands off.
[[nodiscard]] Vec2 callout_size(const Canvas& canvas, const std::string& text);
void draw_callout(Canvas& canvas, const std::string& text, const Rect& box, Vec2 mark, double mark_radius,
                  Colour colour);

/// A label whose box is centred at `centre` and turned by `degrees`.
void draw_label(Canvas& canvas, const std::string& text, Vec2 centre, double degrees, double size, Colour colour);

}  // namespace fuseline::tuner
