// Two configurations side by side, differences highlighted.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/why_plots.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kLine = 19, kHead = 26, kGap = 8, kChange = 54, kNarrow = 300;

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

std::string change_text(double change) {
  const double percent = 100 * change;
  return std::abs(percent) >= 1000 ? fmt::format("x {:.3g}", change + 1)
                                   : fmt::format("{:+.{}f} %", percent, std::abs(percent) < 10 ? 1 : 0);
}

/// Columns: what, a, b, and the change where there is room.
struct Columns {
  double label = 0, a = 0, b = 0, change = 0;  ///< Left edges; change is a right edge.
  double label_width = 0, value_width = 0;
  bool changes = false;
};

Columns columns_of(const Rect& area) {
  Columns columns;
  columns.changes = area.width >= kNarrow;
  const double room = area.width - (columns.changes ? kChange : 0);
  columns.label_width = room * 0.38;
  columns.value_width = room * 0.31;
  columns.label = area.x;
  columns.a = area.x + columns.label_width;
  columns.b = columns.a + columns.value_width;
  columns.change = area.x + area.width - 4;
  return columns;
}

struct ComparisonPainter {
  Canvas& canvas;
  const Style& style;
  Columns columns;

  void cell(const std::string& text, double x, double width, double baseline, Colour colour, bool bold = false) const {
    canvas.text({x, baseline}, fit_text(canvas, text, kLabelSize, width - kGap, bold), kLabelSize, colour,
                Anchor::start, 0, bold);
  }

  void line(const ComparisonLine& each, const Rect& box) const {
    const double baseline = box.y + kLine / 2 + kLabelSize * 0.36;
    const Colour good = style.series[1];
    canvas.begin_item(fmt::format("{}: {} and {}{}", each.label, each.a, each.b,
                                  each.explanation.empty() ? "" : "\n\n" + each.explanation));
    canvas.fill_rect(box, with_alpha(style.series.front(), each.differs ? 34 : 0));
    cell(each.label, columns.label + 4, columns.label_width - 4, baseline, style.muted);
    cell(each.a, columns.a, columns.value_width, baseline,
         each.better < 0 ? good
         : each.differs  ? style.text
                         : style.muted,
         each.better < 0);
    cell(each.b, columns.b, columns.value_width, baseline,
         each.better > 0 ? good
         : each.differs  ? style.text
                         : style.muted,
         each.better > 0);
    if (columns.changes && each.differs && each.change) {
      canvas.text({columns.change, baseline}, change_text(*each.change), kLabelSize,
                  each.better > 0   ? good
                  : each.better < 0 ? style.target
                                    : style.muted,
                  Anchor::end);
    }
    canvas.end_item();
  }
};

}  // namespace

double comparison_height(const ComparisonModel& model) {
  return kHead + kLine * static_cast<double>(model.lines.size()) + kHead * static_cast<double>(groups_in(model.lines)) +
         4;
}

void draw_comparison_panel(Canvas& canvas, const Style& style, const ComparisonModel& model, const Rect& area) {
  if (area.width < 60) return;
  const ComparisonPainter painter{canvas, style, columns_of(area)};
  double y = area.y;
  painter.cell(model.a, painter.columns.a, painter.columns.value_width, y + 15, style.text, true);
  painter.cell(model.b, painter.columns.b, painter.columns.value_width, y + 15, style.text, true);
  if (painter.columns.changes)
    canvas.text({painter.columns.change, y + 15}, "change", kLabelSize, style.muted, Anchor::end);
  y += kHead;
  std::optional<ComparisonLine::Group> group;
  for (const ComparisonLine& line : model.lines) {
    if (group != line.group) {
      group = line.group;
      canvas.text({area.x + 4, y + kHead - 9}, title_of(line.group), kNoteSize, style.muted, Anchor::start, 0, true);
      y += kHead;
      canvas.polyline(std::array<Vec2, 2>{Vec2{area.x, y - 3}, Vec2{area.x + area.width, y - 3}},
                      {style.grid, 1, false});
    }
    painter.line(line, {area.x, y, area.width, kLine});
    y += kLine;
  }
}

double comparison_figure_height(const ComparisonModel& model) { return comparison_height(model) + 150; }

void draw_comparison(Canvas& canvas, const ComparisonModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const Rect area = draw_figure(canvas, style, {model.title, model.subtitle, {}, model.notes});
  draw_comparison_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
