#include "tuner/plot/roofline_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "tuner/plot/label_placer.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kMarkRadius = 4.2;
constexpr double kUnbounded = std::numeric_limits<double>::infinity();
constexpr double kStripWidth = 300, kStripMinimumCanvas = 820;

/// Everything that drawing the roofline panel needs at hand.
struct PanelContext {
  Canvas& canvas;
  const Style& style;
  const RooflineModel& model;
  const RooflinePlace& place;
  const Panel& panel;
  LabelPlacer placer;

  [[nodiscard]] Vec2 at(double intensity, double gflops) const { return place.at(intensity, gflops); }
};

Colour roof_colour(const Style& style, const Roof& roof) {
  return roof.target ? target_colour(style, roof.target_number) : roof.measured ? style.device : style.muted;
}

/// The highest plateau among the roofs of the same chip, for a bandwidth whose own plateau is not known.
double plateau_of(const RooflineModel& model, const Roof& roof) {
  double highest = 0;
  for (const Roof& other : model.roofs) {
    if (other.target == roof.target && other.target_number == roof.target_number)
      highest = std::max(highest, other.compute_gflops);
  }
  return highest > 0 ? highest : kUnbounded;
}

/// Part of the line from `from` to `to` within `area` (Liang & Barsky); empty where it passes by.
std::optional<Segment> clip(Vec2 from, Vec2 to, const Rect& area) {
  double low = 0, high = 1;
  const double dx = to.x - from.x, dy = to.y - from.y;
  const std::array<double, 4> p = {-dx, dx, -dy, dy};
  const std::array<double, 4> q = {from.x - area.x, area.x + area.width - from.x, from.y - area.y,
                                   area.y + area.height - from.y};
  for (std::size_t i = 0; i < 4; ++i) {
    if (p[i] == 0 && q[i] < 0) return std::nullopt;
    if (p[i] < 0) low = std::max(low, q[i] / p[i]);
    if (p[i] > 0) high = std::min(high, q[i] / p[i]);
  }
  if (low >= high) return std::nullopt;
  return Segment{{from.x + low * dx, from.y + low * dy}, {from.x + high * dx, from.y + high * dy}};
}

struct RoofLines {
  const Roof* roof = nullptr;
  std::optional<Segment> slope, plateau;
};

RoofLines lines_of(const PanelContext& context, const Roof& roof) {
  const Axis& x = context.panel.x;
  const double compute = roof.compute_gflops > 0 ? roof.compute_gflops : plateau_of(context.model, roof);
  const double ridge = std::min(compute / roof.bandwidth_gbps, x.high);
  const double start = std::min(x.low, ridge);
  RoofLines lines{&roof, std::nullopt, std::nullopt};
  lines.slope = clip(context.at(start, start * roof.bandwidth_gbps), context.at(ridge, ridge * roof.bandwidth_gbps),
                     context.panel.area());
  if (roof.compute_gflops > 0 && ridge < x.high)
    lines.plateau = clip(context.at(ridge, compute), context.at(x.high, compute), context.panel.area());
  return lines;
}

std::vector<RoofLines> draw_roofs(PanelContext& context) {
  std::vector<RoofLines> all;
  for (const Roof& roof : context.model.roofs) {
    if (!(roof.bandwidth_gbps > 0)) continue;
    const RoofLines lines = lines_of(context, roof);
    const Stroke stroke = roof_stroke(context.style, roof);
    context.canvas.begin_item(roof.label);
    for (const auto& line : {lines.slope, lines.plateau}) {
      if (!line) continue;
      context.canvas.polyline(std::array<Vec2, 2>{line->from, line->to}, stroke);
      context.placer.add(*line);
    }
    context.canvas.end_item();
    all.push_back(lines);
  }
  return all;
}

/// False where there is a line and no room for its label, nor for the label without what it has in parentheses. Over
/// another roof's line it would name that one.
bool label_line(PanelContext& context, const std::optional<Segment>& line, const std::string& label, Colour colour,
                double preferred) {
  if (!line || label.empty()) return true;
  for (const std::string& text : {label, label.substr(0, label.find(" ("))}) {
    const Vec2 size{context.canvas.text_width(text, kLabelSize) + 6, kLabelSize + 2};
    const auto box = context.placer.along(*line, size, 2.5, preferred);
    if (!box) continue;
    draw_label(context.canvas, text, box->centre, box->degrees, kLabelSize, colour);
    return true;
  }
  return false;
}

