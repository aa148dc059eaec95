#include "app/gui/plot/roofline_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Colour;
using tuner::Emphasis;
using tuner::Provenance;
using tuner::Rect;
using tuner::Vec2;

constexpr double kRadius = 4.2, kStripRadius = 3.4;
constexpr double kStripWidth = 210, kStripMinimum = 620;

bool inside(const Rect& area, Vec2 at) { return at.x >= area.x && at.x <= area.x + area.width && at.y >= area.y && at.y <= area.y + area.height; }

/// Which pixels have a mark of which colour, so that a hundred thousand marks cost as much as there are pixels.
class Occupied {
 public:
  /// False where a mark of this colour is there already.
  bool take(Vec2 at, std::uint16_t colour) {
    const auto x = static_cast<std::uint64_t>(std::lround(at.x * 1.5) & 0xFFFFFF), y = static_cast<std::uint64_t>(std::lround(at.y * 1.5) & 0xFFFFFF);
    return taken_.insert((x << 40U) | (y << 16U) | colour).second;
  }

 private:
  std::unordered_set<std::uint64_t> taken_;
};

Emphasis emphasis_of(const SceneMark& mark) { return mark.best ? Emphasis::best : mark.tied ? Emphasis::tied : Emphasis::none; }

/// A ring round a selected mark, in the colour of text so that it differs from every series.
void draw_halo(tuner::Canvas& canvas, const tuner::Style& style, Vec2 at, double radius) {
  canvas.stroke_circle(at, radius + 4.5, {style.panel, 4, false});
  canvas.stroke_circle(at, radius + 4.5, {style.target, 2, false});
}

struct MarkPainter {
  tuner::Canvas& canvas;
  const RooflineDrawing& drawing;
  Provenance provenance;
  double radius;

  void draw(const SceneMark& mark, Vec2 at) const {
    const Row& row = drawing.data.rows()[mark.row];
    const bool hovered = drawing.selection.hovered == row.evaluation->sequence;
    tuner::draw_mark(canvas, drawing.style, at, hovered ? radius + 1.5 : radius, mark_colour(drawing.style, drawing.scene.on_ramp(), mark.colour), provenance, emphasis_of(mark));
  }
};

/// What a best mark says beside itself.
tuner::RooflineMark callout_of(const RunData& data) {
  tuner::RooflineMark mark;
  const Row* best = data.best_row();
  if (best == nullptr) return mark;
  mark.callout = "best " + tuner::time_text(best->time_ms) + (best->of_copy > 0 ? "\n" + tuner::percent_text(best->of_copy) + " of copy" : "");
  return mark;
}

void draw_scene_marks(tuner::Canvas& canvas, const RooflineDrawing& drawing, RooflinePicture& picture, tuner::LabelPlacer& placer) {
  const Rect area = picture.place.panel.area();
  const MarkPainter painter{canvas, drawing, drawing.data.replayed() ? Provenance::replayed : Provenance::measured, kRadius};
  Occupied occupied;
  const SceneMark* best = nullptr;
  Rect bounds{1e9, 1e9, 0, 0};
  canvas.push_clip(area);
  for (const SceneMark& mark : drawing.scene.marks()) {
    const Vec2 at = picture.place.at(mark.intensity, mark.gflops);
    if (!inside(area, at)) continue;
    if (mark.best) best = &mark;
    if (mark.best || (!occupied.take(at, mark.colour) && !mark.tied)) continue;
    painter.draw(mark, at);
    picture.marks.push_back({at, mark.row});
    bounds = {std::min(bounds.x, at.x), std::min(bounds.y, at.y), std::max(bounds.width, at.x), std::max(bounds.height, at.y)};
  }
  for (const SceneMark& mark : drawing.scene.marks()) {
    const Vec2 at = picture.place.at(mark.intensity, mark.gflops);
    if (!drawing.selection.empty() && inside(area, at) && drawing.selection.has(drawing.data.rows()[mark.row].evaluation->sequence)) draw_halo(canvas, drawing.style, at, kRadius);
  }
  if (best != nullptr) {
    const Vec2 at = picture.place.at(best->intensity, best->gflops);
    painter.draw(*best, at);
    picture.marks.push_back({at, best->row});
    placer.add(tuner::TurnedBox{at, 5 * kRadius, 5 * kRadius, 0});
  }
  // One box for the column of marks is as good as one for each, and thousands of times cheaper.
  if (bounds.width >= bounds.x) {
    placer.add(tuner::TurnedBox{{(bounds.x + bounds.width) / 2, (bounds.y + bounds.height) / 2}, bounds.width - bounds.x + 4 * kRadius, bounds.height - bounds.y + 4 * kRadius, 0});
  }
  for (const tuner::RooflineMark& mark : drawing.scene.frame().marks) {
    const Vec2 at = picture.place.at(mark.intensity, mark.gflops);
    if (!inside(area, at)) continue;
    canvas.begin_item(mark.label);
    tuner::draw_mark(canvas, drawing.style, at, kRadius, mark.series == "given" ? drawing.style.muted : drawing.style.target, Provenance::projected, Emphasis::none);
    canvas.end_item();
    placer.add(tuner::TurnedBox{at, 5 * kRadius, 5 * kRadius, 0});
  }
  canvas.pop_clip();
  if (best != nullptr) tuner::draw_mark_callout(canvas, drawing.style, placer, callout_of(drawing.data), picture.place.at(best->intensity, best->gflops));
  for (const tuner::RooflineMark& mark : drawing.scene.frame().marks) {
    const Vec2 at = picture.place.at(mark.intensity, mark.gflops);
    if (inside(area, at)) tuner::draw_mark_callout(canvas, drawing.style, placer, mark, at);
  }
}

