// What each value of each parameter does to time: best and median, a bar each.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/why_plots.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kEffectLine = 19, kEffectHead = 24, kBetween = 8, kColumnGap = 28, kColumnWidth = 420;
constexpr double kNumber = 54, kCount = 50;
constexpr std::size_t kValuesInFiles = 24;

double height_of(const ParameterEffect& parameter) {
  return kEffectHead + kEffectLine * static_cast<double>(parameter.values.size()) + kBetween;
}

/// Parameters and where each starts: filled column by column, whole parameters, as evenly as their order allows.
struct Flow {
  std::vector<std::size_t> column;
  std::vector<double> top;
  double width = 0, height = 0;
};

Flow flow_of(const EffectsModel& model, double width) {
  Flow flow;
  double all = 0, tallest = 0;
  for (const ParameterEffect& parameter : model.parameters)
    all += height_of(parameter), tallest = std::max(tallest, height_of(parameter));
  const auto columns =
      static_cast<std::size_t>(std::clamp(std::floor((width + kColumnGap) / (kColumnWidth + kColumnGap)), 1.0,
                                          std::max(1.0, static_cast<double>(model.parameters.size()))));
  flow.width = (width - kColumnGap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
  // The least height at which everything fits: tried from the even share upwards.
  for (double limit = std::max(tallest, all / static_cast<double>(columns));; limit += kEffectLine) {
    flow.column.clear();
    flow.top.clear();
    flow.height = 0;
    std::size_t column = 0;
    double y = 0;
    for (const ParameterEffect& parameter : model.parameters) {
      if (y > 0 && y + height_of(parameter) > limit + 0.5) ++column, y = 0;
      flow.column.push_back(column);
      flow.top.push_back(y);
      y += height_of(parameter);
      flow.height = std::max(flow.height, y);
    }
    if (column < columns) return flow;
  }
}

double bar_room(double width, double label_width) { return std::max(20.0, width - label_width - kNumber - kCount - 8); }

/// "16 %", with one digit more where it would be rounded to nothing.
std::string small_share(double share) {
  constexpr double kSmall = 0.01;
  return fmt::format("{:.{}f} %", 100 * share, share > 0 && share < kSmall ? 1 : 0);
}

struct EffectPainter {
  Canvas& canvas;
  const Style& style;
  double best_ms, axis;

  /// Of the room, for what is lost to the best. What is beyond the axis fills it and is broken near its end.
  void bar(double x, double y, double room, double height, double ms, const Colour& colour) const {
    const double lost = std::max(0.0, ms / best_ms - 1);
    const double length = std::max(2.0, room * std::min(1.0, lost / axis));
    canvas.fill_rect({x, y, length, height}, colour);
    if (lost > axis * 1.001) canvas.fill_rect({x + length - 9, y - 1, 3, height + 2}, style.panel);
  }

  void value(const ValueEffect& effect, const Rect& box, double label_width) const {
    const double middle = box.y + box.height / 2, baseline = middle + kLabelSize * 0.36;
    canvas.begin_item(effect.ok > 0 ? fmt::format("{} of {} worked; best {}, median {}", effect.ok, effect.evaluated,
                                                  time_text(effect.best_ms), time_text(effect.median_ms))
                                    : fmt::format("None of {} worked", effect.evaluated));
    canvas.fill_rect(box, with_alpha(style.panel, 0));  // The whole line answers the pointer.
    canvas.text({box.x, baseline}, fit_text(canvas, effect.value, kLabelSize, label_width - 8), kLabelSize,
                effect.of_best ? style.series.front() : style.text);
    const double x = box.x + label_width, room = bar_room(box.width, label_width);
    canvas.fill_rect({x - 1, box.y, 1, box.height}, style.grid);
    if (effect.ok > 0 && best_ms > 0) {
      bar(x, middle - 5, room, 10, effect.median_ms, with_alpha(style.muted, 80));
      bar(x, middle - 3, room, 6, effect.best_ms, effect.of_best ? style.series.front() : style.muted);
    }
    const std::string count =
        effect.ok == effect.evaluated ? std::to_string(effect.ok) : fmt::format("{}/{}", effect.ok, effect.evaluated);
    canvas.text({box.x + box.width - kNumber, baseline}, fit_text(canvas, count, kLabelSize, kCount - 4), kLabelSize,
                style.muted, Anchor::end);
    canvas.text({box.x + box.width, baseline}, effect.ok > 0 ? format_ms(effect.best_ms) : "none", kLabelSize,
                style.muted, Anchor::end);
    canvas.end_item();
  }

  void head(const ParameterEffect& parameter, Vec2 at, double width, double label_width) const {
    const double baseline = at.y + kEffectHead - 7;
    const std::string cost =
        fmt::format("alone {}, up to +{}", small_share(parameter.explained), small_share(parameter.influence));
    const double cost_width = canvas.text_width(cost, kLabelSize);
    const std::string name = fit_text(canvas, parameter.name, kAxisTitleSize, width - cost_width - 8, true);
    canvas.text({at.x, baseline}, name, kAxisTitleSize, style.text, Anchor::start, 0, true);
    canvas.begin_item(
        "Alone: how much of the variance of log time lies between this parameter's values, whatever it shares with "
        "others. Up to: how much slower the best configuration with its worst value is.");
    canvas.fill_rect({at.x, at.y, width, kEffectHead}, with_alpha(style.panel, 0));
    canvas.text({at.x + canvas.text_width(name, kAxisTitleSize, true) + 8, baseline}, cost, kLabelSize, style.muted);
    canvas.end_item();
    // Where the bars end.
    const std::string end = fmt::format("+{:.0f} %", 100 * axis);
    const double right = at.x + label_width + bar_room(width, label_width);
    const double taken = at.x + canvas.text_width(name, kAxisTitleSize, true) + 8 + cost_width + 12;
    if (taken + canvas.text_width(end, kLabelSize) < right)
      canvas.text({right, baseline}, end, kLabelSize, style.muted, Anchor::end);
  }
};

/// Room for the longest of the first values: a parameter may have a value for every configuration.
double label_width(const Canvas& canvas, const ParameterEffect& parameter, double width) {
  double widest = 34;
  for (std::size_t i = 0; i < std::min<std::size_t>(parameter.values.size(), 64); ++i)
    widest = std::max(widest, canvas.text_width(parameter.values[i].value, kLabelSize) + 10);
  return std::min(widest, width * 0.45);
}

/// A file has no scrolling: of a parameter with many values the best ones are kept.
EffectsModel for_file(EffectsModel model) {
  for (ParameterEffect& parameter : model.parameters) {
    if (parameter.values.size() <= kValuesInFiles) continue;
    const std::size_t left_out = parameter.values.size() - kValuesInFiles;
    std::vector<double> bests;
    for (const ValueEffect& value : parameter.values) bests.push_back(value.ok > 0 ? value.best_ms : 1e300);
    std::nth_element(bests.begin(), bests.begin() + static_cast<std::ptrdiff_t>(kValuesInFiles - 1), bests.end());
    const double limit = bests[kValuesInFiles - 1];
    std::erase_if(parameter.values,
                  [&](const ValueEffect& value) { return (value.ok > 0 ? value.best_ms : 1e300) > limit; });
    parameter.values.resize(std::min(parameter.values.size(), kValuesInFiles));
    parameter.name += fmt::format(" ({} more values)", left_out);
  }
  return model;
}

}  // namespace

