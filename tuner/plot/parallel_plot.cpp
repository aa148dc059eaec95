// Parallel coordinates (Inselberg 1985): an axis for each parameter and one of time, a line for each configuration.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tuner/plot/time_scale.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kTop = 26, kBottom = 8, kSide = 26, kTimeLabels = 66, kLabelStep = 14;

double place_y(const ParallelModel& model, const ParallelPlaces& places, std::size_t axis, std::uint32_t place) {
  if (axis < model.axes.size()) return places.level_y(model.axes[axis], place);
  return places.time.pixel_low +
         static_cast<double>(place) / kParallelTimePlaces * (places.time.pixel_high - places.time.pixel_low);
}

struct Ends {
  Vec2 from, to;
};
Ends ends_of(const ParallelModel& model, const ParallelPlaces& places, const ParallelSegment& segment) {
  const std::size_t axis = segment.axis;
  return {{places.x[axis], place_y(model, places, axis, segment.from)},
          {places.x[axis + 1], place_y(model, places, axis + 1, segment.to)}};
}

ParallelPlaces places_in(const ParallelModel& model, const Rect& area) {
  ParallelPlaces places;
  const double width = area.width - kSide - kTimeLabels - kTimeScaleWidth;
  places.top = area.y + kTop, places.bottom = area.y + area.height - kBottom;
  if (width < 60 || places.bottom - places.top < 30) return places;
  for (std::size_t i = 0; i <= model.axes.size(); ++i)
    places.x.push_back(area.x + kSide + width * static_cast<double>(i) / static_cast<double>(model.axes.size()));
  places.time = model.time;
  places.time.pixel_low = places.bottom, places.time.pixel_high = places.top;
  return places;
}

void draw_segments(Canvas& canvas, const Style& style, const ParallelModel& model, const ParallelPlaces& places) {
  for (const ParallelSegment& segment : model.segments) {
    const ParallelLine& line = model.lines[segment.line];
    const Ends ends = ends_of(model, places, segment);
    const Colour colour = line.faint ? style.grid : time_colour(style, model.scale, line.time_ms);
    canvas.polyline(std::array<Vec2, 2>{ends.from, ends.to}, {colour, line.faint ? 1.0 : 1.4, false});
  }
}

/// On a patch, as lines go through it.
void draw_patched(Canvas& canvas, const Style& style, Vec2 at, const std::string& text, Colour colour) {
  const double width = canvas.text_width(text, kTickSize);
  if (text.empty()) return;
  canvas.fill_rect({at.x - 2, at.y - kTickSize * 0.5 - 1, width + 4, kTickSize + 2}, with_alpha(style.panel, 245));
  canvas.text({at.x, at.y + kTickSize * 0.36}, text, kTickSize, colour);
}

void draw_axis(Canvas& canvas, const Style& style, const ParallelModel& model, const ParallelPlaces& places,
               std::size_t index) {
  const LevelTable& axis = model.axes[index];
  const double x = places.x[index], room = places.x[index + 1] - x;
  canvas.fill_rect({x - 0.75, places.top, 1.5, places.bottom - places.top}, style.frame);
  canvas.text({x, places.top - 10}, fit_text(canvas, axis.name, kAxisTitleSize, room - 8, true), kAxisTitleSize,
              style.text, Anchor::start, 0, true);
  double last = 1e9;
  const auto best = model.best ? model.levels_of(*model.best)[index] : kNoLevel;
  for (std::uint32_t level = 0; level < axis.values.size(); ++level) {
    const double y = places.level_y(axis, level);
    if (axis.values.size() <= 64) canvas.fill_rect({x - 3, y - 0.5, 6, 1}, style.frame);
    if (last - y < kLabelStep) continue;
    last = y;
    draw_patched(canvas, style, {x + 6, y}, fit_text(canvas, axis.values[level], kTickSize, std::min(room - 14, 110.0)),
                 level == best ? style.text : style.muted);
  }
}

void draw_time_axis(Canvas& canvas, const Style& style, const ParallelPlaces& places) {
  const double x = places.x.back();
  canvas.fill_rect({x - 0.75, places.top, 1.5, places.bottom - places.top}, style.frame);
  canvas.text({x, places.top - 10}, "time (ms)", kAxisTitleSize, style.text, Anchor::start, 0, true);
  for (const Tick& tick : places.time.ticks(26)) {
    const double y = places.time.pixel(tick.value);
    canvas.fill_rect({x - 3, y - 0.5, 6, 1}, style.frame);
    canvas.text({x + 7, y + kTickSize * 0.36}, fit_text(canvas, tick.label, kTickSize, kTimeLabels - 8), kTickSize,
                style.muted);
  }
}

