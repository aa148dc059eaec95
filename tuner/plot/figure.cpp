#include "tuner/plot/figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kMargin = 22, kNarrowMargin = 6;
constexpr double kLegendLine = 21, kNoteLine = 16;
constexpr double kSwatch = 24;  // Width of a legend's sample with the gap after it.
constexpr double kLegendGap = 20;
constexpr double kLegendShare = 0.3, kNotesShare = 0.22;  // Of the height, at most: the plot is what matters.

void draw_swatch(Canvas& canvas, const Style& style, const LegendEntry& entry, Vec2 at) {
  if (entry.kind == LegendEntry::Kind::bar) return canvas.fill_rect({at.x, at.y - 4, 18, 8}, entry.colour);
  if (entry.kind == LegendEntry::Kind::square)
    return draw_square(canvas, {at.x + 9, at.y}, 4, entry.colour, entry.provenance);
  if (entry.kind == LegendEntry::Kind::mark)
    return draw_mark(canvas, style, {at.x + 9, at.y}, 4, entry.colour, entry.provenance, entry.emphasis);
  const std::array<Vec2, 2> line = {Vec2{at.x, at.y}, Vec2{at.x + 18, at.y}};
  canvas.polyline(line, {entry.colour, 1.8, entry.kind == LegendEntry::Kind::dashed});
}

/// Legend entries broken into rows that fit `width`; texts that are too long are shortened.
std::vector<std::vector<LegendEntry>> legend_rows(const Canvas& canvas, std::vector<LegendEntry> entries,
                                                  double width) {
  std::vector<std::vector<LegendEntry>> rows;
  double used = 0;
  for (LegendEntry& entry : entries) {
    entry.text = fit_text(canvas, entry.text, kLabelSize, std::min(width - kSwatch, 360.0));
    const double needed = kSwatch + canvas.text_width(entry.text, kLabelSize) + kLegendGap;
    if (rows.empty() || used + needed - kLegendGap > width) {
      rows.emplace_back();
      used = 0;
    }
    used += needed;
    rows.back().push_back(std::move(entry));
  }
  return rows;
}

void draw_legend(Canvas& canvas, const Style& style, const std::vector<std::vector<LegendEntry>>& rows, Vec2 at) {
  double y = at.y;
  for (const auto& row : rows) {
    double x = at.x;
    for (const LegendEntry& entry : row) {
      draw_swatch(canvas, style, entry, {x, y - 4});
      canvas.text({x + kSwatch, y}, entry.text, kLabelSize, style.text);
      x += kSwatch + canvas.text_width(entry.text, kLabelSize) + kLegendGap;
    }
    y += kLegendLine;
  }
}

std::vector<std::string> note_lines(const Canvas& canvas, const std::vector<std::string>& notes, double width) {
  std::vector<std::string> lines;
  for (const std::string& note : notes) {
    for (std::string& line : wrap_text(canvas, note, kNoteSize, width)) lines.push_back(std::move(line));
  }
  return lines;
}

template <class T>
void keep_within(std::vector<T>& lines, double line_height, double height) {
  lines.resize(std::min(lines.size(), static_cast<std::size_t>(std::max(0.0, height / line_height))));
}

/// A title, or where it has no room the unit that it has in parentheses.
std::string axis_title(const Canvas& canvas, const std::string& title, double room) {
  std::string whole = fit_text(canvas, title, kAxisTitleSize, room);
  const auto open = title.rfind('('), close = title.rfind(')');
  if (whole == title || open == std::string::npos || close == std::string::npos || close < open) return whole;
  return fit_text(canvas, title.substr(open + 1, close - open - 1), kAxisTitleSize, room);
}

void draw_x_ticks(Canvas& canvas, const Style& style, const Panel& panel, const Rect& area) {
  double last_end = -1e9;
  for (const Tick& tick : panel.x.ticks(46)) {
    const double x = panel.x.pixel(tick.value);
    const std::array<Vec2, 2> grid = {Vec2{x, area.y}, Vec2{x, area.y + area.height}};
    canvas.polyline(grid, {with_alpha(style.grid, tick.label.empty() ? 110 : 255), 1, false});
    const double width = canvas.text_width(tick.label, kTickSize);
    if (tick.label.empty() || x - width / 2 < last_end + 6) continue;
    last_end = x + width / 2;
    canvas.text({x, area.y + area.height + 16}, tick.label, kTickSize, style.muted, Anchor::middle);
  }
}

void draw_y_ticks(Canvas& canvas, const Style& style, const Panel& panel, const Rect& area) {
  for (const Tick& tick : panel.y.ticks(26)) {
    const double y = panel.y.pixel(tick.value);
    const std::array<Vec2, 2> grid = {Vec2{area.x, y}, Vec2{area.x + area.width, y}};
    canvas.polyline(grid, {with_alpha(style.grid, tick.label.empty() ? 110 : 255), 1, false});
    if (!tick.label.empty())
      canvas.text({area.x - 7, y + kTickSize * 0.36}, tick.label, kTickSize, style.muted, Anchor::end);
  }
}

}  // namespace

