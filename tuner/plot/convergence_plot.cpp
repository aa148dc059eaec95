#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/label_placer.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/report/describe.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kRadius = 3.2;
constexpr double kLogFrom = 4;  // Ratio of slowest to fastest from which times are shown on a log scale.

constexpr double kFloorWithin =
    5;  // A floor further below the best than this would squash the samples; the notes name it.

bool shows_floor(const ConvergenceModel& model) {
  return model.floor_ms && !model.best.empty() && *model.floor_ms > 0 &&
         *model.floor_ms * kFloorWithin >= model.best.back().best_ms;
}

/// Where a point lies along the horizontal axis.
double along(const ConvergenceModel& model, const ConvergencePoint& point) {
  return model.against == Against::seconds ? point.seconds : point.evaluations;
}

double end_of(const ConvergenceModel& model) {
  if (model.against == Against::seconds) return std::max(model.seconds, model.samples.back().seconds);
  return std::max({model.evaluations, model.samples.back().evaluations, 1.0});
}

struct Times {
  double low = 1, high = 1;
};

Times times_of(const ConvergenceModel& model) {
  Times times{model.samples.front().best_ms, model.samples.front().best_ms};
  for (const ConvergencePoint& sample : model.samples) {
    times.low = std::min(times.low, sample.best_ms);
    times.high = std::max(times.high, sample.best_ms);
  }
  if (shows_floor(model)) times.low = std::min(times.low, *model.floor_ms);
  return times;
}

Axis time_axis(const ConvergenceModel& model, double pixel_low, double pixel_high) {
  const Times times = times_of(model);
  if (times.high > kLogFrom * times.low) {
    const double span = std::log(times.high / times.low);
    return {Scale::log, times.low * std::exp(-0.14 * span), times.high * std::exp(0.05 * span), pixel_low, pixel_high};
  }
  const double span = std::max(times.high - times.low, 0.02 * times.high);
  return {Scale::linear, std::max(0.0, times.low - 0.14 * span), times.high + 0.06 * span, pixel_low, pixel_high};
}

Panel convergence_panel(const ConvergenceModel& model, const Rect& area) {
  Panel panel;
  panel.x = {Scale::linear, 0, end_of(model) * 1.02, area.x + kPanelLeft, area.x + area.width - 6};
  panel.y = time_axis(model, area.y + area.height - kPanelBottom, area.y + kPanelTop - 8);
  panel.x_title = model.against == Against::evaluations      ? "Configurations evaluated"
                  : model.provenance == Provenance::replayed ? "Recorded time (s)"
                                                             : "Time since the start (s)";
  panel.y_title = panel.y.scale == Scale::log ? "Time (ms, log scale)" : "Time (ms)";
  return panel;
}

/// More samples than this hide each other: what is drawn is how many there are where.
constexpr std::size_t kMarksApart = 1000;
constexpr double kSampleCell = 5;

bool by_density(const ConvergenceModel& model) { return model.samples.size() > kMarksApart; }

/// The samples of a cell of the panel.
struct SampleCell {
  std::size_t count = 0;
  double first = 0, last = 0, low_ms = 0, high_ms = 0;
};

