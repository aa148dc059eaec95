// The panels there are, as the layout knows them.
#include "app/gui/models/layout.hpp"

namespace fuseline::app::gui {

std::vector<PanelPlace> default_panels() {
  return {
#define FUSELINE_PANEL(id, title, area, draw) {#id, title, Area::area, true},
#include "app/gui/models/panels.def"
#undef FUSELINE_PANEL
  };
}

}  // namespace fuseline::app::gui
