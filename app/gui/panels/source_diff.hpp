// The lines that two sources differ in.
#pragma once

#include "app/gui/models/source_diff.hpp"
#include "app/gui/panels/ui.hpp"

namespace fuseline::app::gui {

/// Takes the rest of the panel.
void draw_source_diff(Ui& ui, const SourceDiff& diff);

}  // namespace fuseline::app::gui
