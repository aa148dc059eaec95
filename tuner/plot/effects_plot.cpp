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
constexpr double kNumber = 54;
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

/// Share of the room that a bar takes: from 0.9 of the best to twice it.
double length_of(double ms, double best) { return std::clamp((ms / best - 0.9) / 1.1, 0.02, 1.0); }

struct EffectPainter {
  Canvas& canvas;
  const Style& style;
  double best_ms;

  void value(const ValueEffect& effect, const Rect& box, double label_width) const {
    const double middle = box.y + box.height / 2, baseline = middle + kLabelSize * 0.36;
    canvas.begin_item(effect.ok > 0 ? fmt::format("{} of {} worked; best {}, median {}", effect.ok, effect.evaluated,
                                                  time_text(effect.best_ms), time_text(effect.median_ms))
                                    : fmt::format("None of {} worked", effect.evaluated));
    canvas.fill_rect(box, with_alpha(style.panel, 0));  // The whole line answers the pointer.
    canvas.text({box.x, baseline}, fit_text(canvas, effect.value, kLabelSize, label_width - 8), kLabelSize,
                effect.of_best ? style.series.front() : style.text);
    const double x = box.x + label_width, room = std::max(20.0, box.width - label_width - kNumber - 8);
    if (effect.ok > 0 && best_ms > 0) {
      canvas.fill_rect({x, middle - 5, room * length_of(effect.median_ms, best_ms), 10}, with_alpha(style.muted, 80));
      canvas.fill_rect({x, middle - 3, room * length_of(effect.best_ms, best_ms), 6},
                       effect.of_best ? style.series.front() : style.muted);
    }
    canvas.text({box.x + box.width, baseline}, effect.ok > 0 ? format_ms(effect.best_ms) : "none", kLabelSize,
                effect.ok > 0 ? style.muted : style.target, Anchor::end);
    canvas.end_item();
  }

  void head(const ParameterEffect& parameter, Vec2 at, double width) const {
    const double baseline = at.y + kEffectHead - 7;
    const std::string cost = fmt::format("up to +{:.0f} %", 100 * parameter.influence);
    const double cost_width = canvas.text_width(cost, kLabelSize);
    const std::string name = fit_text(canvas, parameter.name, kAxisTitleSize, width - cost_width - 8, true);
    canvas.text({at.x, baseline}, name, kAxisTitleSize, style.text, Anchor::start, 0, true);
    canvas.begin_item("How much slower the best configuration with the worst value of this parameter is");
    canvas.fill_rect({at.x, at.y, width, kEffectHead}, with_alpha(style.panel, 0));
    canvas.text({at.x + canvas.text_width(name, kAxisTitleSize, true) + 8, baseline}, cost, kLabelSize, style.muted);
    canvas.end_item();
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

double effects_height(const EffectsModel& model, double width) { return flow_of(model, width).height; }

std::vector<PlacedEffect> draw_effects_panel(Canvas& canvas, const Style& style, const EffectsModel& model,
                                             const Rect& area, const ValueRange& visible) {
  const Flow flow = flow_of(model, area.width);
  const EffectPainter painter{canvas, style, model.best_ms};
  std::vector<PlacedEffect> placed;
  for (std::size_t i = 0; i < model.parameters.size(); ++i) {
    const ParameterEffect& parameter = model.parameters[i];
    const Vec2 at{area.x + static_cast<double>(flow.column[i]) * (flow.width + kColumnGap), area.y + flow.top[i]};
    if (at.y > visible.high || at.y + height_of(parameter) < visible.low) continue;
    painter.head(parameter, at, flow.width);
    const double labels = label_width(canvas, parameter, flow.width);
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
