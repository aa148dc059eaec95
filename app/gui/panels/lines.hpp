// Where warps stood, in the Source panel: the hottest lines, instructions with their samples, opcodes.
#pragma once

#include "app/gui/panels/ui.hpp"

namespace fuseline::app::gui {

/// Height of hot_lines() in a panel `height` high; 0 where there are none.
[[nodiscard]] float hot_lines_height(Ui& ui, float height);
/// The hottest lines below the source, as many as fit; a click goes to one.
void hot_lines(Ui& ui, float height);
/// Over what is left of the panel; a click on an instruction goes to its line.
void instructions_view(Ui& ui);
/// Counted, and beside them those of a second configuration that is selected.
void opcodes_view(Ui& ui);

}  // namespace fuseline::app::gui