Rect draw_figure(Canvas& canvas, const Style& style, const Figure& figure) {
  const Vec2 size = canvas.size();
  const double margin = figure.title.empty() ? kNarrowMargin : kMargin;
  const double width = std::max(0.0, size.x - 2 * margin);
  canvas.fill_rect({0, 0, size.x, size.y}, style.background);
  double top = margin;
  if (!figure.title.empty())
    canvas.text({margin, top + kTitleSize * 0.8}, fit_text(canvas, figure.title, kTitleSize, width, true), kTitleSize,
                style.text, Anchor::start, 0, true);
  if (!figure.title.empty()) top += kTitleSize + 8;
  if (!figure.subtitle.empty())
    canvas.text({margin, top + kSubtitleSize * 0.8}, fit_text(canvas, figure.subtitle, kSubtitleSize, width),
                kSubtitleSize, style.muted);
  if (!figure.subtitle.empty()) top += kSubtitleSize + 10;

  auto rows = legend_rows(canvas, figure.legend, width);
  keep_within(rows, kLegendLine, size.y * kLegendShare);
  auto lines = note_lines(canvas, figure.notes, width);
  keep_within(lines, kNoteLine, size.y * kNotesShare);
  double bottom = size.y - margin + 6;
  bottom -= static_cast<double>(lines.size()) * kNoteLine;
  double y = bottom + kNoteSize;
  for (const std::string& line : lines) {
    canvas.text({margin, y}, line, kNoteSize, style.muted);
    y += kNoteLine;
  }
  bottom -= static_cast<double>(rows.size()) * kLegendLine + 8;
  draw_legend(canvas, style, rows, {margin, bottom + kLegendLine - 4});
  return {margin, top, width, std::max(0.0, bottom - top)};
}

Rect Panel::area() const { return {x.pixel_low, y.pixel_high, x.pixel_high - x.pixel_low, y.pixel_low - y.pixel_high}; }

void draw_panel(Canvas& canvas, const Style& style, const Panel& panel) {
  const Rect area = panel.area();
  canvas.fill_rect(area, style.panel);
  if (panel.x_ticks) draw_x_ticks(canvas, style, panel, area);
  draw_y_ticks(canvas, style, panel, area);
  canvas.stroke_rect(area, {style.frame, 1, false});
  const double room = area.width + 40;
  canvas.text({area.x + area.width / 2, area.y + area.height + 35},
              fit_text(canvas, panel.x_title, kAxisTitleSize, room), kAxisTitleSize, style.text, Anchor::middle);
  canvas.text({area.x - kPanelLeft + 14, area.y + area.height / 2},
              axis_title(canvas, panel.y_title, area.height + kPanelTop + 10), kAxisTitleSize, style.text,
              Anchor::middle, 90);
  canvas.text({area.x, area.y - 8}, fit_text(canvas, panel.heading, kAxisTitleSize, area.width, true), kAxisTitleSize,
              style.text, Anchor::start, 0, true);
}

Vec2 callout_size(const Canvas& canvas, const std::string& text) {
  const auto lines = split(text, '\n');
  double width = 0;
  for (const std::string& line : lines) width = std::max(width, canvas.text_width(line, kLabelSize, true));
  return {width + 8, static_cast<double>(lines.size()) * (kLabelSize + 3) + 3};
}

void draw_callout(Canvas& canvas, const std::string& text, const Rect& box, Vec2 mark, double mark_radius,
                  Colour colour) {
  double y = box.y + kLabelSize;
  for (const std::string& line : split(text, '\n')) {
    canvas.text({box.x + 4, y}, line, kLabelSize, colour, Anchor::start, 0, true);
    y += kLabelSize + 3;
  }
  const Vec2 end{std::clamp(mark.x, box.x, box.x + box.width), std::clamp(mark.y, box.y, box.y + box.height)};
  const double dx = end.x - mark.x, dy = end.y - mark.y, length = std::hypot(dx, dy);
  if (length < mark_radius + 8) return;
  const double share = (mark_radius + 2) / length;
  canvas.polyline(std::array<Vec2, 2>{Vec2{mark.x + share * dx, mark.y + share * dy}, end},
                  {with_alpha(colour, 170), 1, false});
}

void draw_label(Canvas& canvas, const std::string& text, Vec2 centre, double degrees, double size, Colour colour) {
  // The middle of capitals lies about 0.36 of the size above the baseline.
  const double angle = degrees * std::numbers::pi / 180.0, drop = size * 0.36;
  canvas.text({centre.x + drop * std::sin(angle), centre.y + drop * std::cos(angle)}, text, size, colour,
              Anchor::middle, degrees);
}

}  // namespace fuseline::tuner
