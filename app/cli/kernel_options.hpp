// Options of every command that makes a problem of a kernel: how it is launched, and the model that it is held against.
#pragma once

#include <string>
#include <vector>

#include "app/cli/common.hpp"
#include "tuner/session/new_problem.hpp"

namespace fuseline::app {

struct KernelOptions {
  tuner::NewProblem problem;
  std::vector<std::string> blocks, parameters, arguments, dtypes;
  std::vector<double> tolerance;
};

/// --grid, --block and --shared; `needs`: an option without which they are refused, or null.
void add_launch_options(CLI::App& command, KernelOptions& options, CLI::Option* needs = nullptr);
/// --param, where the command has no other use for it.
void add_parameter_option(CLI::App& command, KernelOptions& options);
/// --reference, --arg, --tolerance and --deadline. Returns the first.
CLI::Option* add_reference_options(CLI::App& command, KernelOptions& options);
/// --dtype, --seeds and --seed.
void add_draw_options(CLI::App& command, KernelOptions& options, CLI::Option* reference);

/// Puts what was typed into `options.problem`. Errors name the option.
[[nodiscard]] tuner::Result<void> read_choices(KernelOptions& options);

}  // namespace fuseline::app
