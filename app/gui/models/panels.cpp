// The panels there are.
#include "app/gui/models/layout.hpp"

namespace fuseline::app::gui {

std::vector<PanelPlace> default_panels() {
  return {
      {"problem", "Problem", Area::left_top, true},
      {"history", "History", Area::left_top, true},
      {"space", "Space", Area::left_bottom, true},
      {"search", "Search", Area::left_bottom, true},
      {"roofline", "Roofline", Area::centre_top, true},
      {"results", "Results", Area::centre_bottom, true},
      {"convergence", "Progress", Area::centre_bottom, true},
      {"source", "Source", Area::centre_bottom, true},
      {"compiler", "Compiler", Area::centre_bottom, true},
      {"log", "Log", Area::centre_bottom, true},
      {"details", "Details", Area::right_top, true},
      {"counters", "Counters", Area::right_top, true},
      {"why", "Why", Area::right_bottom, true},
      {"samples", "Samples", Area::right_bottom, true},
      {"compare", "Compare", Area::right_bottom, true},
  };
}

}  // namespace fuseline::app::gui