/// The panel in cells of a few pixels, so that drawing and finding room cost what there is to see.
class SampleGrid {
 public:
  SampleGrid(const Panel& panel, const ConvergenceModel& model) : area_(panel.area()) {
    columns_ = static_cast<std::size_t>(std::max(1.0, std::ceil(area_.width / kSampleCell)));
    rows_ = static_cast<std::size_t>(std::max(1.0, std::ceil(area_.height / kSampleCell)));
    cells_.resize(columns_ * rows_);
    for (const ConvergencePoint& sample : model.samples)
      add({panel.x.pixel(along(model, sample)), panel.y.pixel(sample.best_ms)}, sample);
  }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] const SampleCell& at(std::size_t column, std::size_t row) const {
    return cells_[row * columns_ + column];
  }
  [[nodiscard]] std::size_t fullest() const { return fullest_; }
  [[nodiscard]] Rect place(std::size_t column, std::size_t row, std::size_t wide = 1) const {
    return {area_.x + static_cast<double>(column) * kSampleCell, area_.y + static_cast<double>(row) * kSampleCell,
            static_cast<double>(wide) * kSampleCell, kSampleCell};
  }

 private:
  static std::size_t index(double offset, std::size_t count) {
    return static_cast<std::size_t>(std::clamp(offset / kSampleCell, 0.0, static_cast<double>(count - 1)));
  }
  void add(const Vec2& at, const ConvergencePoint& sample) {
    SampleCell& cell = cells_[index(at.y - area_.y, rows_) * columns_ + index(at.x - area_.x, columns_)];
    if (cell.count == 0) cell = {0, sample.evaluations, sample.evaluations, sample.best_ms, sample.best_ms};
    ++cell.count;
    cell.last = sample.evaluations;
    cell.low_ms = std::min(cell.low_ms, sample.best_ms);
    cell.high_ms = std::max(cell.high_ms, sample.best_ms);
    fullest_ = std::max(fullest_, cell.count);
  }

  Rect area_;
  std::size_t columns_ = 1, rows_ = 1, fullest_ = 0;
  std::vector<SampleCell> cells_;
};

std::string cell_text(const SampleCell& cell, const ConvergenceModel& model) {
  if (cell.count == 1)
    return fmt::format("evaluation {:.0f}: {}, {}", cell.first, time_text(cell.low_ms), to_string(model.provenance));
  return fmt::format("{} configurations, evaluations {:.0f} to {:.0f}: {} to {}, {}",
                     grouped(static_cast<double>(cell.count)), cell.first, cell.last, time_text(cell.low_ms),
                     time_text(cell.high_ms), to_string(model.provenance));
}

/// Cells next to each other that hold about as many are drawn as one: a screen full of cells is thousands of
/// rectangles.
constexpr int kStrengths = 4;
constexpr std::size_t kCellsTogether = 24;

void add_cell(SampleCell& together, const SampleCell& cell) {
  together.count += cell.count;
  together.last = std::max(together.last, cell.last);
  together.first = std::min(together.first, cell.first);
  together.low_ms = std::min(together.low_ms, cell.low_ms);
  together.high_ms = std::max(together.high_ms, cell.high_ms);
}

void draw_density(Canvas& canvas, const Style& style, const ConvergenceModel& model, const SampleGrid& grid) {
  const double most = std::log1p(static_cast<double>(grid.fullest()));
  // 1 to kStrengths; 0 where there is none.
  const auto strength = [&](std::size_t column, std::size_t row) {
    const auto count = static_cast<double>(grid.at(column, row).count);
    return static_cast<int>(std::ceil(kStrengths * std::log1p(count) / most - 1e-9));
  };
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    for (std::size_t column = 0; column < grid.columns();) {
      const std::size_t from = column;
      const int level = strength(from, row);
      SampleCell together = grid.at(from, row);
      for (++column; column < grid.columns() && column - from < kCellsTogether && strength(column, row) == level;
           ++column)
        add_cell(together, grid.at(column, row));
      if (level == 0) continue;
      canvas.begin_item(cell_text(together, model));
      canvas.fill_rect(grid.place(from, row, column - from),
                       with_alpha(style.series[4], static_cast<std::uint8_t>(60 + 195 * level / kStrengths)));
      canvas.end_item();
    }
  }
}

void draw_samples(Canvas& canvas, const Style& style, const Panel& panel, const ConvergenceModel& model) {
  std::set<std::pair<long, long>> drawn;
  for (const ConvergencePoint& sample : model.samples) {
    const Vec2 at{panel.x.pixel(along(model, sample)), panel.y.pixel(sample.best_ms)};
    if (!drawn.emplace(std::lround(at.x * 2), std::lround(at.y * 2)).second) continue;
    canvas.begin_item(fmt::format("evaluation {:.0f}: {}, {}", sample.evaluations, time_text(sample.best_ms),
                                  to_string(model.provenance)));
    draw_mark(canvas, style, at, kRadius, with_alpha(style.series[4], 255), model.provenance, Emphasis::none);
    canvas.end_item();
  }
}

