#include "app/cli/common.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/device/device.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/session/kept_runs.hpp"

namespace fuseline::app {

using tuner::Result;

int fail(const tuner::Error& error) {
  spdlog::error("{}", tuner::printable(error.message()));
  switch (error.kind) {
    case tuner::ErrorKind::bad_input:
    case tuner::ErrorKind::io:
      return kBadInput;
    case tuner::ErrorKind::worker:
      return kNothingWorked;
    case tuner::ErrorKind::interrupted:
      return kInterrupted;
  }
  return kBadInput;
}

void tell_end(const Context& context, const std::string& text) {
  spdlog::log(context.quiet ? spdlog::level::err : spdlog::level::warn, "{}", text);
}

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

bool use_colour(int descriptor) {
  const char* off = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return is_terminal(descriptor) && (off == nullptr || *off == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

namespace {

/// The first that went wrong with standard output.
std::optional<tuner::Error>& lost_output() {
  static std::optional<tuner::Error> lost;
  return lost;
}

}  // namespace

void print(std::string_view text) {
  if (lost_output()) return;
  errno = 0;
  const auto written = tuner::write_file("-", text);
  // A reader that has seen enough is no error.
  if (!written && errno != EPIPE) lost_output() = written.error();
}

int finish(int code) {
  if (!lost_output()) return code;
  const int lost = fail(*lost_output());
  return code == kDone ? lost : code;
}

void print_data(std::string_view text) { print(is_terminal(1) ? tuner::printable(text, true) : std::string(text)); }

Result<std::filesystem::path> require_data() {
  auto data = tuner::data_folder();
  if (data.empty())
    return tuner::io_error(
        "FUSELINE_DATA",
        "the folder with kernels/, presets/ and assets/ was not found beside the program; set FUSELINE_DATA to it");
  return data;
}

Result<tuner::Catalog> load_catalog(const Context& context, const std::string& problem) {
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(catalog, tuner::Catalog::load(data, {context.preset_paths.begin(), context.preset_paths.end()}));
  const bool told_anyway = !problem.empty() && !catalog.find(problem);
  for (const tuner::UnloadedFolder& folder : catalog.unloaded()) {
    if (!told_anyway || folder.name != problem) spdlog::warn("left out: {}", tuner::printable(folder.error.message()));
  }
  return catalog;
}

Result<tuner::Run> read_file_of_run(const std::string& file) {
  FUSELINE_TRY(run, tuner::read_run(file));
  for (const std::string& remark : run.remarks) spdlog::warn("{}", remark);
  return run;
}

Result<void> project_on(const std::string& target, tuner::RunInfo& info) {
  FUSELINE_TRY(data, require_data());
  FUSELINE_TRY(found, tuner::find_target(data, target));
  tuner::set_target(info, std::move(found));
  return {};
}

Result<tuner::Run> load_run(const std::string& db, const std::string& run) {
  FUSELINE_TRY(loaded, tuner::load_run(db, run));
  for (const std::string& remark : loaded.remarks) spdlog::warn("{}", remark);
  return loaded;
}

void add_db_option(CLI::App& command, std::string& db) {
  command
      .add_option("--db", db,
                  "Database of runs (default: " + tuner::Store::default_path().string() + "; :memory: keeps nothing)")
      ->type_name("FILE");
}

namespace {

constexpr const char* kRunHelp =
    "Number of a run (default: the latest), or a file that holds one: a recording in T4, a Kernel Tuner cache, a "
    "result";

}  // namespace

void add_run_options(CLI::App& command, std::string& run, std::string& db) {
  command.add_option("run", run, kRunHelp)->type_name("RUN")->option_text(" ");
  add_db_option(command, db);
}

Result<std::vector<tuner::Run>> load_runs(const std::string& db, const std::vector<std::string>& runs) {
  std::vector<tuner::Run> loaded;
  const std::vector<std::string> latest = {""};
  for (const std::string& each : runs.empty() ? latest : runs) {
    FUSELINE_TRY(run, load_run(db, each));
    loaded.push_back(std::move(run));
  }
  return loaded;
}

void add_runs_options(CLI::App& command, std::vector<std::string>& runs, std::string& db, const std::string& several) {
  command.add_option("run", runs, std::string(kRunHelp) + ". " + several)->type_name("RUN...")->option_text(" ");
  add_db_option(command, db);
}

Result<void> check_outputs(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (file.empty() || file == "-") continue;
    FUSELINE_CHECK(tuner::check_writable(file));
  }
  return {};
}

Result<double> parse_share(const std::string& option, const std::string& text) {
  const bool percent = !text.empty() && text.back() == '%';
  const char* end = text.data() + text.size() - (percent ? 1 : 0);
  double value = 0;
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end || !std::isfinite(value) || value < 0) {
    return tuner::bad_input(option, "", "'" + text + "' is no share: write 3% or 0.03");
  }
  if (!percent && value > 1)
    return tuner::bad_input(
        option, "", fmt::format("'{0}' would be {1:.0f} %: write {0}% for that many percent", text, value * 100));
  return percent ? value / 100 : value;
}

}  // namespace fuseline::app
