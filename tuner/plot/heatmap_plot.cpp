// The best time of every pair of values of two parameters.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tuner/plot/time_scale.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kLongestLabel = 130, kTitleRoom = 20, kXLabels = 42, kCellLine = 15;
constexpr double kLargestCell = 150, kHighestCell = 76, kFileCell = 64;

std::string counts_text(const HeatCell& cell) {
  return cell.ok == cell.configurations ? fmt::format("of {}", cell.ok)
                                        : fmt::format("{} of {}", cell.ok, cell.configurations);
}

std::string cell_tooltip(const HeatmapModel& model, const HeatCell& cell, std::size_t column, std::size_t row) {
  std::string text =
      fmt::format("{}={} {}={}\n", model.x.name, model.x.values[column], model.y.name, model.y.values[row]);
  if (cell.ok > 0) {
    text += fmt::format("best {}, #{}", time_text(cell.best_ms), cell.best_sequence);
    text += cell.of_best
                ? ": the run's best\n"
                : fmt::format(": {:+.1f} % to the run's best\n", 100 * (cell.best_ms / model.scale.best_ms - 1));
  }
  if (cell.configurations > 0)
    text += fmt::format("{} of {} configurations worked", cell.ok, cell.configurations);
  else
    text += cell.left_out > 0 ? "none that passes the filter" : "no configuration";
  if (cell.left_out > 0)
    text += fmt::format("\n{}{} left out by the filter", cell.left_out, cell.configurations > 0 ? " more" : "");
  if (cell.faint_ms > 0) text += fmt::format(", the best of them {}", time_text(cell.faint_ms));
  return text;
}

class HeatPainter {
 public:
  HeatPainter(Canvas& canvas, const Style& style, const HeatmapModel& model, const HeatmapPlaces& places)
      : canvas_(canvas), style_(style), model_(model), places_(places) {
    for (const HeatCell& cell : model.cells) {
      if (cell.ok == 0) continue;
      widest_time_ = std::max(widest_time_, canvas.text_width(format_ms(cell.best_ms), kLabelSize));
      widest_count_ = std::max(widest_count_, canvas.text_width(counts_text(cell), kLabelSize));
    }
  }

  void draw(std::size_t column, std::size_t row) const {
    const HeatCell& cell = model_.at(column, row);
    Rect box = places_.cell(column, row);
    const double gap = std::min(box.width, box.height) > 6 ? 1 : 0;
    box = {box.x + gap, box.y + gap, box.width - 2 * gap, box.height - 2 * gap};
    canvas_.begin_item(cell_tooltip(model_, cell, column, row));
    if (cell.ok > 0) {
      times(cell, box);
    } else if (cell.configurations == 0 && cell.faint_ms > 0) {
      faint(cell, box);
    } else {
      canvas_.fill_rect(box, with_alpha(style_.grid, cell.configurations > 0 ? 255 : 60));
    }
    canvas_.end_item();
    if (cell.ok > 0) return;
    if (cell.configurations > 0) cross(box);
  }

  void frame_best() const {
    for (std::size_t i = 0; i < model_.cells.size(); ++i) {
      if (!model_.cells[i].of_best) continue;
      const Rect box = places_.cell(i % model_.x.values.size(), i / model_.x.values.size());
      canvas_.stroke_rect(box, {style_.panel, 5, false});
      canvas_.stroke_rect(box, {style_.text, 2.2, false});
    }
  }

 private:
  void times(const HeatCell& cell, const Rect& box) const {
    const Colour ground = time_colour(style_, model_.scale, cell.best_ms);
    canvas_.fill_rect(box, ground);
    if (widest_time_ + 6 > box.width || box.height < kCellLine) return;
    const double middle = box.x + box.width / 2, baseline = box.y + box.height / 2 + kLabelSize * 0.36;
    const bool counts = box.height >= 2 * kCellLine + 2 && widest_count_ + 6 <= box.width;
    canvas_.text({middle, baseline - (counts ? kCellLine / 2 : 0)}, format_ms(cell.best_ms), kLabelSize,
                 text_on(ground), Anchor::middle, 0, cell.of_best);
    if (counts)
      canvas_.text({middle, baseline + kCellLine / 2}, counts_text(cell), kLabelSize, text_on(ground), Anchor::middle);
  }

  /// Of those that do not pass.
  void faint(const HeatCell& cell, const Rect& box) const {
    canvas_.fill_rect(box, with_alpha(time_colour(style_, model_.scale, cell.faint_ms), 50));
    const std::string text = format_ms(cell.faint_ms);
    if (canvas_.text_width(text, kLabelSize) + 6 > box.width || box.height < kCellLine) return;
    canvas_.text({box.x + box.width / 2, box.y + box.height / 2 + kLabelSize * 0.36}, text, kLabelSize, style_.muted,
                 Anchor::middle);
  }