/// Of a point to a segment.
double distance(Vec2 at, const Ends& ends) {
  const double dx = ends.to.x - ends.from.x, dy = ends.to.y - ends.from.y, length = dx * dx + dy * dy;
  const double along =
      length > 0 ? std::clamp(((at.x - ends.from.x) * dx + (at.y - ends.from.y) * dy) / length, 0.0, 1.0) : 0.0;
  return std::hypot(at.x - ends.from.x - along * dx, at.y - ends.from.y - along * dy);
}

}  // namespace

double ParallelPlaces::level_y(const LevelTable& axis, std::uint32_t level) const {
  return bottom - (level + 0.5) / static_cast<double>(axis.values.size()) * (bottom - top);
}

std::vector<std::uint32_t> ParallelPlaces::levels_between(const LevelTable& axis, double from, double to) const {
  const double upper = std::min(from, to), lower = std::max(from, to);
  std::vector<std::uint32_t> levels;
  for (std::uint32_t level = 0; level < axis.values.size(); ++level) {
    const double y = level_y(axis, level);
    if (y >= upper && y <= lower) levels.push_back(level);
  }
  return levels;
}

void draw_parallel_line(Canvas& canvas, const ParallelModel& model, const ParallelPlaces& places, std::uint32_t line,
                        const Stroke& stroke) {
  if (places.x.empty()) return;
  std::vector<Vec2> points;
  const auto levels = model.levels_of(line);
  for (std::size_t i = 0; i < levels.size(); ++i)
    points.push_back({places.x[i], places.level_y(model.axes[i], levels[i])});
  const double ms = model.lines[line].time_ms;
  if (ms > 0) points.push_back({places.x.back(), places.time.pixel(ms)});
  canvas.polyline(points, stroke);
}

std::optional<std::uint32_t> parallel_hit(const ParallelModel& model, const ParallelPlaces& places, Vec2 at,
                                          double reach) {
  if (places.x.empty()) return std::nullopt;
  for (auto segment = model.segments.rbegin(); segment != model.segments.rend(); ++segment) {
    if (model.lines[segment->line].faint) break;
    if (at.x < places.x[segment->axis] - reach || at.x > places.x[segment->axis + 1] + reach) continue;
    if (distance(at, ends_of(model, places, *segment)) <= reach) return segment->line;
  }
  return std::nullopt;
}

void draw_parallel_axes(Canvas& canvas, const Style& style, const ParallelModel& model, const ParallelPlaces& places) {
  if (places.x.empty()) return;
  for (std::size_t i = 0; i < model.axes.size(); ++i) draw_axis(canvas, style, model, places, i);
  draw_time_axis(canvas, style, places);
}

ParallelPlaces draw_parallel_panel(Canvas& canvas, const Style& style, const ParallelModel& model, const Rect& area) {
  ParallelPlaces places = places_in(model, area);
  if (places.x.empty()) return places;
  canvas.fill_rect({area.x, places.top, places.x.back() + kTimeLabels - area.x, places.bottom - places.top},
                   style.panel);
  draw_segments(canvas, style, model, places);
  if (model.best) {
    draw_parallel_line(canvas, model, places, *model.best, {style.panel, 5.5, false});
    draw_parallel_line(canvas, model, places, *model.best,
                       {time_colour(style, model.scale, model.scale.best_ms), 3, false});
    const Vec2 end{places.x.back(), places.time.pixel(model.lines[*model.best].time_ms)};
    draw_mark(canvas, style, end, 4, time_colour(style, model.scale, model.scale.best_ms), Provenance::measured,
              Emphasis::best);
  }
  draw_parallel_axes(canvas, style, model, places);
  draw_time_scale(canvas, style, model.scale,
                  {area.x + area.width - kTimeScaleWidth, area.y + 4, kTimeScaleWidth, area.height - 4});
  return places;
}

void draw_parallel(Canvas& canvas, const ParallelModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const Rect area = draw_figure(canvas, style, {model.title, model.subtitle, {}, model.notes});
  (void)draw_parallel_panel(canvas, style, model, {area.x, area.y + 4, area.width, area.height - 8});
}

}  // namespace fuseline::tuner
