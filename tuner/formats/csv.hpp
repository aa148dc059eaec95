// A run as a table for spreadsheets and data frames.
#pragma once

#include <string>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// One row an evaluation. RFC 4180; a cell that a spreadsheet would take for a formula is prefixed with an apostrophe.
[[nodiscard]] std::string csv(const Run& run);

/// Text as a cell, quoted where it must be.
[[nodiscard]] std::string csv_cell(const std::string& text);
/// Cells as a line of such a file, with its end.
[[nodiscard]] std::string csv_row(const std::vector<std::string>& cells);

}  // namespace fuseline::tuner
