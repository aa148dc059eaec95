// Every format that a run is written in. A new one is a file of its own and a line in formats.cpp: the command line's
// --format with its help, and the window's menu, are made from this list.
#pragma once

#include <string>
#include <vector>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

struct Format {
  std::string id;         ///< Of --format, and of the window's action: "csv".
  std::string title;      ///< "Table: every evaluation, CSV"
  std::string ending;     ///< Of a suggested file's name, after the problem and the element type: ".csv".
  std::string former_id;  ///< Read too; empty for most.
  /// The file's text. Errors: nothing in the run that the format could hold.
  Result<std::string> (*write)(const Run& run) = nullptr;
};
[[nodiscard]] const std::vector<Format>& formats();

/// Error: no format is called so, with those that are, and the ones closest to it. `others`: what else the user may
/// have meant.
[[nodiscard]] Result<const Format*> format_named(const std::string& id, const std::vector<std::string>& others = {});
/// "json (Result: ...), t4 (...)": for a help text.
[[nodiscard]] std::string formats_help();

}  // namespace fuseline::tuner
