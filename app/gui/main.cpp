// fuseline-gui: the desktop tool. Parses options and runs the program.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>

#include "app/gui/models/settings.hpp"
#include "app/gui/program.hpp"
#include "tuner/base/files.hpp"

namespace {

using fuseline::app::gui::ProgramOptions;

void add_options(CLI::App& app, ProgramOptions& options, std::vector<std::string>& preset_paths,
                 std::string& settings) {
  app.add_option("file", options.files,
                 "Open these: session files, recordings, caches of Kernel Tuner, results, folders of problems")
      ->type_name("FILE...")
      ->option_text(" ");
  app.add_option("--db", options.app.db,
                 "Database of runs (default: the one that fuseline uses; :memory: keeps nothing)")
      ->type_name("FILE");
  app.add_option("--worker", options.app.workers,
                 "Command of a worker, such as \"ssh gpubox fuseline-worker\" (repeatable)")
      ->type_name("CMD")
      ->allow_extra_args(false);
  app.add_option("--preset-path", preset_paths,
                 "Folder with problems of your own (repeatable; $FUSELINE_PATH adds more)")
      ->type_name("FOLDER")
      ->allow_extra_args(false);
  app.add_option("--settings", settings,
                 "File that appearance, layout and the last session are kept in; none: nothing is kept")
      ->type_name("FILE");
  app.add_option("--script", options.script,
                 "Play a JSON list of actions and waits (assets/schemas/gui_script.schema.json)")
      ->type_name("FILE");
  app.add_option("--screenshot", options.screenshot,
                 "Save the window once the script has ended and nothing is going on, then quit")
      ->type_name("FILE.png");
  app.add_option("--scale", options.scale, "Scale of everything, times the display's")
      ->check(CLI::Range(0.5, 4.0))
      ->type_name("X");
  app.add_option("--width", options.width, "Width of the window")->check(CLI::Range(640, 8192))->type_name("PIXELS");
  app.add_option("--height", options.height, "Height of the window")->check(CLI::Range(420, 8192))->type_name("PIXELS");
  app.add_option("--frame-times", options.frame_times, "Write what every frame took, without waiting for the display")
      ->type_name("FILE.csv");
  app.add_flag("--check-drawing", options.check_drawing,
               "Draw every frame whole as well, and end with exit code 3 where a pixel differs (for tests)")
      ->group("");  // Not listed.
}

int run(int argc, char** argv) {
  auto logger = spdlog::stderr_color_mt("fuseline-gui");
  logger->set_pattern("%^%l%$: %v");
  spdlog::set_default_logger(std::move(logger));
  ProgramOptions options;
  std::vector<std::string> preset_paths;
  std::string settings = fuseline::app::gui::settings_file().string();
  CLI::App app("Fuseline's desktop tool: pick a problem, sweep, watch counters and roofline live.", "fuseline-gui");
  app.set_version_flag("--version", "fuseline-gui " FUSELINE_VERSION, "Print the version and exit");
  app.footer("Exit codes: 0 done; 2 no display, bad usage or bad input.\n");
  add_options(app, options, preset_paths, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return app.exit(request, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    spdlog::error("{}", error.what());
    std::cerr << "Run 'fuseline-gui --help' for what there is.\n";
    return 2;
  }
  options.app.data = fuseline::tuner::data_folder();
  if (options.app.data.empty()) {
    spdlog::error("the data folder (kernels, presets, schemas) was not found; set FUSELINE_DATA to it");
    return 2;
  }
  options.app.version = FUSELINE_VERSION;
  options.app.preset_paths.assign(preset_paths.begin(), preset_paths.end());
  if (settings != "none") options.app.settings = settings;
  return fuseline::app::gui::run_program(std::move(options));
}

}  // namespace

int main(int argc, char** argv) {
  // A limit on the size of files is an error of the write that meets it, for the workers too.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& exception) {
    std::cerr << "fuseline-gui: internal error: " << exception.what() << "\n";
    return 2;
  }
}
