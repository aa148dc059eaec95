// The look: two palettes that go with those of the plots.
#pragma once

#include <imgui.h>

#include "tuner/plot/style.hpp"

namespace fuseline::app::gui {

struct Palette {
  ImU32 window = 0, panel = 0, raised = 0,
        line = 0;  ///< Behind everything, of panels, of what lies on them, between them.
  ImU32 text = 0, muted = 0, faint = 0;
  ImU32 accent = 0, accent_text = 0, accent_soft = 0;
  ImU32 good = 0, bad = 0, warning = 0;
  ImU32 primary_hovered = 0, primary_active = 0;  ///< The accent under the pointer, and pressed.
  bool dark = true;
};

[[nodiscard]] const Palette& palette_of(bool dark);
/// Colours, roundings and spacings of the current ImGui context.
void apply_theme(bool dark, float scale);
[[nodiscard]] inline const tuner::Style& plot_style(bool dark) {
  return tuner::style_of(dark ? tuner::Theme::dark : tuner::Theme::light);
}
[[nodiscard]] inline ImVec4 vec(ImU32 colour) { return ImGui::ColorConvertU32ToFloat4(colour); }
/// `colour` with its alpha times `alpha`.
[[nodiscard]] ImU32 faded(ImU32 colour, float alpha);
[[nodiscard]] inline ImU32 packed(const tuner::Colour& colour) {
  return IM_COL32(colour.r, colour.g, colour.b, colour.a);
}

}  // namespace fuseline::app::gui