std::vector<std::size_t> label_roofs(PanelContext& context, const std::vector<RoofLines>& roofs) {
  std::vector<std::size_t> unlabelled;
  for (const RoofLines& lines : roofs) {
    const Colour colour = roof_colour(context.style, *lines.roof);
    // A short plateau's label may begin to the left of its ridge.
    std::optional<Segment> plateau = lines.plateau;
    if (plateau) plateau->from.x = std::min(plateau->from.x, context.panel.area().x + context.panel.area().width / 3);
    const bool plateau_named = label_line(context, plateau, lines.roof->compute_label, colour, 1.0);
    const bool slope_named = label_line(context, lines.slope, lines.roof->label, colour, 0.3);
    if (!slope_named || (!plateau_named && lines.roof->bandwidth_gbps >= kNoSlope))
      unlabelled.push_back(static_cast<std::size_t>(lines.roof - context.model.roofs.data()));
  }
  return unlabelled;
}

/// Marks within the panel; one that falls on the very pixel of another that looks the same is left out.
void draw_marks(Canvas& canvas, const Style& style, const RooflineModel& model, const RooflinePlace& place,
                LabelPlacer& placer) {
  const auto series = series_positions(model.marks);
  std::set<std::tuple<std::string, bool, long, long>> drawn;
  for (const RooflineMark& mark : model.marks) {
    const Vec2 at = place.at(mark.intensity, mark.gflops);
    const Rect area = place.panel.area();
    if (at.y > area.y + area.height || at.y < area.y || at.x < area.x || at.x > area.x + area.width) continue;
    const bool special = mark.best || !mark.evaluated;
    if (!drawn.emplace(mark.series, mark.tied, std::lround(at.x * 2), std::lround(at.y * 2)).second && !special)
      continue;
    const Colour colour = mark.evaluated                         ? series_colour(style, series.at(mark.series))
                          : mark.provenance == Provenance::given ? style.muted
                                                                 : target_colour(style, mark.target_number);
    canvas.begin_item(mark.label);
    draw_mark(canvas, style, at, kMarkRadius, colour, mark.provenance,
              mark.best   ? Emphasis::best
              : mark.tied ? Emphasis::tied
                          : Emphasis::none);
    canvas.end_item();
    placer.add(TurnedBox{at, 4 * kMarkRadius, 4 * kMarkRadius, 0});
  }
  draw_overlaid(canvas, style, model.overlaid, place, placer);
  for (const RooflineMark& mark : model.marks)
    draw_mark_callout(canvas, style, placer, mark, place.at(mark.intensity, mark.gflops));
}

Panel roofline_panel(const RooflineRanges& ranges, double unit, const Rect& area) {
  Panel panel;
  panel.x = {Scale::log, ranges.intensity.low, ranges.intensity.high, area.x + kPanelLeft, area.x + area.width - 6};
  panel.y = {Scale::log, ranges.gflops.low / unit, ranges.gflops.high / unit, area.y + area.height - kPanelBottom,
             area.y + kPanelTop};
  panel.x_title = "Arithmetic intensity (operations per compulsory byte)";
  panel.y_title = unit > 1 ? "Performance (TFLOP/s)" : "Performance (GFLOP/s)";
  panel.heading = "Roofline";
  return panel;
}

/// A way to write what a mark says.
struct CalloutTry {
  std::string text;
  double reach = 120;
  bool over_lines = false;
};

std::string without_parentheses(std::string text) {
  for (auto open = text.find(" ("); open != std::string::npos; open = text.find(" (")) {
    const auto close = text.find(')', open);
    text.erase(open, close == std::string::npos ? std::string::npos : close + 1 - open);
  }
  return text;
}

/// What is tried in turn. Only what the plot is for may stand over lines: near its mark rather than far away.
std::vector<CalloutTry> callout_tries(const RooflineMark& mark) {
  if (mark.callout.empty()) return {};
  const std::string brief = without_parentheses(mark.callout);
  if (mark.best || mark.provenance == Provenance::projected)
    return {{mark.callout, 70, false}, {mark.callout, 70, true}, {brief, 120, false}, {brief, 240, true}};
  // Far from its mark it would be read as another's: the legend names it too.
  const double reach = mark.provenance == Provenance::given ? 45 : 120;
  return {{mark.callout, reach, false}, {brief, reach, false}};
}

