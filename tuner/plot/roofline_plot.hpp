// The panels of the roofline plot and the numbers they are laid out by; the GUI lays its own out with the same.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tuner/plot/figure.hpp"
#include "tuner/plot/label_placer.hpp"
#include "tuner/plot/plots.hpp"
#include "tuner/run/memory.hpp"

namespace fuseline::tuner {

/// Lowest and highest value shown.
struct ValueRange {
  double low = 0, high = 1;
};
struct RooflineRanges {
  ValueRange intensity, gflops;
};
/// Both log ranges: all marks, the ridges of all roofs, and room for labels. Of a picture that cannot be zoomed one
/// hopeless configuration must not squash the rest: without `every_mark`, what is a thousand times below the best is
/// out of view.
[[nodiscard]] RooflineRanges roofline_ranges(const RooflineModel& model, bool every_mark = false);

/// Range of "% of copy": from 0 (or near the best, where most marks are there) to a little over 100, or over the best
/// where that is far below.
[[nodiscard]] ValueRange of_copy_range(const std::vector<RooflineMark>& marks);

/// Series of the evaluated marks in alphabetical order, with the position of each.
[[nodiscard]] std::map<std::string, std::size_t> series_positions(const std::vector<RooflineMark>& marks);

/// Operations per second that `roof` allows at `intensity`; `fallback_gflops` where its plateau is not known.
[[nodiscard]] double roof_at(const Roof& roof, double intensity, double fallback_gflops);

/// DRAM and L2 of a target, with its FP32 rate on the first; for the view of the target a copy first. Each says how it
/// is known.
[[nodiscard]] std::vector<Roof> target_roofs(const Target& target, RooflineView view);

/// Of a target's roofs and projections: the run's own (0) or one beside it.
[[nodiscard]] Colour target_colour(const Style& style, std::size_t number);

/// How a roof is drawn: the device's measured ones solid, data sheets dashed, the target's dashed and heavier.
[[nodiscard]] Stroke roof_stroke(const Style& style, const Roof& roof);

/// Where values are on a canvas.
struct RooflinePlace {
  Panel panel;
  double unit = 1;  ///< GFLOP/s a unit of the y axis.
  [[nodiscard]] Vec2 at(double intensity, double gflops) const {
    return {panel.x.pixel(intensity), panel.y.pixel(gflops / unit)};
  }
  [[nodiscard]] double intensity(double x) const { return panel.x.value(x); }
  [[nodiscard]] double gflops(double y) const { return panel.y.value(y) * unit; }
};
/// The panel that shows `ranges` in `area`, with room for its ticks and titles. Its area() is empty where there is no
/// room.
[[nodiscard]] RooflinePlace roofline_place(const RooflineRanges& ranges, const Rect& area);

/// The axes of the instruction roofline in place of a roofline's: warp instructions and transactions.
void name_instruction_axes(RooflinePlace& place);
/// "1,234 GIPS, 5.67 warp instructions a transaction of DRAM".
[[nodiscard]] std::string instruction_point_text(const InstructionPoint& point, const std::string& level);
/// What the best says beside its mark there.
[[nodiscard]] std::string best_instructions_text(double time_ms);

/// Axes and roofs, then what `marks` draws (it tells the placer where labels may not be), then the labels of the roofs.
/// Returns the positions in model.roofs of those in view whose label found no room.
std::vector<std::size_t> draw_roofline_panel(Canvas& canvas, const Style& style, const RooflineModel& model,
                                             const RooflinePlace& place,
                                             const std::function<void(LabelPlacer&)>& marks);
/// The callout of a mark that stands at `at`, where there is room, or else what is in parentheses in it left out; of
/// the best and of projections also over lines, on a patch. The placer is told.
void draw_mark_callout(Canvas& canvas, const Style& style, LabelPlacer& placer, const RooflineMark& mark, Vec2 at);
/// Runs laid over the chart as squares, each in a colour of its own and a little to the right of where it is: its
/// intensity is that of the run on show as a rule, and one column would hide the other. The best is larger.
void draw_overlaid(Canvas& canvas, const Style& style, const std::vector<OverlaidRun>& runs, const RooflinePlace& place,
                   LabelPlacer& placer);
/// The last colours of the series, since variants have the first.
[[nodiscard]] Colour overlaid_colour(const Style& style, std::size_t run);
/// A square of one of them, as in the legend.
void draw_overlaid_mark(Canvas& canvas, const Style& style, Vec2 at, std::size_t run, const OverlaidRun& of, bool best);
/// The panel of a whole model, everything in view.
void draw_roofline_panel(Canvas& canvas, const Style& style, const RooflineModel& model, const Rect& area);
/// Marks spread by their share of the copy bandwidth, a column a series; on the target in the order of their projected
/// times, each with its interval.
void draw_copy_strip(Canvas& canvas, const Style& style, const RooflineModel& model, const Rect& area);

/// The panel of that order: `count` places, from the lowest end of an interval to the copy or the highest one, `shares`
/// of the copy being these ends.
[[nodiscard]] Panel target_strip_panel(const ValueRange& shares, std::size_t count, const std::string& copy_name,
                                       const Rect& area);
/// Where square `run` of those laid over the chart stands that has this rate.
[[nodiscard]] Vec2 overlaid_at(const RooflinePlace& place, const OverlaidRun& run, std::size_t position, double gflops);
/// Shares of the copy as a bar at `x`, cut where the panel ends.
void draw_interval(Canvas& canvas, const Panel& panel, double x, const ValueRange& of_copy, Colour colour);

}  // namespace fuseline::tuner
