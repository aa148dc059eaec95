// Choices of dimensions and parameters as the command line writes them.
#pragma once

#include <string>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::app {

/// Adds "N=32" and "P=v1,v2" to the request. Error: a text of another form.
[[nodiscard]] tuner::Result<void> add_choices(const std::vector<std::string>& dims,
                                              const std::vector<std::string>& parameters, tuner::SweepRequest& request);

}  // namespace fuseline::app
