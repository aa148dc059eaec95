// A memory chart: boxes from the SMs to DRAM, side by side where there is room, else one below the other.
#include <algorithm>
#include <array>
#include <cmath>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/hardware_plots.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kFullest = 50;      ///< Of 255: what covers a box that is all busy. Muted text is to be read on it.
constexpr double kSideBySide = 860;  ///< From this width on.
constexpr double kPad = 10, kBoxLine = 16, kMeter = 8, kNameLine = 20;
constexpr double kArrowRoom = 128, kArrowHigh = 46;  ///< Between boxes: wide side by side, high one below the other.
constexpr double kTallArrows = 150;                  ///< Side by side two arrows with their texts need so much.
constexpr double kThickest = 9, kThinnest = 2;

std::size_t most_lines(const MemoryModel& model) {
  std::size_t most = 0;
  for (const MemoryBox& box : model.boxes) most = std::max(most, box.lines.size());
  return most;
}

double box_height(std::size_t lines) {
  return 2 * kPad + kNameLine + kMeter + kBoxLine * (1 + static_cast<double>(lines));
}

double gap_height(const std::vector<MemoryArrow>& arrows) { return arrows.empty() ? 0 : kArrowHigh; }

double largest(const MemoryModel& model) {
  double most = 0;
  for (const auto& between : model.arrows) {
    for (const MemoryArrow& arrow : between) most = std::max(most, arrow.bytes.value_or(0));
  }
  return most;
}

/// A thick line from `from` to `to`, with heads where the way has them. `to_sm` points at `from`.
struct ArrowLine {
  Vec2 from, to;
  MemoryArrow::Way way = MemoryArrow::Way::both;
  double thickness = kThinnest;
};

struct MemoryPainter {
  Canvas& canvas;
  const Style& style;
  double most = 0;

  void box(const MemoryBox& each, const Rect& at) const {
    canvas.begin_item(each.explanation);
    canvas.fill_rect(at, style.panel);
    const double busy = std::clamp(each.busy.value_or(0), 0.0, 1.0);
    canvas.fill_rect(at,
                     with_alpha(style.series.front(), static_cast<std::uint8_t>(std::lround(kFullest * busy * busy))));
    canvas.stroke_rect(at, {style.frame, 1.2, !each.busy});
    const double x = at.x + kPad, width = at.width - 2 * kPad;
    double y = at.y + kPad + kAxisTitleSize;
    canvas.text({x, y}, fit_text(canvas, each.name, kAxisTitleSize, width, true), kAxisTitleSize, style.text,
                Anchor::start, 0, true);
    y = at.y + kPad + kNameLine;
    canvas.fill_rect({x, y, width, kMeter}, style.grid);
    if (each.busy) canvas.fill_rect({x, y, std::max(1.0, width * busy), kMeter}, style.series.front());
    y += kMeter + kBoxLine - 3;
    canvas.text({x, y}, fit_text(canvas, each.busy_text, kLabelSize, width), kLabelSize,
                each.busy ? style.text : style.muted);
    for (const std::string& line : each.lines) {
      y += kBoxLine;
      canvas.text({x, y}, fit_text(canvas, line, kLabelSize, width), kLabelSize, style.muted);
    }
    canvas.end_item();
  }

  [[nodiscard]] double thickness(const MemoryArrow& arrow) const {
    if (!arrow.bytes || !(most > 0)) return kThinnest;
    return std::max(kThinnest, kThickest * *arrow.bytes / most);
  }

  void head(Vec2 tip, Vec2 direction, double size, Colour colour) const {
    const Vec2 side{-direction.y, direction.x};
    const std::array<Vec2, 3> points = {
        tip, Vec2{tip.x - size * direction.x + size * 0.6 * side.x, tip.y - size * direction.y + size * 0.6 * side.y},
        Vec2{tip.x - size * direction.x - size * 0.6 * side.x, tip.y - size * direction.y - size * 0.6 * side.y}};
    canvas.fill_polygon(points, colour);
  }

  void line(const ArrowLine& arrow, bool known) const {
    const double length = std::hypot(arrow.to.x - arrow.from.x, arrow.to.y - arrow.from.y);
    if (!(length > 0)) return;
    const Vec2 along{(arrow.to.x - arrow.from.x) / length, (arrow.to.y - arrow.from.y) / length};
    const double size = std::min(length / 3, 6 + arrow.thickness);
    const Colour colour = known ? style.muted : style.frame;
    const double before = arrow.way == MemoryArrow::Way::from_sm ? 0 : size,
                 after = arrow.way == MemoryArrow::Way::to_sm ? 0 : size;
    const std::array<Vec2, 2> shaft = {Vec2{arrow.from.x + before * along.x, arrow.from.y + before * along.y},
                                       Vec2{arrow.to.x - after * along.x, arrow.to.y - after * along.y}};
    canvas.polyline(shaft, {colour, arrow.thickness, !known});
    if (before > 0) head(arrow.from, {-along.x, -along.y}, size, colour);
    if (after > 0) head(arrow.to, along, size, colour);
  }

