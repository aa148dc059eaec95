// Colours, sizes and marks that all plots share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tuner/plot/canvas.hpp"
#include "tuner/plot/plots.hpp"

namespace fuseline::tuner {

struct Style {
  Colour background, panel, text, muted, grid, frame;
  Colour device;               ///< Roofs of the device measured.
  Colour target;               ///< Roofs of the target and what is projected on it.
  std::vector<Colour> series;  ///< Colour-blind safe (after Okabe & Ito), without the hue of `target`.
  Colour other;                ///< Series beyond the palette.
};
[[nodiscard]] const Style& style_of(Theme theme);

inline constexpr double kTitleSize = 19, kSubtitleSize = 12.5, kAxisTitleSize = 12.5, kTickSize = 11.5,
                        kLabelSize = 11.5, kNoteSize = 11.5;

/// Colour of series `index` among those of a plot.
[[nodiscard]] Colour series_colour(const Style& style, std::size_t index);
/// Steps from cold (0) to warm (1), even in lightness so that colour-blind readers see their order, readable on either
/// background.
[[nodiscard]] Colour ramp_colour(double share, bool dark_background);
/// Relative luminance, 0 to 1, as WCAG 2 defines it for sRGB; `colour` is opaque.
[[nodiscard]] double luminance(Colour colour);
/// Luminances' ratio as WCAG 2 has it: 1 to 21.
[[nodiscard]] double contrast(Colour a, Colour b);
/// What is seen where `colour` lies over an opaque `ground`.
[[nodiscard]] Colour over(Colour ground, Colour colour);
[[nodiscard]] Colour with_alpha(Colour colour, std::uint8_t alpha);

enum class Emphasis { none, tied, best };
/// Measured: filled; replayed: hollow ring. Of both tied: a second ring outside; best: a star, filled or hollow.
/// Projected: dashed diamond; tied with a dot in it, best larger and with a dot. Given: a triangle.
void draw_mark(Canvas& canvas, const Style& style, Vec2 centre, double radius, Colour colour, Provenance provenance,
               Emphasis emphasis);

/// Of another run in the same chart: filled where it was measured, else hollow.
void draw_square(Canvas& canvas, Vec2 centre, double radius, Colour colour, Provenance provenance);

/// `text`, shortened with an ellipsis to fit `width`; empty where not even that fits.
[[nodiscard]] std::string fit_text(const Canvas& canvas, std::string_view text, double size, double width,
                                   bool bold = false);
/// `text` broken at spaces into lines no wider than `width`; a longer word is shortened.
[[nodiscard]] std::vector<std::string> wrap_text(const Canvas& canvas, std::string_view text, double size,
                                                 double width);

}  // namespace fuseline::tuner
