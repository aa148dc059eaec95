// fuseline-worker: compiles, verifies and times kernels on one GPU for a coordinator at the other end of stdin and
// stdout.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "profiler/compile/compiler_child.hpp"
#include "profiler/counters/counter_listing.hpp"
#include "profiler/cuda/device_query.hpp"
#include "profiler/serve/worker.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/worker/process.hpp"

namespace {

/// Frames go to the real stdout; whatever a library prints goes to stderr and cannot corrupt them.
int take_stdout() {
  const int taken = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (taken >= 0) dup2(STDERR_FILENO, STDOUT_FILENO);
  return taken;
}

int list_devices() {
  const auto devices = fuseline::profiler::query_devices();
  if (!devices) {
    std::fprintf(stderr, "fuseline-worker: %s\n", devices.error().message().c_str());
    return 3;
  }
  nlohmann::json list = nlohmann::json::array();
  for (const auto& device : *devices) list.push_back(fuseline::tuner::to_json(device));
  std::printf("%s\n", list.dump(2).c_str());
  return 0;
}

int list_counters(const std::string& chip, const std::vector<std::string>& metrics) {
  const auto listing =
      chip == "list" ? fuseline::profiler::list_chips() : fuseline::profiler::list_counters(chip, metrics);
  if (!listing) {
    std::fprintf(stderr, "fuseline-worker: %s\n", listing.error().message().c_str());
    return 3;
  }
  std::printf("%s\n", listing->dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Compiles, verifies and times kernels on one GPU; started by fuseline, which speaks to it through stdin and "
      "stdout.",
      "fuseline-worker");
  fuseline::profiler::WorkerOptions options;
  bool list = false;
  bool compiler = false;
  std::string cache_folder;
  std::string counters_of;
  std::vector<std::string> metrics;
  app.add_option("--device", options.device, "GPU to use, by the driver's ordinal")
      ->check(CLI::Range(0, 1023))
      ->capture_default_str();
  app.add_option("--cache-folder", cache_folder,
                 "folder of compiled kernels; \"none\" keeps nothing (default: the user's cache folder)");
  app.add_flag("--list", list, "print the GPUs as JSON and exit");
  app.add_option(
      "--counters-of", counters_of,
      "print the hardware counters of a chip (GH100, AD102, ...) as JSON and exit; \"list\" names the chips");
  app.add_option("--metric", metrics, "with --counters-of: only these, and the passes that they take together");
  app.add_flag("--compiler", compiler, "serve as a compiler for another worker");
  app.set_version_flag("--version", "fuseline-worker " FUSELINE_VERSION, "Print the version and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.cache_folder = cache_folder;
  if (list) return list_devices();
  if (!counters_of.empty()) return list_counters(counters_of, metrics);
  if (isatty(STDIN_FILENO) != 0) {
    std::fprintf(stderr,
                 "fuseline-worker is started by fuseline and speaks a binary protocol on stdin and stdout; try --list "
                 "or --help\n");
    return 2;
  }
  fuseline::tuner::ignore_broken_pipes();
  const int replies = take_stdout();
  if (replies < 0) {
    std::fprintf(stderr, "fuseline-worker: standard output is closed\n");
    return 2;
  }
  // Without static destructors: NVRTC's are none of our business.
  if (compiler) std::_Exit(fuseline::profiler::run_compiler_child(STDIN_FILENO, replies));
  fuseline::profiler::run_worker(options, STDIN_FILENO, replies);
}
