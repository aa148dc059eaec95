// The distribution beside the roofline: all points of a run share one intensity, so here they are spread by their share
// of the copy bandwidth.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "tuner/plot/label_placer.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kStripRadius = 3.4;

/// A mark with its place.
struct Placed {
  const RooflineMark* mark = nullptr;
  Vec2 at;
  double reach = kStripRadius;  ///< Radius of all that is drawn of it.
};

double reach_of(const RooflineMark& mark) {
  return mark.best ? 2.1 * kStripRadius : mark.tied ? kStripRadius + 2.8 : kStripRadius;
}

constexpr double kFarAboveCopy = 1.6;  // An interval may reach beyond what can be; it is cut there.
constexpr double kFarFromCopy = 40;    // Per cent; where the best is below, the copy itself is not on the plot.

constexpr double kStripRow = 2 * 2.1 * kStripRadius + 0.6;  // Marks further apart than this in y touch nothing.

struct StripColumn {
  double centre = 0, half_width = 0;
  std::vector<Placed> taken;
  /// Positions in `taken`, by row of kStripRow pixels: of a hundred thousand marks few are near another.
  std::map<long, std::vector<std::size_t>> rows = {};
  std::set<long> full = {};  ///< Pixels of y at which nothing more has room.

  void take(const Placed& placed) {
    rows[std::lround(placed.at.y / kStripRow)].push_back(taken.size());
    taken.push_back(placed);
  }
  [[nodiscard]] bool touches(Vec2 at, double reach) const {
    const long row = std::lround(at.y / kStripRow);
    for (auto near = rows.lower_bound(row - 1); near != rows.end() && near->first <= row + 1; ++near) {
      for (const std::size_t i : near->second) {
        const Placed& other = taken[i];
        if (std::hypot(other.at.x - at.x, other.at.y - at.y) < reach + other.reach + 0.6) return true;
      }
    }
    return false;
  }
};

/// Offsets from the middle: 0, +d, -d, +2d, ... until the mark touches none of its column; the edge where the column is
/// full.
double free_x(StripColumn& column, double y, double reach) {
  const int steps = static_cast<int>(column.half_width / 2.0);
  for (int step = 0; step <= 2 * steps && column.full.count(std::lround(y)) == 0; ++step) {
    const int away = (step + 1) / 2;
    const double x = column.centre + (step % 2 == 0 ? 1 : -1) * away * 2.0;
    if (!column.touches({x, y}, reach)) return x;
  }
  column.full.insert(std::lround(y));
  return column.centre + (static_cast<int>(column.taken.size()) % 7 - 3) * column.half_width / 4;
}

std::vector<StripColumn> columns_of(const Panel& panel, std::size_t count) {
  std::vector<StripColumn> columns(std::max<std::size_t>(1, count));
  const Rect area = panel.area();
  const double width = area.width / static_cast<double>(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i)
    columns[i] = {
        area.x + width * (static_cast<double>(i) + 0.5), std::max(2.0, width / 2 - 2 * kStripRadius), {}, {}, {}};
  return columns;
}

void draw_copy_line(Canvas& canvas, const Style& style, const Panel& panel, const RooflineModel& model,
                    LabelPlacer& placer) {
  const Rect area = panel.area();
  const double y = panel.y.pixel(100);
  const Segment line{{area.x, y}, {area.x + area.width, y}};
  const bool there = model.view == RooflineView::target;
  const Colour colour = there ? style.target : style.device;
  canvas.polyline(std::array<Vec2, 2>{line.from, line.to}, {colour, 1.8, there});
  if (there) return;  // The axis names it, and bars stand where a label would.
  placer.add(line);
  const std::string label =
      fit_text(canvas, fmt::format("{} {} = 100 %", model.copy_name, bandwidth_text(model.copy_gbps)), kLabelSize,
               area.width - 12);
  const Vec2 size{canvas.text_width(label, kLabelSize) + 6, kLabelSize + 2};
  if (const auto box = placer.along(line, size, 4, 0.5)) draw_label(canvas, label, box->centre, 0, kLabelSize, colour);
}

}  // namespace

ValueRange of_copy_range(const std::vector<RooflineMark>& marks) {
  std::vector<double> shares;
  for (const RooflineMark& mark : marks) {
    if (mark.of_copy > 0) shares.push_back(100 * mark.of_copy);
  }
  if (shares.empty()) return {0, 110};
  std::sort(shares.begin(), shares.end());
  const double best = shares.back(), high = std::max(110.0, std::ceil(best / 10 + 0.5) * 10);
  if (best < kFarFromCopy) return {0, 1.25 * best};
  // Where most are close to the best, that is where the interest is; the roofline beside shows the rest.
  double low = std::max(0.0, std::floor(best / 10) * 10 - 50);
  const auto below = static_cast<std::size_t>(std::lower_bound(shares.begin(), shares.end(), low) - shares.begin());
  if (2 * below > shares.size()) low = 0;
  const double lowest = *std::lower_bound(shares.begin(), shares.end(), low);
  low = std::clamp(std::floor(lowest / 10) * 10 - 10, low, 80.0);
  return {low, high};
}