double effects_axis(const EffectsModel& model) {
  double lost = 0;
  for (const ParameterEffect& parameter : model.parameters) {
    // A variant that loses much would press everything else together; its bar is broken instead.
    if (parameter.name == "variant" && model.parameters.size() > 1) continue;
    for (const ValueEffect& value : parameter.values) {
      if (value.ok > 0 && model.best_ms > 0) lost = std::max(lost, value.best_ms / model.best_ms - 1);
    }
  }
  for (const double end : {0.02, 0.05, 0.1, 0.2, 0.5}) {
    if (lost <= end) return end;
  }
  return 1;
}

double effects_height(const EffectsModel& model, double width) { return flow_of(model, width).height; }

std::vector<PlacedEffect> draw_effects_panel(Canvas& canvas, const Style& style, const EffectsModel& model,
                                             const Rect& area, const ValueRange& visible) {
  const Flow flow = flow_of(model, area.width);
  const EffectPainter painter{canvas, style, model.best_ms, effects_axis(model)};
  std::vector<PlacedEffect> placed;
  for (std::size_t i = 0; i < model.parameters.size(); ++i) {
    const ParameterEffect& parameter = model.parameters[i];
    const Vec2 at{area.x + static_cast<double>(flow.column[i]) * (flow.width + kColumnGap), area.y + flow.top[i]};
    if (at.y > visible.high || at.y + height_of(parameter) < visible.low) continue;
    const double labels = label_width(canvas, parameter, flow.width);
    painter.head(parameter, at, flow.width, labels);
    const double first = at.y + kEffectHead;
    const auto from = static_cast<std::size_t>(std::max(0.0, std::floor((visible.low - first) / kEffectLine)));
    for (std::size_t line = from; line < parameter.values.size(); ++line) {
      const Rect box{at.x, first + kEffectLine * static_cast<double>(line), flow.width, kEffectLine};
      if (box.y > visible.high) break;
      painter.value(parameter.values[line], box, labels);
      placed.push_back({box, &parameter.values[line]});
    }
  }
  return placed;
}

double effects_figure_height(const EffectsModel& model, double width) {
  return effects_height(for_file(model), width - 44) + 190;
}

void draw_effects(Canvas& canvas, const EffectsModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const EffectsModel shown = for_file(model);
  const Rect area = draw_figure(canvas, style,
                                {shown.title,
                                 shown.subtitle,
                                 {{LegendEntry::Kind::bar, style.muted, "best with the value (ms, at the right)",
                                   Provenance::measured, Emphasis::none},
                                  {LegendEntry::Kind::bar, with_alpha(style.muted, 80), "median with the value",
                                   Provenance::measured, Emphasis::none},
                                  {LegendEntry::Kind::bar, style.series.front(), "value of the run's best",
                                   Provenance::measured, Emphasis::none}},
                                 shown.notes});
  draw_effects_panel(canvas, style, shown, area, {area.y, area.y + area.height});
}

}  // namespace fuseline::tuner
