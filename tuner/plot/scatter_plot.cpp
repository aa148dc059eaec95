// One column of the table against another.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "tuner/plot/relations_plots.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kScatterRadius = 3.6;

Colour mark_colour_of(const Style& style, const ScatterMark& mark) {
  return mark.passes ? mark.best ? style.series[0] : style.series[4] : style.grid;
}

Panel panel_of(const ScatterModel& model, const Rect& area) {
  Panel panel;
  panel.x = {model.x.scale, model.x.low, model.x.high, area.x + kPanelLeft, area.x + area.width - 10};
  panel.y = {model.y.scale, model.y.low, model.y.high, area.y + area.height - kPanelBottom, area.y + 8};
  panel.x_title = model.x.title, panel.y_title = model.y.title;
  return panel;
}

/// Marks on the very pixel of another that looks the same are left out: drawing is bounded by pixels.
std::vector<std::uint32_t> uncovered(const ScatterModel& model, const ScatterPlaces& places) {
  std::unordered_set<std::uint64_t> taken;
  std::vector<std::uint32_t> drawn;
  // What does not pass lies below, the best on top.
  for (const int layer : {0, 1, 2}) {
    for (std::uint32_t i = 0; i < model.marks.size(); ++i) {
      const ScatterMark& mark = model.marks[i];
      if ((!mark.passes ? 0 : mark.best ? 2 : 1) != layer) continue;
      const Vec2 at = places.at(mark);
      const auto cell = [](double pixel) { return static_cast<std::uint64_t>(std::lround(pixel * 1.5)) & 0xFFFFFU; };
      const std::uint64_t look = static_cast<std::uint64_t>(layer) * 2 + (mark.tied ? 1 : 0);
      if (taken.insert(look << 40U | cell(at.x) << 20U | cell(at.y)).second) drawn.push_back(i);
    }
  }
  return drawn;
}

}  // namespace

std::optional<std::uint32_t> scatter_hit(const ScatterModel& model, const ScatterPlaces& places, Vec2 at,
                                         double reach) {
  double nearest = reach;
  std::optional<std::uint32_t> found;
  for (const std::uint32_t i : places.drawn) {
    const Vec2 mark = places.at(model.marks[i]);
    const double distance = std::hypot(mark.x - at.x, mark.y - at.y);
    if (distance <= nearest) nearest = distance, found = i;
  }
  return found;
}

ScatterPlaces draw_scatter_panel(Canvas& canvas, const Style& style, const ScatterModel& model, const Rect& area) {
  ScatterPlaces places;
  if (area.width < kPanelLeft + 40 || area.height < kPanelBottom + 40) return places;
  places.panel = panel_of(model, area);
  places.drawn = uncovered(model, places);
  draw_panel(canvas, style, places.panel);
  for (const std::uint32_t i : places.drawn) {
    const ScatterMark& mark = model.marks[i];
    canvas.begin_item(
        fmt::format("#{}\n{}: {:.6g}\n{}: {:.6g}", mark.sequence, model.x.title, mark.x, model.y.title, mark.y));
    draw_mark(canvas, style, places.at(mark), kScatterRadius, mark_colour_of(style, mark), model.provenance,
              !mark.passes ? Emphasis::none
              : mark.best  ? Emphasis::best
              : mark.tied  ? Emphasis::tied
                           : Emphasis::none);
    canvas.end_item();
  }
  return places;
}

void draw_scatter(Canvas& canvas, const ScatterModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const std::string how = model.provenance == Provenance::replayed ? " (replayed)" : " (measured)";
  std::vector<LegendEntry> legend = {
      {LegendEntry::Kind::mark, style.series[4], "configuration" + how, model.provenance, Emphasis::none}};
  const auto any = [&](auto&& has) { return std::any_of(model.marks.begin(), model.marks.end(), has); };
  if (any([](const ScatterMark& mark) { return mark.best && mark.passes; }))
    legend.push_back({LegendEntry::Kind::mark, style.series[0], "best", model.provenance, Emphasis::best});
  if (any([](const ScatterMark& mark) { return mark.tied && !mark.best && mark.passes; }))
    legend.push_back({LegendEntry::Kind::mark, style.series[4], "tied with it", model.provenance, Emphasis::tied});
  if (any([](const ScatterMark& mark) { return !mark.passes; }))
    legend.push_back(
        {LegendEntry::Kind::mark, style.grid, "does not pass the filter", model.provenance, Emphasis::none});
  const Rect area = draw_figure(canvas, style, {model.title, model.subtitle, legend, model.notes});
  (void)draw_scatter_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