/// Range of "% of copy" that shows the better half well.
tuner::ValueRange strip_range(const RunData& data, const std::vector<SceneMark>& marks) {
  // A thousand of them, evenly taken, with the best among them, say where the range lies.
  const std::size_t step = 1 + marks.size() / 1000;
  std::vector<tuner::RooflineMark> shares;
  for (std::size_t i = 0; i < marks.size(); i += step) shares.emplace_back().of_copy = data.rows()[marks[i].row].of_copy;
  if (const Row* best = data.best_row()) shares.emplace_back().of_copy = best->of_copy;
  return tuner::of_copy_range(shares);
}

/// Marks by their share of the copy bandwidth, spread sideways within rows of their own height.
void draw_strip(tuner::Canvas& canvas, const RooflineDrawing& drawing, const Rect& area, RooflinePicture& picture) {
  const tuner::ValueRange range = strip_range(drawing.data, drawing.scene.marks());
  tuner::Panel panel;
  panel.x = {tuner::Scale::linear, 0, 1, area.x + tuner::kPanelLeft - 8, area.x + area.width};
  panel.y = {tuner::Scale::linear, range.low, range.high, area.y + area.height - tuner::kPanelBottom, area.y + tuner::kPanelTop};
  panel.x_ticks = false;
  panel.heading = "% of copy";
  const Rect inner = panel.area();
  if (inner.width <= 20 || inner.height <= 20) return;
  std::size_t below = 0;
  for (const SceneMark& mark : drawing.scene.marks()) below += 100 * drawing.data.rows()[mark.row].of_copy < range.low ? 1 : 0;
  if (below > 0) panel.x_title = fmt::format("{} below {:g} %", tuner::grouped(static_cast<double>(below)), range.low);
  tuner::draw_panel(canvas, drawing.style, panel);
  if (range.high >= 100) {
    const double y = panel.y.pixel(100);
    canvas.polyline(std::array<Vec2, 2>{Vec2{inner.x, y}, Vec2{inner.x + inner.width, y}}, {drawing.style.device, 1.8, false});
  }
  const MarkPainter painter{canvas, drawing, drawing.data.replayed() ? Provenance::replayed : Provenance::measured, kStripRadius};
  const double step = 2 * kStripRadius + 0.8;
  const auto rows = static_cast<std::size_t>(inner.height / step) + 1;
  const auto columns = std::max(1, static_cast<int>(inner.width / step) - 1);
  std::vector<int> filled(rows, 0);
  canvas.push_clip(inner);
  // The best last, on top; its row keeps the middle free for it.
  for (int pass = 0; pass < 2; ++pass) {
    for (const SceneMark& mark : drawing.scene.marks()) {
      const double share = 100 * drawing.data.rows()[mark.row].of_copy;
      if (mark.best != (pass == 1) || !(share > 0) || share < range.low) continue;
      const double y = panel.y.pixel(share);
      const auto row = std::min(rows - 1, static_cast<std::size_t>(std::max(0.0, (y - inner.y) / step)));
      const int slot = mark.best ? 0 : ++filled[row];
      if (slot >= columns) continue;  // The row is full: more marks would show nothing more.
      const Vec2 at{inner.x + inner.width / 2 + (slot % 2 == 0 ? 1 : -1) * ((slot + 1) / 2) * step, y};
      painter.draw(mark, at);
      if (!drawing.selection.empty() && drawing.selection.has(drawing.data.rows()[mark.row].evaluation->sequence)) draw_halo(canvas, drawing.style, at, kStripRadius);
      picture.strip_marks.push_back({at, mark.row});
    }
  }
  canvas.pop_clip();
  picture.strip = panel;
}

}  // namespace

