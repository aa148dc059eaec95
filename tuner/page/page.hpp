// A run, or several, as one HTML page that needs nothing else.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// What a page is written of; everything outlives the call.
struct PageRequest {
  std::vector<const Run*> runs;
  const Catalog* catalog = nullptr;                 ///< For the kernels' sources; null: they are left out.
  std::vector<std::filesystem::path> preset_paths;  ///< That the commands name.
};

/// HTML 5: of each run where it was measured, the best, what bounds it, its projection (which says that it is one), the
/// plots, the configurations in their order, what failed, the conditions, the commands, and the best's source. Several
/// runs have a table of all first. The same runs give the same bytes. Errors: no run; as the plots'.
[[nodiscard]] Result<std::string> html_report(const PageRequest& request);

}  // namespace fuseline::tuner
