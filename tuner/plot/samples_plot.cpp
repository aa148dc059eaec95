// Every timed run of some configurations: how steady they are, and whether they differ.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kRow = 62, kText = 18, kDot = 2.4, kEdge = 8;

/// From milliseconds to what the axis shows: themselves, or the deviation from the set's own median in per cent.
double shown_value(const SampleSet& set, double ms, bool deviations) {
  return deviations ? 100 * (ms / set.summary.median - 1) : ms;
}

ValueRange range_of(const std::vector<SampleSet>& sets, bool deviations) {
  double low = 1e300, high = -1e300;
  for (const SampleSet& set : sets) {
    for (const auto* samples : {&set.sweep_ms, &set.finals_ms}) {
      for (const double ms : *samples)
        low = std::min(low, shown_value(set, ms, deviations)), high = std::max(high, shown_value(set, ms, deviations));
    }
  }
  if (!(low <= high)) return {0, 1};
  const double margin = std::max((high - low) * 0.05, deviations ? 0.05 : std::abs(high) * 1e-4);
  return {low - margin, high + margin};
}

struct SamplePainter {
  Canvas& canvas;
  const Style& style;
  const Axis& axis;
  Provenance provenance;
  bool deviations;

  [[nodiscard]] double x(const SampleSet& set, double ms) const { return axis.pixel(shown_value(set, ms, deviations)); }

  void dots(const SampleSet& set, const std::vector<double>& samples, double y, Colour colour) const {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      // Spread over three rows, so that equal times are seen.
      const Vec2 at{x(set, samples[i]), y + 3 * (static_cast<double>(i % 3) - 1)};
      if (provenance == Provenance::replayed) {
        canvas.stroke_circle(at, kDot, {colour, 1.1, false});
      } else {
        canvas.fill_circle(at, kDot, colour);
      }
    }
  }

  void set(const SampleSet& each, const Rect& box, Colour colour) const {
    const std::string said = fmt::format("{} of {} runs{}", time_text(each.summary.median), each.summary.samples,
                                         each.finals_ms.empty() ? "" : ", finals");
    const double said_width = canvas.text_width(said, kLabelSize);
    canvas.begin_item(each.label + "\n" + said);
    canvas.fill_rect({box.x, box.y, box.width, kText}, with_alpha(style.panel, 0));
    canvas.end_item();
    const std::string label = fit_text(canvas, each.label, kLabelSize, box.width - said_width - 14, true);
    canvas.text({box.x, box.y + 13}, label, kLabelSize, style.text, Anchor::start, 0, true);
    canvas.text({box.x + box.width, box.y + 13}, said, kLabelSize, style.muted, Anchor::end);
    const double middle = box.y + kText + (kRow - kText) / 2 - 2;
    canvas.polyline(std::array<Vec2, 2>{Vec2{axis.pixel_low, middle}, Vec2{axis.pixel_high, middle}},
                    {style.grid, 1, false});
    // Sweep above, finals below; what the finals timed again is faint.
    dots(each, each.sweep_ms, middle - 10, with_alpha(colour, each.finals_ms.empty() ? 220 : 110));
    dots(each, each.finals_ms, middle + 10, with_alpha(colour, 220));
    const double left = x(each, each.summary.p25), right = std::max(x(each, each.summary.p75), left + 1),
                 centre = x(each, each.summary.median);
    canvas.fill_rect({left, middle - 3, right - left, 6}, with_alpha(colour, 130));
    canvas.fill_rect({centre - 1, middle - 16, 2, 32}, colour);
  }
};

}  // namespace

double samples_height(const SamplesModel& model) {
  return kRow * static_cast<double>(model.sets.size()) + kPanelBottom;
}

void draw_samples_panel(Canvas& canvas, const Style& style, const SamplesModel& model, const Rect& area) {
  if (model.sets.empty() || area.width < 60) return;
  const bool deviations = drawn_as_deviations(model.sets);
  const ValueRange range = range_of(model.sets, deviations);
  // The axis is above them: of many the last would be far below what is in view.
  const double rows = area.y + kPanelBottom;
  Axis axis{Scale::linear, range.low, range.high, area.x + kEdge, area.x + area.width - kEdge};
  double last_end = -1e9;
  for (const Tick& tick : axis.ticks(56)) {
    const double x = axis.pixel(tick.value);
    for (std::size_t i = 0; i < model.sets.size(); ++i) {
      const double top = rows + kRow * static_cast<double>(i) + kText + 2;
      canvas.polyline(std::array<Vec2, 2>{Vec2{x, top}, Vec2{x, top + kRow - kText - 6}},
                      {with_alpha(style.grid, tick.label.empty() ? 110 : 255), 1, false});
    }
    const double width = canvas.text_width(tick.label, kTickSize);
    const double centre = std::clamp(x, area.x + width / 2, area.x + area.width - width / 2);
    if (tick.label.empty() || centre - width / 2 < last_end + 6) continue;
    last_end = centre + width / 2;
    canvas.text({centre, rows - 7}, tick.label, kTickSize, style.muted, Anchor::middle);
  }
  const std::string title = deviations ? "Deviation from its own median (%): too far apart for one scale" : "Time (ms)";
  canvas.text({area.x + area.width / 2, rows - 26}, fit_text(canvas, title, kAxisTitleSize, area.width), kAxisTitleSize,
              style.text, Anchor::middle);
  const SamplePainter painter{canvas, style, axis, model.provenance, deviations};
  for (std::size_t i = 0; i < model.sets.size(); ++i) {
    painter.set(model.sets[i], {area.x, rows + kRow * static_cast<double>(i), area.width, kRow},
                series_colour(style, i % style.series.size()));
  }
}

double samples_figure_height(const SamplesModel& model) { return samples_height(model) + 170; }

void draw_samples(Canvas& canvas, const SamplesModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const std::string how = model.provenance == Provenance::replayed ? " (replayed)" : " (measured)";
  const Rect area = draw_figure(
      canvas, style,
      {model.title,
       model.subtitle,
       {{LegendEntry::Kind::mark, with_alpha(style.muted, 130), "above the line: run of the sweep" + how,
         model.provenance, Emphasis::none},
        {LegendEntry::Kind::mark, style.text, "below: run of the finals" + how, model.provenance, Emphasis::none},
        {LegendEntry::Kind::bar, style.muted, "quartiles; the upright line is the median", model.provenance,
         Emphasis::none}},
       model.notes});
  draw_samples_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
