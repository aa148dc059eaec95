// fuseline: the command line. Parses, calls the tuner, prints; results on stdout, progress and messages on stderr.
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <sstream>

#include "app/cli/common.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  fuseline problems                                      what can be tuned\n"
    "  fuseline sweep layernorm_gelu_scale --json best.json   tune it on the GPU, or replay a recording where there is "
    "none\n"
    "  fuseline plot --kind roofline -o roofline.svg          draw the latest run\n"
    "\n"
    "Exit codes: 0 done; 2 bad usage or bad input; 3 regression (compare); 4 no configuration worked; 130 "
    "interrupted.\n";

void set_up_log(bool quiet) {
  auto logger =
      spdlog::stderr_color_mt("fuseline", use_colour(2) ? spdlog::color_mode::always : spdlog::color_mode::never);
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(quiet ? spdlog::level::err : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const auto close = tuner::closest(word, candidates);
  return close.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(close, " or "));
}

/// What a person did wrong, where the parser only says that it did not expect a word.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  auto extras = app.remaining(true);
  std::erase(extras, "--");
  if (extras.empty()) return error.what();
  const std::string& word = extras.front();
  if (!word.empty() && word[0] == '-') {
    auto names = option_names(chosen.empty() ? app : *chosen.front());
    for (std::string& name : option_names(app)) names.push_back(std::move(name));
    // Behind "--" an option is a word like any other.
    if (std::find(names.begin(), names.end(), word) != names.end())
      return fmt::format("unexpected argument '{}' behind '--'", word);
    return fmt::format("unknown option '{}'{}", word, did_you_mean(word.substr(0, word.find('=')), names));
  }
  if (!chosen.empty()) return fmt::format("{}: unexpected argument '{}'", chosen.front()->get_name(), word);
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const std::string hint = did_you_mean(word, names);
  return fmt::format("unknown subcommand '{}'{}", word,
                     hint.empty() ? fmt::format("; there are {}", fmt::join(names, ", ")) : hint);
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  spdlog::error("{}", tuner::printable(usage_message(app, error)));
  std::cerr << "Run 'fuseline " << (chosen.empty() ? "" : chosen.front()->get_name() + " ")
            << "--help' for what there is.\n";
  return kBadInput;
}

int run(int argc, char** argv) {
  Context context;
  context.arguments.assign(argv, argv + argc);
  CLI::App app("Fuseline tunes fused CUDA kernels against the roofline.", "fuseline");
  app.set_version_flag("--version", "fuseline " FUSELINE_VERSION, "Print the version and exit");
  app.add_option("--preset-path", context.preset_paths,
                 "Folder with problems of your own (repeatable; $FUSELINE_PATH adds more)")
      ->type_name("FOLDER")
      ->allow_extra_args(false);
  app.add_flag("-q,--quiet", context.quiet, "No progress, no messages but errors, no table");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kExamples);
  add_problems(app, context);
  add_check(app, context);
  add_devices(app, context);
  add_sweep(app, context);
  add_profile(app, context);
  add_counters(app, context);
  add_distil(app, context);
  add_import_triton(app, context);
  add_export(app, context);
  add_plot(app, context);
  add_report(app, context);
  add_runs(app, context);
  add_compare(app, context);
  add_mcp(app, context);
  add_new(app, context);
  add_pages(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    set_up_log(false);
    std::ostringstream text;
    const int code = app.exit(request, text, std::cerr);
    print(text.str());
    return finish(code);
  } catch (const CLI::ParseError& error) {
    set_up_log(false);
    return usage_error(app, error);
  }
  set_up_log(context.quiet);
  return finish(context.task());
}

}  // namespace
}  // namespace fuseline::app

int main(int argc, char** argv) {
  // A limit on the size of files is an error of the write that meets it, for the workers too.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  try {
    return fuseline::app::run(argc, argv);
  } catch (const std::exception& exception) {
    std::cerr << "fuseline: internal error: " << exception.what() << "\n";
    return 2;
  }
}
