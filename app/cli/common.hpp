// What the subcommands share: global options, exit codes, output and input that they all do alike.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::app {

enum ExitCode : int { kDone = 0, kBadInput = 2, kRegression = 3, kNothingWorked = 4, kInterrupted = 130 };

/// Global options, and the subcommand that was chosen.
struct Context {
  std::vector<std::string> preset_paths;
  bool quiet = false;
  std::vector<std::string> arguments;  ///< Of the program, for hints that repeat them.
  std::function<int()> task;           ///< Runs the chosen subcommand; returns the exit code.
};

void add_problems(CLI::App& app, Context& context);
void add_check(CLI::App& app, Context& context);
void add_devices(CLI::App& app, Context& context);
void add_sweep(CLI::App& app, Context& context);
void add_counters(CLI::App& app, Context& context);
void add_profile(CLI::App& app, Context& context);
void add_distil(CLI::App& app, Context& context);
void add_import_triton(CLI::App& app, Context& context);
void add_export(CLI::App& app, Context& context);
void add_plot(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_runs(CLI::App& app, Context& context);
void add_compare(CLI::App& app, Context& context);
void add_mcp(CLI::App& app, Context& context);
void add_new(CLI::App& app, Context& context);
void add_pages(CLI::App& app, Context& context);

/// Prints the error, once, on stderr; returns the exit code for its kind.
[[nodiscard]] int fail(const tuner::Error& error);

/// Why a command ended before it was done, where that is no error: a warning, and under --quiet, which hides those,
/// told as errors are. Every exit code but 0 comes with a line on stderr.
void tell_end(const Context& context, const std::string& text);

/// True where `descriptor` (1 or 2) is a terminal that may be coloured: NO_COLOR is not set and TERM is not "dumb".
[[nodiscard]] bool is_terminal(int descriptor);
[[nodiscard]] bool use_colour(int descriptor);
[[nodiscard]] std::size_t terminal_width(int descriptor);

/// Writes to stdout. What could not be written is told by finish(); a pipe whose reader has gone is no error.
void print(std::string_view text);
/// The exit code at the end: where printing failed (a full device, a closed stream) that is said, and success is none.
[[nodiscard]] int finish(int code);
/// Data for programs: as it is, but on a terminal with what would steer that made visible.
void print_data(std::string_view text);

/// The data folder. Error: not found, with what to set.
[[nodiscard]] tuner::Result<std::filesystem::path> require_data();
/// All problems; a folder that was left out is a warning. `problem`: the one that the command is about, of which what
/// is wrong is told when it is looked for.
[[nodiscard]] tuner::Result<tuner::Catalog> load_catalog(const Context& context, const std::string& problem = "");

/// tuner::read_run(); what there is to know of the file before its figures are believed is a warning.
[[nodiscard]] tuner::Result<tuner::Run> read_file_of_run(const std::string& file);
/// tuner::load_run(), likewise.
[[nodiscard]] tuner::Result<tuner::Run> load_run(const std::string& db, const std::string& run);
/// tuner::set_target() of a name or a file.
[[nodiscard]] tuner::Result<void> project_on(const std::string& target, tuner::RunInfo& info);
void add_db_option(CLI::App& command, std::string& db);
void add_run_options(CLI::App& command, std::string& run, std::string& db);
/// Several; `several`: a sentence on that, without its full stop.
void add_runs_options(CLI::App& command, std::vector<std::string>& runs, std::string& db, const std::string& several);
/// load_run() of each; the latest where none is named.
[[nodiscard]] tuner::Result<std::vector<tuner::Run>> load_runs(const std::string& db,
                                                               const std::vector<std::string>& runs);

/// A check of bounds that does not crowd the help.
template <class T>
[[nodiscard]] CLI::Validator quiet_range(T low, T high) {
  CLI::Validator range = CLI::Range(low, high);
  range.description("");
  return range;
}

/// Fails where one of the named files could not be written later; "" and "-" are passed over.
[[nodiscard]] tuner::Result<void> check_outputs(const std::vector<std::string>& files);

/// "3%" or "0.03" -> 0.03. Error: neither; over 1 without a percent sign, which was meant as percent.
[[nodiscard]] tuner::Result<double> parse_share(const std::string& option, const std::string& text);

}  // namespace fuseline::app
