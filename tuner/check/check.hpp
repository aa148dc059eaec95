// Checks problems without a GPU: expressions, spaces, macros and arguments by themselves, and what a compiler makes of
// their sources.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tuner/check/case.hpp"
#include "tuner/check/images.hpp"
#include "tuner/check/report.hpp"
#include "tuner/problem/catalog.hpp"

namespace fuseline::tuner {

/// The problems that a person means.
struct CheckedProblems {
  Catalog catalog;
  std::vector<std::shared_ptr<const CatalogEntry>> entries;  ///< Of the catalog.
  std::vector<Finding> findings;                             ///< Folders that cannot be loaded.
};
/// `names`: names of problems, folders of problems, and folders of such folders; none: every problem of `preset_paths`,
/// and where there are none, every built-in one. Errors: a name that is neither; a malformed file that `names` do not
/// ask for.
[[nodiscard]] Result<CheckedProblems> checked_problems(const std::filesystem::path& data,
                                                       const std::vector<std::filesystem::path>& preset_paths,
                                                       const std::vector<std::string>& names);

struct CheckOptions {
  CheckSelection selection;
  std::vector<Target> devices;  ///< check_devices().
  bool compile = true;
  ImageOptions images = {};  ///< Its capabilities are those of the devices.
};

/// Errors: a shape or dtype that a problem does not have. All else is in the report.
[[nodiscard]] Result<CheckReport> check_problems(const CheckedProblems& problems, CheckOptions options);

}  // namespace fuseline::tuner
