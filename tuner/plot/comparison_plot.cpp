// Configurations side by side, the baseline first, differences highlighted.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/why_plots.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kLine = 19, kHead = 26, kGap = 8, kBetweenParts = 18;
constexpr double kValue = 128;  ///< A value and its change need so much.

std::string_view title_of(ComparisonLine::Group group) {
  switch (group) {
    case ComparisonLine::Group::parameters:
      return "PARAMETERS";
    case ComparisonLine::Group::result:
      return "RESULT";
    case ComparisonLine::Group::resources:
      return "RESOURCES";
    case ComparisonLine::Group::counters:
      return "COUNTERS";
  }
  return "";
}

std::size_t groups_in(const std::vector<ComparisonLine>& lines) {
  std::size_t groups = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) groups += i == 0 || lines[i].group != lines[i - 1].group ? 1 : 0;
  return groups;
}

/// Which of the model's columns stand beside one another: the baseline, and a part of the others.
struct Part {
  std::vector<std::size_t> shown;
};

struct Columns {
  double label = 0, value = 0;  ///< Widths.
  std::size_t beside = 1;       ///< As many as have room, the baseline among them.
};

Columns columns_of(double width, std::size_t count) {
  Columns columns;
  columns.label = std::clamp(0.3 * width, 80.0, 200.0);
  const auto room = static_cast<std::size_t>(std::max(0.0, (width - columns.label) / kValue));
  columns.beside = std::clamp<std::size_t>(room, std::min<std::size_t>(2, count), std::max<std::size_t>(1, count));
  columns.value = (width - columns.label) / static_cast<double>(columns.beside);
  return columns;
}

std::vector<Part> parts_of(const Columns& columns, std::size_t count) {
  std::vector<Part> parts;
  for (std::size_t next = 1; next < count || parts.empty();) {
    Part part{{0}};
    while (part.shown.size() < columns.beside && next < count) part.shown.push_back(next++);
    parts.push_back(std::move(part));
  }
  return parts;
}

struct ComparisonPainter {
  Canvas& canvas;
  const Style& style;
  Columns columns;
  double left = 0;

  [[nodiscard]] double column(std::size_t place) const {
    return left + columns.label + static_cast<double>(place) * columns.value;
  }
  void text(const std::string& text, double x, double width, double baseline, Colour colour, bool bold = false) const {
    canvas.text({x, baseline}, fit_text(canvas, text, kLabelSize, width - kGap, bold), kLabelSize, colour,
                Anchor::start, 0, bold);
  }

  /// A value, and at the right how far it is from the baseline's where there is room for both.
  void cell(const ComparisonLine& line, std::size_t which, std::size_t place, double baseline) const {
    const ComparisonCell& each = line.cells[which];
    const Colour good = style.series[1];
    const double x = column(place);
    double room = columns.value;
    if (line.differs && each.change && which != 0) {
      const std::string change = change_text(*each.change);
      const double wide = canvas.text_width(change, kNoteSize) + kGap;
      if (canvas.text_width(each.text, kLabelSize, each.better > 0) + wide + kGap <= columns.value) {
        canvas.text({x + columns.value - kGap, baseline}, change, kNoteSize,
                    each.better > 0   ? good
                    : each.better < 0 ? style.target
                                      : style.muted,
                    Anchor::end);
        room -= wide;
      }
    }
    text(each.text, x, room, baseline,
         each.better > 0 ? good
         : line.differs  ? style.text
                         : style.muted,
         each.better > 0);
  }

  void line(const ComparisonModel& model, const ComparisonLine& each, const Part& part, const Rect& box) const {
    const double baseline = box.y + kLine / 2 + kLabelSize * 0.36;
    std::string said = each.label;
    for (const std::size_t which : part.shown) {
      const ComparisonCell& of = each.cells[which];
      said += fmt::format("\n{}: {}{}", model.columns[which], of.text,
                          of.change && which != 0 ? "  " + change_text(*of.change) : "");
    }
    canvas.begin_item(said + (each.explanation.empty() ? "" : "\n\n" + each.explanation));
    canvas.fill_rect(box, with_alpha(style.series.front(), each.differs ? 34 : 0));
    text(each.label, left + 4, columns.label - 4, baseline, style.muted);
    for (std::size_t place = 0; place < part.shown.size(); ++place) cell(each, part.shown[place], place, baseline);
    canvas.end_item();
  }
};

double part_height(const ComparisonModel& model) {
  return kHead + kLine * static_cast<double>(model.lines.size()) + kHead * static_cast<double>(groups_in(model.lines)) +
         4;
}

void draw_part(const ComparisonPainter& painter, const ComparisonModel& model, const Part& part, const Rect& area) {
  double y = area.y;
  for (std::size_t place = 0; place < part.shown.size(); ++place)
    painter.text(model.columns[part.shown[place]], painter.column(place), painter.columns.value, y + 15,
                 painter.style.text, true);
  y += kHead;
  std::optional<ComparisonLine::Group> group;
  for (const ComparisonLine& line : model.lines) {
    if (group != line.group) {
      group = line.group;
      painter.canvas.text({area.x + 4, y + kHead - 9}, title_of(line.group), kNoteSize, painter.style.muted,
                          Anchor::start, 0, true);
      y += kHead;
      painter.canvas.polyline(std::array<Vec2, 2>{Vec2{area.x, y - 3}, Vec2{area.x + area.width, y - 3}},
                              {painter.style.grid, 1, false});
    }
    painter.line(model, line, part, {area.x, y, area.width, kLine});
    y += kLine;
  }
}

}  // namespace

std::string change_text(double change) {
  const double percent = 100 * change;
  return std::abs(percent) >= 1000 ? fmt::format("x {:.3g}", change + 1)
                                   : fmt::format("{:+.{}f} %", percent, std::abs(percent) < 10 ? 1 : 0);
}

std::size_t comparison_columns(const ComparisonModel& model, double width) {
  const std::size_t count = model.columns.size();
  const auto parts = parts_of(columns_of(width, count), count);
  return parts.empty() ? 0 : parts.front().shown.size();
}

double comparison_height(const ComparisonModel& model, double width) {
  const std::size_t count = model.columns.size();
  const auto parts = static_cast<double>(parts_of(columns_of(width, count), count).size());
  return parts * part_height(model) + (parts - 1) * kBetweenParts;
}

void draw_comparison_panel(Canvas& canvas, const Style& style, const ComparisonModel& model, const Rect& area) {
  if (area.width < 60 || model.columns.empty()) return;
  const std::size_t count = model.columns.size();
  const ComparisonPainter painter{canvas, style, columns_of(area.width, count), area.x};
  double y = area.y;
  for (const Part& part : parts_of(painter.columns, count)) {
    draw_part(painter, model, part, {area.x, y, area.width, part_height(model)});
    y += part_height(model) + kBetweenParts;
  }
}

double comparison_figure_height(const ComparisonModel& model, double width) {
  constexpr double kMargins = 48;
  return comparison_height(model, width - kMargins) + 150;
}

void draw_comparison(Canvas& canvas, const ComparisonModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const Rect area = draw_figure(canvas, style, {model.title, model.subtitle, {}, model.notes});
  draw_comparison_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
