// The best of runs of one problem, shape, element type and device as they went.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tuner/plot/captions.hpp"
#include "tuner/plot/figure.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kRunRadius = 3.8, kDayRoom = 74;

bool replayed(const RunSummary& run) { return run.backend == Backend::replay; }

/// "11-20 10:00"
std::string day_of(const RunSummary& run) {
  std::string day = run.started_at.substr(0, 16);
  std::replace(day.begin(), day.end(), 'T', ' ');
  return day.size() > 5 ? day.substr(5) : day;
}

std::string said_of(const RunSummary& run) {
  return fmt::format("run {}{}\n{}\nbest {}{}{}", run.id, run.title.empty() ? "" : ": " + run.title,
                     run.started_at.substr(0, 16), time_text(*run.best_ms), replayed(run) ? ", replayed" : "",
                     run.state == RunState::finished ? "" : ", not finished");
}

Axis times_axis(const std::vector<RunSummary>& runs, const Rect& area) {
  double low = *runs.front().best_ms, high = low;
  for (const RunSummary& run : runs) low = std::min(low, *run.best_ms), high = std::max(high, *run.best_ms);
  const double span = std::max(high - low, 0.06 * high);  // A closer look would show the device alone.
  return {Scale::linear, std::max(0.0, low - 0.15 * span), high + 0.15 * span, area.y + area.height - kPanelBottom,
          area.y + kPanelTop};
}

struct TrendPainter {
  Canvas& canvas;
  const Style& style;
  const TrendModel& model;
  Panel panel;

  [[nodiscard]] Vec2 at(std::size_t i) const {
    return {panel.x.pixel(static_cast<double>(i)), panel.y.pixel(*model.runs[i].best_ms)};
  }

  /// The best so far, as steps: what later runs have to beat.
  void record() const {
    std::vector<Vec2> line;
    double best = *model.runs.front().best_ms;
    for (std::size_t i = 0; i < model.runs.size(); ++i) {
      const double x = panel.x.pixel(static_cast<double>(i));
      line.push_back({x, panel.y.pixel(best)});
      best = std::min(best, *model.runs[i].best_ms);
      line.push_back({x, panel.y.pixel(best)});
    }
    line.push_back({panel.area().x + panel.area().width, line.back().y});
    canvas.polyline(line, {style.device, 1.6, false});
  }

  void marks() const {
    for (std::size_t i = 0; i < model.runs.size(); ++i) {
      const RunSummary& run = model.runs[i];
      canvas.begin_item(said_of(run));
      if (run.id == model.shown) canvas.stroke_circle(at(i), kRunRadius + 3.5, {style.text, 1.4, false});
      draw_mark(canvas, style, at(i), kRunRadius, series_colour(style, 0),
                replayed(run) ? Provenance::replayed : Provenance::measured, Emphasis::none);
      canvas.end_item();
    }
  }

  /// Dates below, as many as have room.
  void days() const {
    const Rect area = panel.area();
    double free_from = area.x - 20;
    for (std::size_t i = 0; i < model.runs.size(); ++i) {
      const double x = at(i).x;
      if (x - kDayRoom / 2 < free_from || x + kDayRoom / 2 > area.x + area.width + 24) continue;
      canvas.polyline(std::array<Vec2, 2>{Vec2{x, area.y + area.height}, Vec2{x, area.y + area.height + 4}},
                      {style.muted, 1, false});
      canvas.text({x, area.y + area.height + 16}, day_of(model.runs[i]), kNoteSize, style.muted, Anchor::middle);
      free_from = x + kDayRoom / 2 + 6;
    }
  }
};

}  // namespace

TrendModel trend_model(const RunInfo& info, std::vector<RunSummary> runs) {
  TrendModel model{plot_title(info, "the best of each run"),
                   fmt::format("{}  \u00b7  {}", info.problem, instance_text(info)),
                   std::move(runs),
                   info.id,
                   {"Every run of this problem, shape, element type and GPU that is kept, evenly spaced, oldest first. "
                    "Line: the best so far. Runs were measured apart: a difference of a few percent may be the "
                    "device's."}};
  std::erase_if(model.runs, [](const RunSummary& run) { return !run.best_ms || !is_time(*run.best_ms); });
  std::stable_sort(model.runs.begin(), model.runs.end(), [](const RunSummary& a, const RunSummary& b) {
    return std::pair(a.started_at, a.id) < std::pair(b.started_at, b.id);
  });
  return model;
}

void draw_trend_panel(Canvas& canvas, const Style& style, const TrendModel& model, const Rect& area) {
  if (model.runs.empty() || area.width < 120 || area.height < 80) return;
  Panel panel;
  const double last = static_cast<double>(model.runs.size()) - 1;
  panel.x = {Scale::linear, -0.5, last + 0.5, area.x + kPanelLeft, area.x + area.width - 6};
  panel.y = times_axis(model.runs, area);
  panel.x_title = "Runs by date";
  panel.y_title = "Best time (ms)";
  panel.x_ticks = false;
  draw_panel(canvas, style, panel);
  const TrendPainter painter{canvas, style, model, panel};
  painter.record();
  painter.marks();
  painter.days();
}

void draw_trend(Canvas& canvas, const TrendModel& model, Theme theme) {
  const Style& style = style_of(theme);
  std::vector<LegendEntry> legend = {
      {LegendEntry::Kind::solid, style.device, "best so far", Provenance::measured, Emphasis::none}};
  const auto has = [&](bool is_replay) {
    return std::any_of(model.runs.begin(), model.runs.end(),
                       [&](const RunSummary& run) { return is_replay == replayed(run); });
  };
  if (has(false))
    legend.push_back({LegendEntry::Kind::mark, series_colour(style, 0), "a run's best (measured)", Provenance::measured,
                      Emphasis::none});
  if (has(true))
    legend.push_back({LegendEntry::Kind::mark, series_colour(style, 0), "a run's best (replayed)", Provenance::replayed,
                      Emphasis::none});
  const Rect area = draw_figure(canvas, style, {model.title, model.subtitle, legend, model.notes});
  draw_trend_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
