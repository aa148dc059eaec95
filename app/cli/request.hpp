// Choices of dimensions, scalars and parameters as the command line writes them.
#pragma once

#include <string>
#include <vector>

#include "app/cli/common.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::app {

struct Choices {
  std::vector<std::string> dims, scalars, parameters;
};

/// The options --dim and --scalar.
void add_number_options(CLI::App& command, Choices& choices);

/// Adds "N=32", "eps=1e-6" and "P=v1,v2" to the request. Error: a text of another form.
[[nodiscard]] tuner::Result<void> add_choices(const Choices& choices, tuner::SweepRequest& request);

}  // namespace fuseline::app
