// A run as a table for spreadsheets and data frames.
#pragma once

#include <string>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// One row an evaluation. RFC 4180; a cell that a spreadsheet would take for a formula is prefixed with an apostrophe.
[[nodiscard]] std::string csv(const Run& run);

}  // namespace fuseline::tuner
