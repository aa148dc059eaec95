// The program: the window with the app in it, until it is closed or its script ends.
#pragma once

#include <string>
#include <vector>

#include "app/gui/models/app.hpp"

namespace fuseline::app::gui {

struct ProgramOptions {
  AppOptions app;
  std::vector<std::string> files;  ///< To be opened at the start, as by file.open.
  std::string script;              ///< --script FILE
  std::string screenshot;     ///< --screenshot FILE.png: saved when the script ends, or as soon as nothing is going on;
                              ///< then the program ends.
  float scale = 1;            ///< --scale, times the settings' and the display's.
  int width = 0, height = 0;  ///< 0: as remembered.
  bool check_drawing = false;  ///< --check-drawing: ends with 3 where a frame differs from the same drawn whole.
  std::string frame_times;     ///< File that the times of all frames are written to when the program ends (CSV).
};

/// Exit code: 0 done; 2 no display, bad input, or a step of the script that failed; 3 a frame was drawn wrong
/// (--check-drawing).
[[nodiscard]] int run_program(ProgramOptions options);

}  // namespace fuseline::app::gui