  /// Bold amount and, below it, what it is of.
  void words(const MemoryArrow& arrow, Vec2 at, double width, Anchor anchor) const {
    canvas.text(at, fit_text(canvas, arrow.text, kLabelSize, width, true), kLabelSize,
                arrow.bytes ? style.text : style.muted, anchor, 0, true);
    canvas.text({at.x, at.y + kBoxLine - 2}, fit_text(canvas, arrow.detail, kLabelSize, width), kLabelSize, style.muted,
                anchor);
  }

  void beside(const std::vector<MemoryArrow>& arrows, const Rect& gap) const {
    const double step = gap.height / static_cast<double>(arrows.size());
    for (std::size_t i = 0; i < arrows.size(); ++i) {
      const double top = gap.y + step * static_cast<double>(i), middle = top + step / 2 + kBoxLine / 2 + 4;
      canvas.begin_item(arrows[i].explanation);
      canvas.fill_rect({gap.x, top, gap.width, step}, with_alpha(style.panel, 0));
      words(arrows[i], {gap.x + gap.width / 2, middle - kBoxLine - 8}, gap.width - 8, Anchor::middle);
      line({{gap.x + 4, middle + 8}, {gap.x + gap.width - 4, middle + 8}, arrows[i].way, thickness(arrows[i])},
           arrows[i].bytes.has_value());
      canvas.end_item();
    }
  }

  void below(const std::vector<MemoryArrow>& arrows, const Rect& gap) const {
    const double step = gap.width / static_cast<double>(arrows.size());
    for (std::size_t i = 0; i < arrows.size(); ++i) {
      const double left = gap.x + step * static_cast<double>(i) + 16;
      canvas.begin_item(arrows[i].explanation);
      canvas.fill_rect({left - 12, gap.y, step - 4, gap.height}, with_alpha(style.panel, 0));
      line({{left, gap.y + 3}, {left, gap.y + gap.height - 3}, arrows[i].way, thickness(arrows[i])},
           arrows[i].bytes.has_value());
      words(arrows[i], {left + 16, gap.y + gap.height / 2 - 2}, step - 36, Anchor::start);
      canvas.end_item();
    }
  }
};

}  // namespace

double memory_height(const MemoryModel& model, double width) {
  if (model.boxes.empty()) return 0;
  if (width >= kSideBySide) return std::max(box_height(most_lines(model)), kTallArrows);
  double height = 0;
  for (const MemoryBox& box : model.boxes) height += box_height(box.lines.size());
  for (const auto& between : model.arrows) height += gap_height(between);
  return height + 2;
}

void draw_memory_panel(Canvas& canvas, const Style& style, const MemoryModel& model, const Rect& area) {
  if (model.boxes.empty() || area.width < 60) return;
  const MemoryPainter painter{canvas, style, largest(model)};
  if (area.width >= kSideBySide) {
    const double height = memory_height(model, area.width), gaps = static_cast<double>(model.arrows.size());
    const double width = (area.width - gaps * kArrowRoom) / static_cast<double>(model.boxes.size());
    double x = area.x;
    for (std::size_t i = 0; i < model.boxes.size(); ++i) {
      painter.box(model.boxes[i], {x, area.y, width, height});
      x += width;
      if (i < model.arrows.size()) painter.beside(model.arrows[i], {x, area.y, kArrowRoom, height});
      x += kArrowRoom;
    }
    return;
  }
  double y = area.y + 1;
  for (std::size_t i = 0; i < model.boxes.size(); ++i) {
    const double height = box_height(model.boxes[i].lines.size());
    painter.box(model.boxes[i], {area.x + 1, y, area.width - 2, height});
    y += height;
    if (i < model.arrows.size()) painter.below(model.arrows[i], {area.x, y, area.width, gap_height(model.arrows[i])});
    if (i < model.arrows.size()) y += gap_height(model.arrows[i]);
  }
}

double memory_figure_height(const MemoryModel& model, double width) {
  // One line more than there are notes: one may be broken.
  return memory_height(model, width - 44) + 134 + 16 * static_cast<double>(model.notes.size() + 1);
}

void draw_memory(Canvas& canvas, const MemoryModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const Rect area =
      draw_figure(canvas, style,
                  {model.title,
                   model.subtitle,
                   {{LegendEntry::Kind::bar, style.series.front(), "share of what the unit sustains (darker: busier)",
                     Provenance::measured, Emphasis::none},
                    {LegendEntry::Kind::solid, style.muted, "bytes moved; the thicker the more", Provenance::measured,
                     Emphasis::none}},
                   model.notes});
  draw_memory_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
