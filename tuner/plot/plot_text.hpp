// A plot as the bytes of a file, for documents that hold it.
#pragma once

#include <string>

#include "tuner/plot/plots.hpp"

namespace fuseline::tuner {

/// What plot_to_file() writes into a file that ends in `ending`, ".svg" or ".png". Errors: as plot_to_file().
[[nodiscard]] Result<std::string> plot_text(const Run& run, const std::string& kind, const std::string& ending,
                                            const PlotOptions& options = {});

}  // namespace fuseline::tuner
