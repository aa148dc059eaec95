// The finals as they went: every finalist's time by round, above what the device did meanwhile.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "tuner/base/text.hpp"
#include "tuner/plot/figure.hpp"
#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kTimesHeight = 250, kReading = 66, kPanelGap = 26, kKeyRow = 17, kRoundRadius = 2.4;

/// Something of the device by round; 0 where it was not told.
struct DeviceReading {
  std::string heading, unit;
  std::vector<double> values;
  Colour colour;
  double least = 0.01;  ///< Span of the axis, as a share of the value.
};

std::vector<DeviceReading> readings_of(const Style& style, const RoundsModel& model) {
  const auto of = [&](std::string heading, std::string unit, Colour colour,
                      const std::function<double(const FinalRound&)>& value, double least = 0.01) {
    DeviceReading reading{std::move(heading), std::move(unit), {}, colour, least};
    for (const FinalRound& round : model.rounds) reading.values.push_back(value(round));
    return reading;
  };
  const auto clock = [](double Clocks::*member) {
    return [member](const FinalRound& round) { return round.clocks ? (*round.clocks).*member : 0; };
  };
  std::vector<DeviceReading> readings = {
      of("Copy", "GB/s", style.device, [](const FinalRound& round) { return round.copy_gbps; }),
      of("SM clock", "MHz", style.muted, clock(&Clocks::sm_mhz)),
      of("Power", "W", style.muted, clock(&Clocks::power_w), 0.1),
      of("Temperature", "C", style.muted, clock(&Clocks::temperature_c), 0.1)};
  std::erase_if(readings, [](const DeviceReading& reading) {
    return std::none_of(reading.values.begin(), reading.values.end(), [](double value) { return value > 0; });
  });
  return readings;
}

/// Values with a margin. `least` is the smallest span, as a share of the value: a clock that stood still is no
/// mountain.
ValueRange range_with_margin(const std::vector<double>& values, double least) {
  double low = 1e300, high = -1e300;
  for (const double value : values) {
    if (value > 0) low = std::min(low, value), high = std::max(high, value);
  }
  if (!(low <= high)) return {0, 1};
  const double span = std::max(high - low, least * high), middle = (low + high) / 2;
  return {middle - 0.6 * span, middle + 0.6 * span};
}

std::size_t rounds_of(const RoundsModel& model) {
  std::size_t count = model.rounds.size();
  for (const RoundSeries& series : model.series) count = std::max(count, series.ms.size());
  return count;
}

std::string said_of(const RoundsModel& model, const RoundSeries& series, std::size_t round) {
  std::string text = fmt::format("#{}, round {}: {}", series.sequence, round + 1, time_text(series.ms[round]));
  const double own = summarize(series.ms).median;
  text += fmt::format(", {:+.2f} % of its own median", 100 * (series.ms[round] / own - 1));
  if (round < series.follows.size())
    text += series.follows[round].empty() ? "\nthe first of its round" : "\nbehind " + series.follows[round];
  if (round < model.rounds.size()) text += fmt::format("\nbuffers {}", model.rounds[round].place + 1);
  return text;
}

std::string said_of(const DeviceReading& reading, const RoundsModel& model, std::size_t round) {
  std::string text =
      fmt::format("{}, round {}: {} {}", reading.heading, round + 1, grouped(reading.values[round]), reading.unit);
  const auto& clocks = model.rounds[round].clocks;
  const auto held = clocks ? throttle_names(clocks->reasons) : std::vector<std::string>{};
  if (!held.empty()) text += fmt::format("\nclocks held back: {}", fmt::join(held, ", "));
  if (clocks && clocks->retaken > 0) text += fmt::format("\nsamples taken again: {}", clocks->retaken);
  return text;
}

/// A line through what is known, with a dot a round.
void draw_line(Canvas& canvas, const Panel& panel, const std::vector<double>& values, Colour colour, bool hollow,
               const std::function<std::string(std::size_t)>& said) {
  std::vector<Vec2> points;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] > 0) points.push_back({panel.x.pixel(static_cast<double>(i + 1)), panel.y.pixel(values[i])});
  }
  if (points.size() > 1) canvas.polyline(points, {with_alpha(colour, 110), 1.2, false});
  std::size_t next = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] > 0)) continue;
    canvas.begin_item(said(i));
    const Vec2 at = points[next++];
    hollow ? canvas.stroke_circle(at, kRoundRadius, {colour, 1.1, false})
           : canvas.fill_circle(at, kRoundRadius, colour);
    canvas.end_item();
  }
}

