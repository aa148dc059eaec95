#include "app/gui/plot/roofline_drawing.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tuner/report/describe.hpp"

namespace fuseline::app::gui {
namespace {

using tuner::Colour;
using tuner::Emphasis;
using tuner::Provenance;
using tuner::Rect;
using tuner::Vec2;

/// A ring round a selected mark, in the colour of text so that it differs from every series.
void draw_halo(tuner::Canvas& canvas, const tuner::Style& style, Vec2 at, double radius) {
  canvas.stroke_circle(at, radius + 4.5, {style.panel, 4, false});
  canvas.stroke_circle(at, radius + 4.5, {style.text, 2, false});
}

/// Marks as they are drawn in one place: their colours are looked up once.
class MarkPainter {
 public:
  MarkPainter(tuner::Canvas& canvas, const RooflineDrawing& drawing, double radius)
      : canvas_(canvas),
        drawing_(drawing),
        provenance_(drawing.scene.on_target() ? Provenance::projected
                    : drawing.data.replayed() ? Provenance::replayed
                                              : Provenance::measured),
        radius_(radius) {
    if (drawing.selection.highlighted) {
      if (const Row* row = drawing.data.by_sequence(*drawing.selection.highlighted))
        hovered_ = static_cast<std::uint32_t>(row - drawing.data.rows().data());
    }
  }
  void draw(const PlacedMark& mark) const {
    tuner::draw_mark(canvas_, drawing_.style, mark.at, hovered_ == mark.row ? radius_ + 1.5 : radius_,
                     mark_colour(drawing_.style, drawing_.scene.on_ramp(), mark.colour), provenance_, mark.emphasis);
  }

 private:
  tuner::Canvas& canvas_;
  const RooflineDrawing& drawing_;
  Provenance provenance_;
  double radius_;
  std::optional<std::uint32_t> hovered_;
};

/// What a best mark says beside itself.
tuner::RooflineMark callout_of(const RooflineScene& scene) {
  tuner::RooflineMark mark;
  mark.callout = scene.callout();
  if (scene.on_target()) mark.provenance = Provenance::projected;
  return mark;
}

/// Of a mark that is none of the run's evaluations.
tuner::Colour colour_beside(const tuner::Style& style, const tuner::RooflineMark& mark) {
  if (mark.provenance == Provenance::given) return style.muted;
  return mark.provenance == Provenance::projected ? tuner::target_colour(style, mark.target_number) : style.text;
}

void draw_frame_marks(tuner::Canvas& canvas, const RooflineDrawing& drawing, const tuner::RooflinePlace& place,
                      tuner::LabelPlacer& placer) {
  const Rect area = place.panel.area();
  for (const tuner::RooflineMark& mark : drawing.scene.frame().marks) {
    const Vec2 at = place.at(mark.intensity, mark.gflops);
    if (!inside(area, at)) continue;
    canvas.begin_item(mark.label);
    tuner::draw_mark(canvas, drawing.style, at, kMarkRadius, colour_beside(drawing.style, mark), mark.provenance,
                     Emphasis::none);
    canvas.end_item();
    placer.add(tuner::TurnedBox{at, 5 * kMarkRadius, 5 * kMarkRadius, 0});
  }
  tuner::draw_overlaid(canvas, drawing.style, drawing.scene.frame().overlaid, place, placer);
}

void draw_scene_marks(tuner::Canvas& canvas, const RooflineDrawing& drawing, const RooflineMarks& placed,
                      tuner::LabelPlacer& placer) {
  const tuner::RooflinePlace& place = placed.place();
  const Rect area = place.panel.area();
  const MarkPainter painter(canvas, drawing, kMarkRadius);
  const auto& marks = placed.marks();
  canvas.push_clip(area);
  const std::size_t plain = marks.size() - (placed.best_in_view() ? 1 : 0);
  for (std::size_t i = 0; i < plain; ++i) painter.draw(marks[i]);
  for (const Vec2& at : placed.halos()) draw_halo(canvas, drawing.style, at, kMarkRadius);
  if (placed.best_in_view()) {
    painter.draw(marks.back());
    placer.add(tuner::TurnedBox{marks.back().at, 5 * kMarkRadius, 5 * kMarkRadius, 0});
  }
  // One box for the column of marks is as good as one for each, and thousands of times cheaper.
  if (const auto& box = placed.bounds()) {
    placer.add(tuner::TurnedBox{{box->x + box->width / 2, box->y + box->height / 2},
                                box->width + 4 * kMarkRadius,
                                box->height + 4 * kMarkRadius,
                                0});
  }
  draw_frame_marks(canvas, drawing, place, placer);
  canvas.pop_clip();
  if (placed.best_in_view())
    tuner::draw_mark_callout(canvas, drawing.style, placer, callout_of(drawing.scene), marks.back().at);
  for (const tuner::RooflineMark& mark : drawing.scene.frame().marks) {
    const Vec2 at = place.at(mark.intensity, mark.gflops);
    if (inside(area, at)) tuner::draw_mark_callout(canvas, drawing.style, placer, mark, at);
  }
}

/// Marks by their share of the copy bandwidth.
void draw_strip(tuner::Canvas& canvas, const RooflineDrawing& drawing, const StripMarks& strip) {
  const Rect inner = strip.panel.area();
  tuner::draw_panel(canvas, drawing.style, strip.panel);
  if (strip.copy_line) {
    const double y = strip.panel.y.pixel(100);
    const bool there = drawing.scene.on_target();
    canvas.polyline(std::array<Vec2, 2>{Vec2{inner.x, y}, Vec2{inner.x + inner.width, y}},
                    {there ? drawing.style.target : drawing.style.device, 1.8, there});
  }
  const MarkPainter painter(canvas, drawing, drawing.scene.on_target() ? 0.6 * kStripRadius : kStripRadius);
  canvas.push_clip(inner);
  for (const PlacedInterval& interval : strip.intervals) {
    tuner::draw_interval(canvas, strip.panel, interval.x, interval.of_copy,
                         mark_colour(drawing.style, drawing.scene.on_ramp(), interval.colour));
  }
  for (const PlacedMark& mark : strip.marks) painter.draw(mark);
  for (const Vec2& at : strip.halos) draw_halo(canvas, drawing.style, at, kStripRadius);
  canvas.pop_clip();
}

}  // namespace

Colour mark_colour(const tuner::Style& style, bool on_ramp, std::uint16_t colour) {
  return on_ramp ? tuner::ramp_colour(colour / 255.0, style.background.r < 128) : tuner::series_colour(style, colour);
}

void draw_roofline_scene(tuner::Canvas& canvas, const RooflineDrawing& drawing, const Rect& area,
                         RooflinePicture& picture) {
  const RooflinePicture::Look look{&drawing.style, drawing.selection.highlighted,
                                   canvas.text_width("0123456789", 12, false)};
  // Labels try many places before they find one: not in every frame.
  if (picture.marks.update(drawing, area) || !(picture.look == look)) {
    picture.look = look;
    RecordedDrawing& record = picture.drawing;
    record.begin(canvas);
    picture.unlabelled = tuner::draw_roofline_panel(
        record, drawing.style, drawing.scene.frame(), picture.marks.place(),
        [&](tuner::LabelPlacer& placer) { draw_scene_marks(record, drawing, picture.marks, placer); });
    if (picture.marks.strip()) draw_strip(record, drawing, *picture.marks.strip());
    record.end();
  }
  picture.drawing.replay(canvas);
}

}  // namespace fuseline::app::gui