/// Room for labels: where no sample is, or failing that only clear of lines and other labels.
struct LabelRoom {
  LabelPlacer between_samples, over_samples;
  void add(const Segment& line) {
    between_samples.add(line);
    over_samples.add(line);
  }
  void add(const TurnedBox& box) {
    between_samples.add(box);
    over_samples.add(box);
  }
};

/// One box for neighbours in a row: a hundred thousand samples are as many boxes as a few thousand are.
LabelRoom label_room(const Panel& panel, const SampleGrid& grid) {
  LabelRoom room{LabelPlacer(panel.area()), LabelPlacer(panel.area())};
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    for (std::size_t column = 0; column < grid.columns(); ++column) {
      const std::size_t from = column;
      while (column < grid.columns() && grid.at(column, row).count > 0) ++column;
      if (column == from) continue;
      const Rect taken = grid.place(from, row, column - from);
      room.between_samples.add(TurnedBox{{taken.x + taken.width / 2, taken.y + taken.height / 2},
                                         taken.width + 2 * kRadius,
                                         taken.height + 2 * kRadius,
                                         0});
    }
  }
  return room;
}

/// Where a label stands over samples it stays legible on a patch of the panel's colour.
void draw_patch(Canvas& canvas, const Style& style, const TurnedBox& box) {
  canvas.fill_rect({box.centre.x - box.width / 2, box.centre.y - box.height / 2, box.width, box.height},
                   with_alpha(style.panel, 225));
}

void draw_curve(Canvas& canvas, const std::vector<Vec2>& points, const Stroke& stroke, LabelRoom& room) {
  if (points.size() < 2) return;
  canvas.polyline(points, stroke);
  for (std::size_t i = 1; i < points.size(); ++i) room.add(Segment{points[i - 1], points[i]});
}

std::vector<Vec2> steps_of(const Panel& panel, const ConvergenceModel& model) {
  std::vector<Vec2> points;
  for (const ConvergencePoint& best : model.best) {
    const Vec2 at{panel.x.pixel(along(model, best)), panel.y.pixel(best.best_ms)};
    if (!points.empty()) points.push_back({at.x, points.back().y});
    points.push_back(at);
  }
  if (!points.empty())
    points.push_back({panel.x.pixel(std::max(end_of(model), along(model, model.best.back()))), points.back().y});
  return points;
}

Segment draw_floor(Canvas& canvas, const Style& style, const Panel& panel, double floor_ms, LabelRoom& room) {
  const Rect area = panel.area();
  const double y = panel.y.pixel(floor_ms);
  const Segment line{{area.x, y}, {area.x + area.width, y}};
  canvas.polyline(std::array<Vec2, 2>{line.from, line.to}, {style.device, 1.5, true});
  room.add(line);
  return line;
}

void label_floor(Canvas& canvas, const Style& style, const Panel& panel, double floor_ms, const Segment& line,
                 LabelRoom& room) {
  const Rect area = panel.area();
  const std::string label = fit_text(
      canvas, "floor " + time_text(floor_ms) + ": compulsory bytes at the copy bandwidth", kLabelSize, area.width - 12);
  const Vec2 size{canvas.text_width(label, kLabelSize) + 6, kLabelSize + 2};
  auto box = room.between_samples.along(line, size, 3, 0.8);
  const bool patch = !box;
  if (patch) box = room.over_samples.along(line, size, 3, 0.8);
  if (patch && box) draw_patch(canvas, style, *box);
  if (box) draw_label(canvas, label, box->centre, 0, kLabelSize, style.device);
}