std::vector<LegendEntry> roofline_legend(const Style& style, const RooflineModel& model) {
  std::vector<LegendEntry> entries;
  const auto series = series_positions(model.marks);
  Provenance provenance = Provenance::measured;
  bool tied = false, projected = false, given = false, best = false, solid = false, sheet = false, target = false;
  for (const RooflineMark& mark : model.marks) {
    if (mark.evaluated) provenance = mark.provenance;
    tied = tied || (mark.tied && !mark.best);
    best = best || mark.best;
    projected = projected || (!mark.evaluated && mark.provenance == Provenance::projected);
    given = given || mark.provenance == Provenance::given;
  }
  for (const Roof& roof : model.roofs) (roof.measured ? solid : roof.target ? target : sheet) = true;
  const std::string how = fmt::format(" ({})", to_string(provenance));
  const bool there = model.view == RooflineView::target;
  for (const auto& [name, position] : series) {
    if (position >= style.series.size()) break;
    entries.push_back(
        {LegendEntry::Kind::mark, series_colour(style, position), name + how, provenance, Emphasis::none});
  }
  if (series.size() > style.series.size())
    entries.push_back({LegendEntry::Kind::mark, style.other, "other variants" + how, provenance, Emphasis::none});
  if (best)
    entries.push_back(
        {LegendEntry::Kind::mark, style.muted, there ? "first there" : "best", provenance, Emphasis::best});
  if (tied)
    entries.push_back({LegendEntry::Kind::mark, style.muted,
                       there ? "cannot be told apart from it" : "tied with the best", provenance, Emphasis::tied});
  if (projected)
    entries.push_back(
        {LegendEntry::Kind::mark, style.target, "projected, not measured", Provenance::projected, Emphasis::none});
  if (given)
    entries.push_back(
        {LegendEntry::Kind::mark, style.muted, "given kernel, by its counters", Provenance::given, Emphasis::none});
  for (std::size_t i = 0; i < model.overlaid.size(); ++i) {
    entries.push_back({LegendEntry::Kind::square, overlaid_colour(style, i), overlaid_text(model.overlaid[i]),
                       model.overlaid[i].provenance, Emphasis::none});
  }
  if (solid)
    entries.push_back({LegendEntry::Kind::solid, style.device, "measured ceiling", provenance, Emphasis::none});
  if (sheet)
    entries.push_back(
        {LegendEntry::Kind::dashed, style.muted, "nominal peak, not measured", provenance, Emphasis::none});
  if (target)
    entries.push_back({LegendEntry::Kind::dashed, style.target, "the target's roofs, as their labels say", provenance,
                       Emphasis::none});
  return entries;
}

}  // namespace

void name_instruction_axes(RooflinePlace& place) {
  place.panel.x_title = "Warp instructions a transaction (32 bytes)";
  place.panel.y_title = place.unit > 1 ? "Warp instructions (10\u00b3 GIPS)" : "Warp instructions (GIPS)";
  place.panel.heading = "Instruction roofline";
}

Colour target_colour(const Style& style, std::size_t number) {
  // Variants have the first of the series and pinned runs the last: those between them.
  return number == 0 ? style.target
                     : series_colour(style, (style.series.size() / 2 + number - 1) % style.series.size());
}

Stroke roof_stroke(const Style& style, const Roof& roof) {
  return {roof_colour(style, roof), roof.target ? 2.4 : roof.measured ? 2.0 : 1.5, !roof.measured};
}

double roof_at(const Roof& roof, double intensity, double fallback_gflops) {
  return std::min(intensity * roof.bandwidth_gbps, roof.compute_gflops > 0 ? roof.compute_gflops : fallback_gflops);
}

std::map<std::string, std::size_t> series_positions(const std::vector<RooflineMark>& marks) {
  std::map<std::string, std::size_t> positions;
  for (const RooflineMark& mark : marks) {
    if (mark.evaluated) positions.emplace(mark.series, 0);
  }
  std::size_t next = 0;
  for (auto& entry : positions) entry.second = next++;
  return positions;
}

