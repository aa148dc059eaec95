// The window's colours, as numbers, and which text is drawn on which ground: for the theme and for a check that all of
// it can be read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fuseline::app::gui {

/// 0xRRGGBB.
using Rgb = std::uint32_t;

struct Colours {
  Rgb window = 0, panel = 0, raised = 0, line = 0;  ///< Behind everything, of panels, of what lies on them, between.
  Rgb text = 0, muted = 0, faint = 0;
  Rgb accent = 0, accent_text = 0, accent_soft = 0;
  Rgb good = 0, bad = 0, warning = 0;
  bool dark = true;
};
[[nodiscard]] const Colours& colours_of(bool dark);

/// How strongly a colour lies over a ground that has text on it, 0 to 1.
inline constexpr float kHeatWash = 0.35F;     ///< A line's share of the samples, in the colour of warnings.
inline constexpr float kFoundWash = 0.10F;    ///< What was found in a text, in the same.
inline constexpr float kChangedWash = 0.12F;  ///< Lines that differ, in those of good and bad.
inline constexpr float kDropWash = 0.18F;     ///< Where a dragged panel would go, in the accent.
/// Of black or white over every other row of a table.
inline constexpr float kOtherRow = 0.022F;
/// How much is left of what is disabled, which is to be told from what is not and read all the same.
inline constexpr float kDisabledShare = 0.6F;

/// What texts lie on, worked out from the colours.
struct Grounds {
  Rgb popup = 0;
  Rgb field_hovered = 0, field_active = 0;
  Rgb button = 0, button_hovered = 0, button_active = 0;
  Rgb row_hovered = 0, row_active = 0;  ///< Of lists, tables and menus.
  Rgb tab_hovered = 0;
  Rgb primary_hovered = 0, primary_active = 0;  ///< Of the button that starts, whose text is accent_text.
};
[[nodiscard]] Grounds grounds_of(const Colours& colours);

/// Luminances' ratio as WCAG 2 has it: 1 to 21.
[[nodiscard]] double contrast(Rgb a, Rgb b);

/// A text on a ground that panels put it on.
struct TextOnGround {
  std::string text, ground;
  double contrast = 0;
  bool disabled = false;  ///< WCAG asks nothing of it.
};
[[nodiscard]] std::vector<TextOnGround> texts_on_grounds(const Colours& colours);

}  // namespace fuseline::app::gui
