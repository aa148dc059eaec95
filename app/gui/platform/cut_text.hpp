// Text that the frame drawn last shows only a part of: for checks that nothing is cut off.
#pragma once

#include <string>
#include <vector>

#include "app/gui/models/layout.hpp"

namespace fuseline::app::gui {

/// A piece of a line with letters that end where their window, column or button does, though nothing can be scrolled
/// that way. What ends in an ellipsis is none.
struct CutText {
  std::string window, text;  ///< ImGui's name of the window.
  Box box;                   ///< Of all of its letters, in pixels of the window.
};
/// Of the current context, between two frames. Empty from Dear ImGui 1.92 on, whose fonts do not say where a letter
/// lies in the texture.
[[nodiscard]] std::vector<CutText> cut_texts();

}  // namespace fuseline::app::gui
