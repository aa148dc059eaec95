// Occupancy against each need of a block, a panel each: side by side where there is room, else one below the other.
#include <fmt/format.h>

#include <algorithm>

#include "tuner/plot/axis.hpp"
#include "tuner/plot/figure.hpp"
#include "tuner/plot/hardware_plots.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kThreeBeside = 820, kPanelHigh = 250, kBetweenPanels = 18, kOwnMark = 4.2, kRight = 20;

bool beside(double width) { return width >= kThreeBeside; }

struct OccupancyPainter {
  Canvas& canvas;
  const Style& style;
  Provenance provenance;

  [[nodiscard]] Colour colour(const OccupancyCurve& curve) const {
    return curve.target ? style.target : style.series.front();
  }

  void curve(const OccupancyPanel& panel, const OccupancyCurve& each, const Panel& frame) const {
    std::vector<Vec2> points;
    for (const OccupancyStep& step : each.steps) {
      const double y = frame.y.pixel(100 * step.residency.occupancy);
      // A step begins where the one before has ended: nothing lies between two numbers of registers.
      const double from = points.empty() ? frame.x.pixel(static_cast<double>(step.from) / panel.unit) : points.back().x;
      const double to = frame.x.pixel(static_cast<double>(step.to) / panel.unit);
      // Where the limiter alone changed, the line goes on.
      if (points.empty() || points.back().y != y) points.insert(points.end(), {{from, y}, {to, y}});
      points.back().x = to;
    }
    canvas.polyline(points, {colour(each), 1.8, each.target});
  }

  /// Every step answers the pointer with its values.
  void steps(const OccupancyPanel& panel, const OccupancyCurve& each, const Panel& frame) const {
    for (const OccupancyStep& step : each.steps) {
      const Residency& found = step.residency;
      const double left = frame.x.pixel(static_cast<double>(step.from) / panel.unit),
                   right = frame.x.pixel(static_cast<double>(step.to) / panel.unit);
      canvas.begin_item(fmt::format("{}, {} to {} {}: {}, {} blocks on an SM{}{}", each.name, step.from, step.to,
                                    panel.need == BlockNeed::shared_memory ? "bytes" : to_string(panel.need),
                                    percent_text(found.occupancy), found.blocks,
                                    found.limiter().empty() ? "" : ", limited by ", found.limiter()));
      canvas.fill_rect({left, frame.y.pixel(100 * found.occupancy) - 4, std::max(3.0, right - left), 8},
                       with_alpha(style.panel, 0));
      canvas.end_item();
    }
  }

  void own(const OccupancyPanel& panel, const Panel& frame) const {
    const double x = frame.x.pixel(panel.own);
    canvas.polyline(std::vector<Vec2>{{x, frame.y.pixel_low}, {x, frame.y.pixel_high}}, {style.muted, 1, true});
    for (const OccupancyCurve& each : panel.curves) {
      canvas.begin_item(fmt::format("This configuration on {}: {}", each.name, percent_text(each.own)));
      draw_mark(canvas, style, {x, frame.y.pixel(100 * each.own)}, kOwnMark, colour(each),
                each.target ? Provenance::projected : provenance, Emphasis::none);
      canvas.end_item();
    }
  }

  void panel(const OccupancyPanel& each, const Rect& area) const {
    double high = each.own;
    for (const OccupancyCurve& curve : each.curves)
      high = std::max(high, static_cast<double>(curve.steps.back().to) / each.unit);
    const Panel frame{{Scale::linear, -0.02 * high, high, area.x + kPanelLeft, area.x + area.width - kRight},
                      {Scale::linear, 0, 105, area.y + area.height - kPanelBottom, area.y + kPanelTop},
                      each.x_title,
                      "occupancy (%)",
                      each.heading,
                      true};
    draw_panel(canvas, style, frame);
    canvas.push_clip(frame.area());
    for (const OccupancyCurve& curve : each.curves) this->curve(each, curve, frame), steps(each, curve, frame);
    own(each, frame);
    canvas.pop_clip();
  }
};

}  // namespace

double occupancy_height(const OccupancyModel& model, double width) {
  if (model.panels.empty()) return 0;
  const double rows = beside(width) ? 1 : static_cast<double>(model.panels.size());
  return rows * (kPanelHigh + kBetweenPanels) - kBetweenPanels;
}

void draw_occupancy_panel(Canvas& canvas, const Style& style, const OccupancyModel& model, const Rect& area) {
  if (model.panels.empty() || area.width < kPanelLeft + 40) return;
  const OccupancyPainter painter{canvas, style, model.provenance};
  const double count = static_cast<double>(model.panels.size());
  const double width = beside(area.width) ? (area.width - (count - 1) * kBetweenPanels) / count : area.width;
  for (std::size_t i = 0; i < model.panels.size(); ++i) {
    const double at = static_cast<double>(i);
    painter.panel(model.panels[i], beside(area.width)
                                       ? Rect{area.x + at * (width + kBetweenPanels), area.y, width, kPanelHigh}
                                       : Rect{area.x, area.y + at * (kPanelHigh + kBetweenPanels), width, kPanelHigh});
  }
}

double occupancy_figure_height(const OccupancyModel& model, double width) {
  // One line more than there are notes: one may be broken.
  return occupancy_height(model, width - 44) + 134 + 16 * static_cast<double>(model.notes.size() + 1);
}

void draw_occupancy(Canvas& canvas, const OccupancyModel& model, Theme theme) {
  const Style& style = style_of(theme);
  std::vector<LegendEntry> legend;
  if (!model.panels.empty()) {
    for (const OccupancyCurve& curve : model.panels.front().curves) {
      const Colour colour = curve.target ? style.target : style.series.front();
      legend.push_back({curve.target ? LegendEntry::Kind::dashed : LegendEntry::Kind::solid, colour, curve.name,
                        Provenance::measured, Emphasis::none});
      legend.push_back({LegendEntry::Kind::mark, colour, "this configuration on " + curve.name,
                        curve.target ? Provenance::projected : model.provenance, Emphasis::none});
    }
  }
  const Rect area = draw_figure(canvas, style, {model.title, model.subtitle, legend, model.notes});
  draw_occupancy_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