struct RoundsPainter {
  Canvas& canvas;
  const Style& style;
  const RoundsModel& model;
  Rect area;

  [[nodiscard]] Panel panel(double top, double height, const ValueRange& range) const {
    Panel panel;
    panel.x = {Scale::linear, 0.5, static_cast<double>(rounds_of(model)) + 0.5, area.x + kPanelLeft,
               area.x + area.width - 8};
    panel.y = {Scale::linear, range.low, range.high, top + height, top};
    return panel;
  }
  /// The lowest panel says what all are drawn against.
  static void name_rounds(Panel& panel, bool lowest) {
    panel.x_ticks = lowest;
    if (lowest) panel.x_title = "Round of the finals";
  }

  /// Which colour is whose; returns its height.
  double key(double top) const {
    for (std::size_t i = 0; i < model.series.size(); ++i) {
      const double y = top + kKeyRow * static_cast<double>(i) + 12;
      canvas.fill_circle({area.x + kPanelLeft + 5, y - 4}, 3.5, series_colour(style, i % style.series.size()));
      canvas.text({area.x + kPanelLeft + 15, y},
                  fit_text(canvas, model.series[i].label, kLabelSize, area.width - kPanelLeft - 24), kLabelSize,
                  style.text);
    }
    return kKeyRow * static_cast<double>(model.series.size());
  }

  void times(double top, bool last) const {
    std::vector<double> all;
    for (const RoundSeries& series : model.series) all.insert(all.end(), series.ms.begin(), series.ms.end());
    Panel times = panel(top, kTimesHeight, range_with_margin(all, 0.002));
    times.y_title = "Time (ms)";
    name_rounds(times, last);
    draw_panel(canvas, style, times);
    canvas.push_clip(times.area());
    for (std::size_t i = 0; i < model.series.size(); ++i) {
      draw_line(canvas, times, model.series[i].ms, series_colour(style, i % style.series.size()),
                model.provenance == Provenance::replayed,
                [&](std::size_t round) { return said_of(model, model.series[i], round); });
    }
    canvas.pop_clip();
  }

  void reading(const DeviceReading& reading, double top, bool last) const {
    Panel below = panel(top, kReading, range_with_margin(reading.values, reading.least));
    below.heading = fmt::format("{} ({})", reading.heading, reading.unit);
    name_rounds(below, last);
    draw_panel(canvas, style, below);
    draw_line(canvas, below, reading.values, reading.colour, model.provenance == Provenance::replayed,
              [&](std::size_t round) { return said_of(reading, model, round); });
  }
};

}  // namespace

double rounds_height(const RoundsModel& model) {
  const double readings = static_cast<double>(readings_of(style_of(Theme::light), model).size());
  return kKeyRow * static_cast<double>(model.series.size()) + 12 + kTimesHeight + readings * (kReading + kPanelGap) +
         kPanelBottom;
}

void draw_rounds_panel(Canvas& canvas, const Style& style, const RoundsModel& model, const Rect& area) {
  if (model.series.empty() || area.width < kPanelLeft + 60) return;
  const RoundsPainter painter{canvas, style, model, area};
  double top = area.y + painter.key(area.y) + 12;
  const std::vector<DeviceReading> readings = readings_of(style, model);
  painter.times(top, readings.empty());
  top += kTimesHeight;
  for (std::size_t i = 0; i < readings.size(); ++i) {
    painter.reading(readings[i], top + kPanelGap, i + 1 == readings.size());
    top += kPanelGap + kReading;
  }
}

double rounds_figure_height(const RoundsModel& model) { return rounds_height(model) + 150; }

void draw_rounds(Canvas& canvas, const RoundsModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const std::string how = model.provenance == Provenance::replayed ? " (replayed)" : " (measured)";
  const Rect area = draw_figure(
      canvas, style,
      {model.title,
       model.subtitle,
       {{LegendEntry::Kind::mark, style.text, "one run of a finalist" + how, model.provenance, Emphasis::none}},
       model.notes});
  draw_rounds_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
