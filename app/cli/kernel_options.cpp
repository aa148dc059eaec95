#include "app/cli/kernel_options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/session/reference_options.hpp"

namespace fuseline::app {
namespace {

using tuner::Result;

/// "NAME=rest"; `form` says what is wanted.
Result<std::pair<std::string, std::string>> named(const std::string& text, const char* option, const char* form) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    return tuner::bad_input(option, "", fmt::format("'{}' is not of the form {}", tuner::printable(text), form));
  return std::pair{text.substr(0, equals), text.substr(equals + 1)};
}

Result<std::vector<std::int64_t>> threads_of(const std::string& text) {
  std::vector<std::int64_t> values;
  for (const std::string& each : tuner::split(text, ',')) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(each.data(), each.data() + each.size(), value);
    if (error != std::errc() || end != each.data() + each.size() || value < 1 || value > 1024)
      return tuner::bad_input("--block", "",
                              fmt::format("'{}' is no number of threads from 1 to 1024", tuner::printable(each)));
    values.push_back(value);
  }
  return values;
}

}  // namespace

Result<void> read_choices(KernelOptions& options) {
  tuner::DraftChoices& choices = options.problem.draft.choices;
  for (const std::string& text : options.blocks) {
    FUSELINE_TRY(threads, threads_of(text));
    choices.block.push_back(std::move(threads));
  }
  for (const std::string& text : options.parameters) {
    FUSELINE_TRY(parameter, named(text, "--param", "P=v1,v2"));
    choices.values[parameter.first] = tuner::split(parameter.second, ',');
  }
  for (const std::string& text : options.arguments) {
    FUSELINE_TRY(argument, named(text, "--arg", "NAME=VALUE"));
    choices.arguments[argument.first] = argument.second;
  }
  FUSELINE_TRY(dtypes, tuner::dtypes_named(options.dtypes));
  choices.dtypes = std::move(dtypes);
  if (options.problem.reference.empty() && options.tolerance.empty()) return {};
  FUSELINE_TRY(tolerance, tuner::reference_tolerance(options.tolerance));
  choices.tolerance = std::move(tolerance);
  return {};
}

void add_launch_options(CLI::App& command, KernelOptions& options, CLI::Option* needs) {
  tuner::DraftChoices& choices = options.problem.draft.choices;
  std::vector<CLI::Option*> added = {
      command.add_option("--grid", choices.grid, "Blocks, as an expression; once more for y, and for z")
          ->take_all()
          ->allow_extra_args(false)
          ->type_name("EXPR"),
      command.add_option("--block", options.blocks, "Threads a block to try, such as 128,256; once more for y")
          ->take_all()
          ->allow_extra_args(false)
          ->type_name("N,..."),
      command.add_option("--shared", choices.shared_bytes, "Bytes of dynamic shared memory, as an expression")
          ->type_name("EXPR")};
  for (CLI::Option* option : added) {
    if (needs != nullptr) option->needs(needs);
  }
}

void add_parameter_option(CLI::App& command, KernelOptions& options) {
  command
      .add_option("--param", options.parameters,
                  "Values of a template parameter or PARAM_ macro, as in ITEMS=1,2,4 (repeatable)")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("P=v1,v2");
}

CLI::Option* add_reference_options(CLI::App& command, KernelOptions& options) {
  tuner::NewProblem& problem = options.problem;
  CLI::Option* reference =
      command
          .add_option("--reference", problem.reference,
                      "Module with Model, get_inputs and get_init_inputs, as KernelBench has them; it is run")
          ->type_name("REF.py");
  command
      .add_option("--arg", options.arguments,
                  "Which tensor of the model a pointer is, or a number that the kernel takes, as in w=fc.weight, n=64 "
                  "(repeatable)")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE")
      ->needs(reference);
  command
      .add_option("--tolerance", options.tolerance,
                  "Absolute and relative error allowed (default with --reference: KernelBench's 1e-4 in f32, 1e-2 in "
                  "f16 and bf16)")
      ->delimiter(',')
      ->type_name("A[,R]");
  command.add_option("--deadline", problem.deadline_s, "Seconds that running the module may take")
      ->capture_default_str()
      ->check(quiet_range(0.1, 86400.0))
      ->type_name("S")
      ->needs(reference);
  return reference;
}

void add_draw_options(CLI::App& command, KernelOptions& options, CLI::Option* reference) {
  tuner::NewProblem& problem = options.problem;
  command
      .add_option("--dtype", options.dtypes,
                  "f32, f16 or bf16, several of them, or all, where the kernel takes T (default: f32)")
      ->delimiter(',')
      ->type_name("DTYPE,...")
      ->needs(reference);
  command.add_option("--seeds", problem.draws, "Times that the model is drawn; each is a shape of the problem")
      ->capture_default_str()
      ->check(quiet_range(1, 16))
      ->type_name("N")
      ->needs(reference);
  command.add_option("--seed", problem.seed, "Of the first")->capture_default_str()->type_name("N")->needs(reference);
}

}  // namespace fuseline::app
