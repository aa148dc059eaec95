// Choices of dimensions, scalars and parameters as the command line writes them.
#pragma once

#include <string>
#include <vector>

#include "app/cli/common.hpp"
#include "tuner/run/run.hpp"
#include "tuner/session/instances.hpp"

namespace fuseline::app {

struct Choices {
  std::string shapes, dtypes;  ///< Lists; empty: the problem's first.
  std::vector<std::string> dims, scalars, parameters;
};

/// The options --dim and --scalar. `lists`: a dimension may have several values.
void add_number_options(CLI::App& command, Choices& choices, bool lists = false);

/// Adds "N=32", "eps=1e-6" and "P=v1,v2" to the request. Error: a text of another form.
[[nodiscard]] tuner::Result<void> add_choices(const Choices& choices, tuner::SweepRequest& request);
/// The same where shapes, dtypes and dimensions may be lists: "f32,f16", "N=8,16".
[[nodiscard]] tuner::Result<void> add_choices(const Choices& choices, tuner::CampaignRequest& request);

}  // namespace fuseline::app
