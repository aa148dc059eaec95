// The roofline as the GUI shows it: the view's part of it, marks by the thousand, selection; on any canvas, so that a
// file shows the same.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/gui/plot/recorded_drawing.hpp"
#include "app/gui/plot/roofline_marks.hpp"

namespace fuseline::app::gui {

/// Colour of a mark by its position in the legend, or on the ramp.
[[nodiscard]] tuner::Colour mark_colour(const tuner::Style& style, bool on_ramp, std::uint16_t colour);

/// Kept from frame to frame: what did not change is not worked out again. For the pointer and for checks too.
struct RooflinePicture {
  RooflineMarks marks;
  RecordedDrawing drawing;
  struct Look {
    const tuner::Style* style = nullptr;
    std::optional<std::uint64_t> highlighted;
    double text_width = 0;  ///< Of a sample: fonts differ by scale.
    friend bool operator==(const Look&, const Look&) = default;
  } look;                               ///< Of what was recorded.
  std::vector<std::size_t> unlabelled;  ///< Roofs of the frame whose label found no room: a legend names them.
};

/// Draws into `area` of the canvas, and brings `picture` up to date.
void draw_roofline_scene(tuner::Canvas& canvas, const RooflineDrawing& drawing, const tuner::Rect& area,
                         RooflinePicture& picture);

}  // namespace fuseline::app::gui