Colour ramp_colour(double share, bool dark_background) {
  // Five stops from violet to yellow; on white the warm end is darker, on black the cold end is lighter.
  static constexpr std::array<Colour, 5> on_light = {Colour{68, 30, 110}, Colour{54, 92, 160}, Colour{22, 140, 130}, Colour{106, 160, 40}, Colour{200, 140, 0}};
  static constexpr std::array<Colour, 5> on_dark = {Colour{128, 100, 200}, Colour{80, 140, 220}, Colour{50, 185, 170}, Colour{150, 205, 85}, Colour{250, 215, 70}};
  const auto& stops = dark_background ? on_dark : on_light;
  const double at = std::clamp(share, 0.0, 1.0) * 4;
  const auto lower = std::min<std::size_t>(3, static_cast<std::size_t>(at));
  const double part = at - static_cast<double>(lower);
  const auto mix = [part](std::uint8_t a, std::uint8_t b) { return static_cast<std::uint8_t>(std::lround(a + part * (b - a))); };
  return {mix(stops[lower].r, stops[lower + 1].r), mix(stops[lower].g, stops[lower + 1].g), mix(stops[lower].b, stops[lower + 1].b), 255};
}

Colour mark_colour(const tuner::Style& style, bool on_ramp, std::uint16_t colour) {
  return on_ramp ? ramp_colour(colour / 255.0, style.background.r < 128) : tuner::series_colour(style, colour);
}

std::optional<std::uint32_t> RooflinePicture::hit(Vec2 at, double reach) const {
  double nearest = reach;
  std::optional<std::uint32_t> found;
  for (const auto* list : {&marks, &strip_marks}) {
    for (const PlacedMark& mark : *list) {
      const double distance = std::hypot(mark.at.x - at.x, mark.at.y - at.y);
      if (distance > nearest) continue;
      nearest = distance;
      found = mark.row;
    }
  }
  return found;
}

std::vector<std::uint32_t> RooflinePicture::within(const Rect& box) const {
  std::vector<std::uint32_t> rows;
  for (const auto* list : {&marks, &strip_marks}) {
    for (const PlacedMark& mark : *list) {
      if (inside(box, mark.at)) rows.push_back(mark.row);
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

RooflinePicture draw_roofline_scene(tuner::Canvas& canvas, const RooflineDrawing& drawing, const Rect& area) {
  RooflinePicture picture;
  Rect left = area;
  const bool copies = std::any_of(drawing.scene.marks().begin(), drawing.scene.marks().end(), [&](const SceneMark& mark) { return drawing.data.rows()[mark.row].of_copy > 0; });
  const bool strip = drawing.strip && copies && area.width >= kStripMinimum;
  if (strip) left.width -= kStripWidth;
  picture.place = tuner::roofline_place(drawing.ranges, left);
  picture.place.panel.heading.clear();
  if (drawing.scene.level() != Level::compulsory) picture.place.panel.x_title = "Arithmetic intensity (operations per byte of " + std::string(to_string(drawing.scene.level())) + ")";
  picture.unlabelled = tuner::draw_roofline_panel(canvas, drawing.style, drawing.scene.frame(), picture.place, [&](tuner::LabelPlacer& placer) { draw_scene_marks(canvas, drawing, picture, placer); });
  if (strip) draw_strip(canvas, drawing, {left.x + left.width, area.y, kStripWidth, area.height}, picture);
  return picture;
}

}  // namespace fuseline::app::gui
