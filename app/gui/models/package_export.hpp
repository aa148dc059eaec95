// Writing the best of runs as a package that a program calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::app::gui {

class App;

/// What the Export dialog asks about a package; the command line has the same.
struct PackageChoice {
  std::string target;        ///< A data sheet's name; empty: the usual one.
  std::string capabilities;  ///< "80,86"
  std::string runs;          ///< "12,13": of the history, beside the run on show.
  std::string distil;        ///< "3": so many configurations serve shapes that were not tuned; empty: the nearest's.
};

/// Errors: what is no compute capability from 50 to 150.
[[nodiscard]] tuner::Result<std::vector<int>> capabilities_of(const std::string& text);
/// Errors: what is no run's number.
[[nodiscard]] tuner::Result<std::vector<std::int64_t>> runs_of(const std::string& text);

/// Errors: what is no number from 1 to 1,000. 0 where nothing stands there.
[[nodiscard]] tuner::Result<std::size_t> distil_of(const std::string& text);

/// Writes the best of the run on show, and of the runs chosen, in the background; a toast says what became of it.
/// `kind`: an id of tuner::package_kinds(). Errors: no folder, a choice that does not read.
[[nodiscard]] tuner::Result<void> start_package_export(App& app, const std::string& kind, const std::string& folder,
                                                       const PackageChoice& choice);

}  // namespace fuseline::app::gui