void draw_best_callout(Canvas& canvas, const Style& style, const Panel& panel, const ConvergenceModel& model,
                       LabelRoom& room) {
  const ConvergencePoint& best = model.best.back();
  const Vec2 at{panel.x.pixel(along(model, best)), panel.y.pixel(best.best_ms)};
  draw_mark(canvas, style, at, kRadius + 1, style.series[0], model.provenance, Emphasis::best);
  room.add(TurnedBox{at, 6 * kRadius, 6 * kRadius, 0});
  const std::string text = fmt::format("best in the sweep {}\n{}", time_text(best.best_ms),
                                       model.against == Against::seconds ? fmt::format("after {:.3g} s", best.seconds)
                                                                         : fmt::format("#{}", best.sequence));
  const Vec2 size = callout_size(canvas, text);
  auto box = room.between_samples.near(at, size, 9, 110);
  const bool patch = !box;
  if (patch) box = room.over_samples.near(at, size, 9);
  if (!box) return;
  if (patch) draw_patch(canvas, style, *box);
  draw_callout(canvas, text, {box->centre.x - size.x / 2, box->centre.y - size.y / 2, size.x, size.y}, at, 2 * kRadius,
               style.text);
  room.add(*box);
  room.add(Segment{at, box->centre});
}

std::vector<LegendEntry> convergence_legend(const Style& style, const ConvergenceModel& model) {
  const std::string how = model.provenance == Provenance::replayed ? " (replayed)" : " (measured)";
  const bool density = by_density(model);
  std::vector<LegendEntry> entries = {
      {density ? LegendEntry::Kind::bar : LegendEntry::Kind::mark, style.series[4],
       density ? "configurations" + how + ", the stronger the more" : "configuration" + how, model.provenance,
       Emphasis::none},
      {LegendEntry::Kind::solid, style.series[0], "best so far", model.provenance, Emphasis::none},
      {LegendEntry::Kind::mark, style.series[0], "best in the sweep", model.provenance, Emphasis::best}};
  if (model.expected_random.size() > 1)
    entries.push_back(
        {LegendEntry::Kind::dashed, style.series[2], "random search, expected", model.provenance, Emphasis::none});
  if (shows_floor(model))
    entries.push_back({LegendEntry::Kind::dashed, style.device, "floor " + time_text(*model.floor_ms), model.provenance,
                       Emphasis::none});
  return entries;
}

}  // namespace

void draw_convergence(Canvas& canvas, const ConvergenceModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const Rect area =
      draw_figure(canvas, style, {model.title, model.subtitle, convergence_legend(style, model), model.notes});
  if (model.samples.empty() || area.width <= kPanelLeft + 6 || area.height <= kPanelBottom + kPanelTop) return;
  const Panel panel = convergence_panel(model, area);
  draw_panel(canvas, style, panel);
  const SampleGrid grid(panel, model);
  LabelRoom room = label_room(panel, grid);
  if (by_density(model)) {
    canvas.push_clip(panel.area());
    draw_density(canvas, style, model, grid);
    canvas.pop_clip();
  } else {
    draw_samples(canvas, style, panel, model);
  }
  std::vector<Vec2> random;
  for (const ConvergencePoint& point : model.expected_random)
    random.push_back({panel.x.pixel(along(model, point)), panel.y.pixel(point.best_ms)});
  canvas.push_clip(panel.area());
  draw_curve(canvas, random, {style.series[2], 1.8, true}, room);
  draw_curve(canvas, steps_of(panel, model), {style.series[0], 2.2, false}, room);
  canvas.pop_clip();
  std::optional<Segment> floor;
  if (shows_floor(model)) floor = draw_floor(canvas, style, panel, *model.floor_ms, room);
  draw_best_callout(canvas, style, panel, model, room);
  if (floor) label_floor(canvas, style, panel, *model.floor_ms, *floor, room);
}

}  // namespace fuseline::tuner
