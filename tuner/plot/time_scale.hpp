// The scale of colours that says what a time loses to the best.
#pragma once

#include "tuner/plot/relations_plots.hpp"

namespace fuseline::tuner {

inline constexpr double kTimeScaleWidth = 126;  ///< Of the bar with its labels, and a gap before it.

/// A bar at the right edge of `area`, as high as it is, up to a bound; the best on top.
void draw_time_scale(Canvas& canvas, const Style& style, const TimeScale& scale, const Rect& area);
/// Black or white, whichever can be read on `ground`.
[[nodiscard]] Colour text_on(Colour ground);

}  // namespace fuseline::tuner