RooflineRanges roofline_ranges(const RooflineModel& model, bool every_mark) {
  double low_x = kUnbounded, high_x = 0, low_y = kUnbounded, high_y = 0;
  for (const RooflineMark& mark : model.marks) {
    if (!(mark.intensity > 0 && mark.gflops > 0)) continue;
    low_x = std::min(low_x, mark.intensity);
    high_x = std::max(high_x, mark.intensity);
    low_y = std::min(low_y, mark.gflops);
    high_y = std::max(high_y, mark.gflops);
  }
  for (const OverlaidRun& run : model.overlaid) {
    if (!(run.intensity > 0 && run.best_gflops > 0)) continue;
    low_x = std::min(low_x, run.intensity);
    high_x = std::max(high_x, run.intensity);
    low_y = std::min({low_y, run.best_gflops, run.gflops.empty() ? run.best_gflops : run.gflops.front()});
    high_y = std::max(high_y, run.best_gflops);
  }
  if (high_x <= 0) low_x = high_x = low_y = high_y = 1;
  if (!every_mark) low_y = std::max(low_y, high_y / 1000);
  for (const Roof& roof : model.roofs) {
    if (!(roof.bandwidth_gbps > 0)) continue;
    low_y = std::min(low_y, 0.8 * roof_at(roof, low_x, kUnbounded));
    high_y = std::max(high_y, roof_at(roof, high_x * 4, plateau_of(model, roof)));
    if (roof.compute_gflops > 0)
      high_x = std::max(high_x, std::min(roof.compute_gflops / roof.bandwidth_gbps, 1000 * low_x));
  }
  return {{low_x / 8, high_x * 3}, {low_y / 2.5, high_y * 1.8}};
}

RooflinePlace roofline_place(const RooflineRanges& ranges, const Rect& area) {
  const double unit = ranges.gflops.high >= 4000 ? 1000 : 1;
  return {roofline_panel(ranges, unit, area), unit};
}

void draw_mark_callout(Canvas& canvas, const Style& style, LabelPlacer& placer, const RooflineMark& mark, Vec2 at) {
  const Colour colour = mark.provenance == Provenance::given       ? style.muted
                        : mark.provenance == Provenance::projected ? target_colour(style, mark.target_number)
                                                                   : style.text;
  for (const CalloutTry& attempt : callout_tries(mark)) {
    const Vec2 size = callout_size(canvas, attempt.text);
    const auto found = placer.near(at, size, 2.6 * kMarkRadius, attempt.reach, attempt.over_lines);
    if (!found) continue;
    const Rect box{found->centre.x - size.x / 2, found->centre.y - size.y / 2, size.x, size.y};
    if (attempt.over_lines) canvas.fill_rect(box, with_alpha(style.panel, 225));
    draw_callout(canvas, attempt.text, box, at, 2 * kMarkRadius, colour);
    placer.add(Segment{at, found->centre});  // The line to the mark: no roof's label may stand on it.
    return;
  }
}

std::vector<std::size_t> draw_roofline_panel(Canvas& canvas, const Style& style, const RooflineModel& model,
                                             const RooflinePlace& place,
                                             const std::function<void(LabelPlacer&)>& marks) {
  const Rect area = place.panel.area();
  if (area.width <= 0 || area.height <= 0) return {};
  PanelContext context{canvas, style, model, place, place.panel, LabelPlacer(area)};
  draw_panel(canvas, style, place.panel);
  const auto roofs = draw_roofs(context);
  marks(context.placer);
  return label_roofs(context, roofs);
}

void draw_roofline_panel(Canvas& canvas, const Style& style, const RooflineModel& model, const Rect& area) {
  RooflinePlace place = roofline_place(roofline_ranges(model), area);
  if (model.view == RooflineView::instructions) name_instruction_axes(place);
  draw_roofline_panel(canvas, style, model, place,
                      [&](LabelPlacer& placer) { draw_marks(canvas, style, model, place, placer); });
}

void draw_roofline(Canvas& canvas, const RooflineModel& model, Theme theme) {
  const Style& style = style_of(theme);
  Rect area = draw_figure(canvas, style, {model.title, model.subtitle, roofline_legend(style, model), model.notes});
  const bool strip =
      canvas.size().x >= kStripMinimumCanvas && model.copy_gbps > 0 &&
      std::any_of(model.marks.begin(), model.marks.end(), [](const RooflineMark& mark) { return mark.of_copy > 0; });
  if (strip) {
    area.width -= kStripWidth;
    draw_copy_strip(canvas, style, model, {area.x + area.width, area.y, kStripWidth, area.height});
  }
  draw_roofline_panel(canvas, style, model, area);
}

}  // namespace fuseline::tuner
