// The roofline as the GUI shows it: the view's part of it, marks by the thousand, selection; on any canvas, so that a file shows the same.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/gui/models/roofline_scene.hpp"
#include "app/gui/models/selection.hpp"
#include "tuner/plot/style.hpp"

namespace fuseline::app::gui {

/// Colour of a mark by its position in the legend, or on the ramp.
[[nodiscard]] tuner::Colour mark_colour(const tuner::Style& style, bool on_ramp, std::uint16_t colour);
/// 256 steps from cold to warm, even in lightness, readable on either background.
[[nodiscard]] tuner::Colour ramp_colour(double share, bool dark_background);

/// A mark where it was drawn.
struct PlacedMark {
  tuner::Vec2 at;
  std::uint32_t row = 0;
};

/// What a drawing needs; everything outlives the call.
struct RooflineDrawing {
  const RooflineScene& scene;
  const RunData& data;
  const Selection& selection;
  const tuner::Style& style;
  tuner::RooflineRanges ranges;
  bool strip = true;  ///< The share of copy beside it, where there is room.
};

/// Where things came to be, for the pointer and for checks.
struct RooflinePicture {
  tuner::RooflinePlace place;
  std::vector<PlacedMark> marks;        ///< Of the roofline, drawn; those on the very pixel of another are left out.
  std::optional<tuner::Panel> strip;
  std::vector<PlacedMark> strip_marks;
  std::vector<std::size_t> unlabelled;  ///< Roofs of the frame whose label found no room: a legend names them.

  /// The mark nearest to `at` within `reach` pixels.
  [[nodiscard]] std::optional<std::uint32_t> hit(tuner::Vec2 at, double reach) const;
  /// Rows whose marks lie in `box`, in the roofline or the strip.
  [[nodiscard]] std::vector<std::uint32_t> within(const tuner::Rect& box) const;
};

/// Draws into `area` of the canvas.
[[nodiscard]] RooflinePicture draw_roofline_scene(tuner::Canvas& canvas, const RooflineDrawing& drawing, const tuner::Rect& area);

}  // namespace fuseline::app::gui
