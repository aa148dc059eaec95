// What every target checks alike.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::fuzz {

/// Ends the program, saying what is wrong, unless `holds`.
void require(bool holds, std::string_view what, std::string_view detail = {});

/// Text for a person holds nothing that steers a terminal. `multiline`: line ends and tabs may stand in it.
void require_shown_safely(std::string_view text, bool multiline = false);
/// A failure has a reason that may be shown.
void require_shown_safely(const tuner::Error& error);

/// Does with a run of a file what every command does that takes one: exports, tables, plots, its space. Large runs are
/// left alone.
void use(const tuner::Run& run);

/// A folder that lives as long as the program, in memory where the system has such a place.
[[nodiscard]] const std::filesystem::path& scratch();
/// Writes a file below scratch() anew; its path.
std::filesystem::path place(const std::string& name, std::string_view content);

/// Texts of the files of `folder` (of the source tree) whose names end with `ending`; small ones alone.
[[nodiscard]] std::vector<std::string> tree_files(const std::string& folder, const std::string& ending);

}  // namespace fuseline::fuzz