namespace {

/// In the order of projected times, the first at the left; a bar is the interval.
void draw_target_strip(Canvas& canvas, const Style& style, const RooflineModel& model, const Rect& area) {
  const auto series = series_positions(model.marks);
  std::vector<const RooflineMark*> order;
  ValueRange shares{1, 0};
  for (auto mark = model.marks.rbegin(); mark != model.marks.rend(); ++mark) {
    if (!mark->evaluated || !(mark->of_copy > 0)) continue;
    order.push_back(&*mark);
    shares = {std::min(shares.low, mark->of_copy_low), std::max(shares.high, mark->of_copy_high)};
  }
  const Panel panel = target_strip_panel(shares, order.size(), model.copy_name, area);
  if (panel.area().height <= 0) return;
  draw_panel(canvas, style, panel);
  LabelPlacer placer(panel.area());
  draw_copy_line(canvas, style, panel, model, placer);
  double last = -1;
  for (std::size_t i = order.size(); i-- > 0;) {
    const RooflineMark& mark = *order[i];
    const Vec2 at{panel.x.pixel(static_cast<double>(i + 1)), panel.y.pixel(100 * mark.of_copy)};
    // More than one a pixel show nothing more.
    if (last >= 0 && last - at.x < 1 && !mark.best) continue;
    last = at.x;
    const Colour colour = series_colour(style, series.at(mark.series));
    canvas.begin_item(mark.label);
    draw_interval(canvas, panel, at.x, {mark.of_copy_low, mark.of_copy_high}, colour);
    draw_mark(canvas, style, at, 0.6 * kStripRadius, colour, mark.provenance,
              mark.best   ? Emphasis::best
              : mark.tied ? Emphasis::tied
                          : Emphasis::none);
    canvas.end_item();
  }
}

}  // namespace

Panel target_strip_panel(const ValueRange& shares, std::size_t count, const std::string& copy_name, const Rect& area) {
  const double high = std::clamp(shares.high + 0.02, 1.05, kFarAboveCopy),
               low = std::clamp(std::floor(10 * shares.low - 0.2) / 10, 0.0, 0.9);
  // Whole marks at both ends.
  const double places = static_cast<double>(count + 1), side = 0.04 * places;
  Panel panel;
  panel.x = {Scale::linear, -side, places + side, area.x + kPanelLeft, area.x + area.width};
  panel.y = {Scale::linear, 100 * low, 100 * high, area.y + area.height - kPanelBottom, area.y + kPanelTop};
  panel.y_title = "% of the " + copy_name;
  panel.heading = "Order there, with intervals";
  panel.x_title = fmt::format("place of {}, by projected time", grouped(static_cast<double>(count)));
  return panel;
}

void draw_interval(Canvas& canvas, const Panel& panel, double x, const ValueRange& of_copy, Colour colour) {
  const auto y = [&](double share) { return panel.y.pixel(std::clamp(100 * share, panel.y.low, panel.y.high)); };
  canvas.polyline(std::array<Vec2, 2>{Vec2{x, y(of_copy.low)}, Vec2{x, y(of_copy.high)}},
                  {with_alpha(colour, 110), 1.4, false});
}

void draw_copy_strip(Canvas& canvas, const Style& style, const RooflineModel& model, const Rect& area) {
  if (model.view == RooflineView::target) return draw_target_strip(canvas, style, model, area);
  const ValueRange range = of_copy_range(model.marks);
  const auto series = series_positions(model.marks);
  const auto hidden = std::count_if(model.marks.begin(), model.marks.end(), [&](const RooflineMark& mark) {
    return mark.of_copy > 0 && 100 * mark.of_copy < range.low;
  });
  Panel panel;
  panel.x = {Scale::linear, 0, 1, area.x + kPanelLeft, area.x + area.width};
  panel.y = {Scale::linear, range.low, range.high, area.y + area.height - kPanelBottom, area.y + kPanelTop};
  panel.x_ticks = false;
  panel.y_title = "% of the copy bandwidth";
  panel.heading = "Share of copy";
  panel.x_title = hidden > 0
                      ? fmt::format("by variant; {} below {:g} %", grouped(static_cast<double>(hidden)), range.low)
                      : "by variant";
  if (panel.area().height <= 0) return;
  draw_panel(canvas, style, panel);
  LabelPlacer placer(panel.area());
  if (range.high >= 100) draw_copy_line(canvas, style, panel, model, placer);
  std::vector<StripColumn> columns = columns_of(panel, series.size());
  // The best are placed first, so that they stand in the middle of their column.
  for (auto mark = model.marks.rbegin(); mark != model.marks.rend(); ++mark) {
    if (!(mark->of_copy > 0) || 100 * mark->of_copy < range.low) continue;
    StripColumn& column = columns[series.at(mark->series)];
    const double y = panel.y.pixel(100 * mark->of_copy), reach = reach_of(*mark);
    column.take({&*mark, {free_x(column, y, reach), y}, reach});
  }
  for (const StripColumn& column : columns) {
    // Drawn last, the best is on top.
    for (auto placed = column.taken.rbegin(); placed != column.taken.rend(); ++placed) {
      const RooflineMark& mark = *placed->mark;
      canvas.begin_item(mark.label);
      draw_mark(canvas, style, placed->at, kStripRadius, series_colour(style, series.at(mark.series)), mark.provenance,
                mark.best   ? Emphasis::best
                : mark.tied ? Emphasis::tied
                            : Emphasis::none);
      canvas.end_item();
    }
  }
}

}  // namespace fuseline::tuner
