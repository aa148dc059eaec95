// What stands above and below every plot of a run.
#pragma once

#include <string>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// "LayerNorm, GELU and scale: effect of each parameter on NVIDIA H200"; without `what` "LayerNorm, GELU and scale on
/// NVIDIA H200".
[[nodiscard]] std::string plot_title(const RunInfo& info, const std::string& what = "");
/// The problem, its instance, and what became of the configurations.
[[nodiscard]] std::string plot_subtitle(const Run& run);

}  // namespace fuseline::tuner
