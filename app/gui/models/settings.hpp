// What is remembered from one start to the next: appearance, layout, and what was chosen last.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/gui/models/layout.hpp"
#include "app/gui/models/pins.hpp"
#include "app/gui/models/results_model.hpp"
#include "tuner/base/json.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::app::gui {

struct Settings {
  bool dark = true;
  float scale = 1;  ///< Of fonts and everything that goes with them, times the display's.
  int width = 1440, height = 900;
  int second_width = 900, second_height = 700;  ///< Of the window that panels are torn off into.
  bool welcome = true;                          ///< Show the first view where nothing was run yet.
  tuner::SweepRequest last;                     ///< What was set up last; its problem is empty at first.
  std::string export_folder;
  std::vector<std::string> problem_folders;  ///< Opened here, absolute.
  TableLook table;
  std::string plot_theme;                  ///< Of exported plots: "light", "dark"; empty: as the window.
  std::vector<std::string> also_targets;   ///< Drawn on the roofline beside the target.
  std::string roofline_view = "measured";  ///< See view_name().
  std::string last_store;                  ///< Where the run is that was on show last, and its number; 0: none.
  std::int64_t last_run = 0;
  std::vector<std::string> worker_places;  ///< As WorkerPlace::text has them.
  std::vector<PinReference> pins;          ///< What is pinned, of whichever store.
  std::vector<std::string> recent;         ///< Files opened, the newest first.
};

/// $XDG_CONFIG_HOME/fuseline/gui.json (default ~/.config/fuseline).
[[nodiscard]] std::filesystem::path settings_file();
/// Schema "gui". Errors (file, JSON path, reason): not what we write. A missing file is no error and changes nothing.
[[nodiscard]] tuner::Result<void> load_settings(const std::filesystem::path& file, Settings& settings, Layout& layout);
/// What the file holds for these.
[[nodiscard]] std::string settings_text(const Settings& settings, const Layout& layout);
/// Makes the folder where it is missing. The file is replaced as a whole.
[[nodiscard]] tuner::Result<void> save_settings(const std::filesystem::path& file, const std::string& text);
/// Copies a file that load_settings() refused to "gui.json.broken" beside it; where the copy is.
[[nodiscard]] tuner::Result<std::filesystem::path> keep_broken_settings(const std::filesystem::path& file);

}  // namespace fuseline::app::gui
