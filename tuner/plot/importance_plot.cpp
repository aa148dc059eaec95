// What each parameter does by itself and each two together, as shares of the variance.
#include <fmt/format.h>

#include <algorithm>

#include "tuner/plot/relations_plots.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kItemLine = 22, kBarHeight = 12, kAxisRoom = 26, kPercent = 52;
constexpr std::size_t kItems = 18;
constexpr std::string_view kRest = "three and more together";
constexpr double kLeastShown = 0.002;  ///< A smaller share is a bar that cannot be seen.

std::string label_of(const ImportanceItem& item) {
  return item.second.empty() ? item.first : fmt::format("{} \u00d7 {}", item.first, item.second);
}

/// Those that are drawn; the smallest are told as a sum.
std::size_t shown_items(const ImportanceModel& model) {
  const auto first_small = std::find_if(model.items.begin(), model.items.end(),
                                        [](const ImportanceItem& item) { return item.share < kLeastShown; });
  return std::min(kItems, static_cast<std::size_t>(first_small - model.items.begin()));
}

double others_share(const ImportanceModel& model) {
  double sum = 0;
  for (std::size_t i = shown_items(model); i < model.items.size(); ++i) sum += model.items[i].share;
  return sum;
}

struct ImportanceLayout {
  double label = 0, x = 0, room = 0, end = 1;
};

double axis_end(double most) {
  for (const double end : {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8}) {
    if (most <= end) return end;
  }
  return 1;
}

ImportanceLayout layout_of(const Canvas& canvas, const ImportanceModel& model, const Rect& area) {
  ImportanceLayout layout;
  double most = model.rest;
  for (std::size_t i = 0; i < shown_items(model); ++i) {
    layout.label = std::max(layout.label, canvas.text_width(label_of(model.items[i]), kAxisTitleSize));
    most = std::max(most, model.items[i].share);
  }
  layout.label = std::max(layout.label, canvas.text_width(kRest, kAxisTitleSize));
  layout.label = std::min(layout.label + 14, area.width * 0.5);
  layout.x = area.x + layout.label;
  layout.room = std::max(20.0, area.width - layout.label - kPercent);
  layout.end = axis_end(most);
  return layout;
}

void draw_share_grid(Canvas& canvas, const Style& style, const ImportanceLayout& layout, double top, double height) {
  const Axis axis{Scale::linear, 0, 100 * layout.end, layout.x, layout.x + layout.room};
  for (const Tick& tick : axis.ticks(56)) {
    const double x = axis.pixel(tick.value);
    canvas.fill_rect({x - 0.5, top, 1, height}, style.grid);
    canvas.text({x, top + height + 15}, tick.label + " %", kTickSize, style.muted, Anchor::middle);
  }
}

void draw_share(Canvas& canvas, const Style& style, const ImportanceLayout& layout, const Rect& box,
                const std::string& label, double share, Colour colour) {
  const double middle = box.y + box.height / 2, baseline = middle + kLabelSize * 0.36;
  canvas.fill_rect(box, with_alpha(style.panel, 0));  // The whole line answers the pointer.
  canvas.text({box.x, baseline}, fit_text(canvas, label, kAxisTitleSize, layout.label - 10), kAxisTitleSize,
              style.text);
  const double length = std::max(1.0, layout.room * share / layout.end);
  canvas.fill_rect({layout.x, middle - kBarHeight / 2, length, kBarHeight}, colour);
  canvas.text({layout.x + length + 5, baseline}, fmt::format("{:.1f} %", 100 * share), kLabelSize, style.muted);
}

/// Not a colour that warns elsewhere.
Colour pair_colour(const Style& style) { return with_alpha(style.series[0], 120); }

std::string share_tooltip(const ImportanceItem& item) {
  if (item.second.empty())
    return fmt::format("{} by itself: {:.1f} % of the variance of log time", item.first, 100 * item.share);
  return fmt::format("{} and {} together, beyond what each does by itself: {:.1f} % of the variance of log time",
                     item.first, item.second, 100 * item.share);
}

}  // namespace

double importance_height(const ImportanceModel& model) {
  const std::size_t sums = (model.rest >= kLeastShown ? 1U : 0U) + (others_share(model) >= kLeastShown ? 1U : 0U);
  return kItemLine * static_cast<double>(shown_items(model) + sums) + kAxisRoom;
}

std::vector<PlacedImportance> draw_importance_panel(Canvas& canvas, const Style& style, const ImportanceModel& model,
                                                    const Rect& area) {
  const ImportanceLayout layout = layout_of(canvas, model, area);
  draw_share_grid(canvas, style, layout, area.y, importance_height(model) - kAxisRoom);
  std::vector<PlacedImportance> placed;
  double y = area.y;
  for (std::size_t i = 0; i < shown_items(model); ++i, y += kItemLine) {
    const ImportanceItem& item = model.items[i];
    placed.push_back({{area.x, y, area.width, kItemLine}, &item});
    canvas.begin_item(share_tooltip(item));
    draw_share(canvas, style, layout, placed.back().box, label_of(item), item.share,
               item.second.empty() ? style.series[0] : pair_colour(style));
    canvas.end_item();
  }
  const auto sum = [&](const std::string& label, double share) {
    if (share < kLeastShown) return;
    draw_share(canvas, style, layout, {area.x, y, area.width, kItemLine}, label, share, style.other);
    y += kItemLine;
  };
  sum(fmt::format("{} smaller ones", model.items.size() - shown_items(model)), others_share(model));
  sum(std::string(kRest), model.rest);
  return placed;
}

double importance_figure_height(const ImportanceModel& model) { return importance_height(model) + 190; }

void draw_importance(Canvas& canvas, const ImportanceModel& model, Theme theme) {
  const Style& style = style_of(theme);
  const auto bar = [](Colour colour, const std::string& text) {
    return LegendEntry{LegendEntry::Kind::bar, colour, text, Provenance::measured, Emphasis::none};
  };
  const Rect area = draw_figure(canvas, style,
                                {model.title,
                                 model.subtitle,
                                 {bar(style.series[0], "a parameter by itself"),
                                  bar(pair_colour(style), "two together, beyond that"), bar(style.other, "all others")},
                                 model.notes});
  (void)draw_importance_panel(canvas, style, model, {area.x, area.y + 6, area.width, area.height - 6});
}

}  // namespace fuseline::tuner