  void cross(const Rect& box) const {
    const double reach = std::min({box.width, box.height, 16.0}) / 2 - 1;
    const Vec2 at{box.x + box.width / 2, box.y + box.height / 2};
    if (reach < 1) return;
    for (const double side : {-1.0, 1.0})
      canvas_.polyline(
          std::array<Vec2, 2>{Vec2{at.x - reach, at.y - side * reach}, Vec2{at.x + reach, at.y + side * reach}},
          {style_.muted, 1.4, false});
  }

  Canvas& canvas_;
  const Style& style_;
  const HeatmapModel& model_;
  const HeatmapPlaces& places_;
  double widest_time_ = 0, widest_count_ = 0;
};

double label_room(const Canvas& canvas, const LevelTable& axis) {
  double widest = 20;
  for (const std::string& value : axis.values) widest = std::max(widest, canvas.text_width(value, kTickSize));
  return std::min(widest, kLongestLabel);
}

void draw_x_labels(Canvas& canvas, const Style& style, const HeatmapModel& model, const HeatmapPlaces& places) {
  const double width = places.cell_width, wanted = std::min(label_room(canvas, model.x), 90.0) + 8;
  const auto step = static_cast<std::size_t>(std::max(1.0, std::ceil(wanted / width)));
  const double y = places.grid.y + places.grid.height + 15;
  for (std::size_t i = 0; i < model.x.values.size(); i += step) {
    canvas.text({places.grid.x + (static_cast<double>(i) + 0.5) * width, y},
                fit_text(canvas, model.x.values[i], kTickSize, static_cast<double>(step) * width - 4), kTickSize,
                style.muted, Anchor::middle);
  }
  canvas.text({places.grid.x + places.grid.width / 2, y + 20},
              fit_text(canvas, model.x.name, kAxisTitleSize, places.grid.width), kAxisTitleSize, style.text,
              Anchor::middle);
}

void draw_y_labels(Canvas& canvas, const Style& style, const HeatmapModel& model, const HeatmapPlaces& places,
                   double title_x) {
  const auto step = static_cast<std::size_t>(std::max(1.0, std::ceil(14 / places.cell_height)));
  for (std::size_t i = 0; i < model.y.values.size(); i += step) {
    canvas.text({places.grid.x - 8, places.cell(0, i).y + places.cell_height / 2 + kTickSize * 0.36},
                fit_text(canvas, model.y.values[i], kTickSize, kLongestLabel), kTickSize, style.muted, Anchor::end);
  }
  canvas.text({title_x, places.grid.y + places.grid.height / 2},
              fit_text(canvas, model.y.name, kAxisTitleSize, places.grid.height), kAxisTitleSize, style.text,
              Anchor::middle, 90);
}

/// Cells as large as the area has room for, up to a bound.
HeatmapPlaces places_in(const Canvas& canvas, const HeatmapModel& model, const Rect& area) {
  const double left = kTitleRoom + label_room(canvas, model.y) + 10;
  const double width = area.width - left - kTimeScaleWidth, height = area.height - kXLabels;
  HeatmapPlaces places;
  if (width < 20 || height < 20) return places;
  const auto columns = static_cast<double>(model.x.values.size()), rows = static_cast<double>(model.y.values.size());
  places.cell_width = std::min(kLargestCell, width / columns);
  places.cell_height = std::min(kHighestCell, height / rows);
  places.grid = {area.x + left, area.y + 2, places.cell_width * columns, places.cell_height * rows};
  return places;
}

}  // namespace

HeatmapPlaces draw_heatmap_panel(Canvas& canvas, const Style& style, const HeatmapModel& model, const Rect& area) {
  const HeatmapPlaces places = places_in(canvas, model, area);
  if (!(places.grid.width > 0)) return places;
  canvas.fill_rect(places.grid, style.panel);
  const HeatPainter painter(canvas, style, model, places);
  for (std::size_t row = 0; row < model.y.values.size(); ++row) {
    for (std::size_t column = 0; column < model.x.values.size(); ++column) painter.draw(column, row);
  }
  painter.frame_best();
  draw_x_labels(canvas, style, model, places);
  draw_y_labels(canvas, style, model, places, area.x + 14);
  draw_time_scale(canvas, style, model.scale,
                  {places.grid.x + places.grid.width, area.y, kTimeScaleWidth, area.height - kXLabels});
  return places;
}

double heatmap_figure_height(const HeatmapModel& model) {
  return 170 + kXLabels + std::clamp(64 * static_cast<double>(model.y.values.size()), 240.0, 480.0);
}

void draw_heatmap(Canvas& canvas, const HeatmapModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const Rect area = draw_figure(canvas, style, {model.title, model.subtitle, {}, model.notes});
  (void)draw_heatmap_panel(canvas, style, model, {area.x, area.y + 6, area.width, area.height - 10});
}

}  // namespace fuseline::tuner
