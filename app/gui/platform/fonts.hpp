// The fonts of the program, at the sizes at which they are drawn.
#pragma once

#include <imgui.h>

#include <string>

#include "app/gui/platform/sprites.hpp"
#include "tuner/base/error.hpp"

namespace fuseline::app::gui {

struct Fonts {
  ImFont *regular = nullptr, *small = nullptr, *bold = nullptr, *small_bold = nullptr, *title = nullptr,
         *mono = nullptr;
  float scale = 1;
  Sprites sprites;
  static constexpr float kRegular = 14, kSmall = 12, kTitle = 20, kMono = 13;
  /// The font nearest to `size` (at scale 1).
  [[nodiscard]] ImFont* nearest(double size, bool bold) const;
};

/// Loads everything for `scale` into the current context's atlas, which is emptied. Error: no font file found.
[[nodiscard]] tuner::Result<Fonts> load_fonts(float scale);
/// ImGui's own, which knows ASCII alone: better than no window.
[[nodiscard]] Fonts built_in_fonts(float scale);

}  // namespace fuseline::app::gui
