// fuseline export --format torch: a Python package that runs the best configurations of runs in PyTorch.
#pragma once

#include "tuner/package/packages.hpp"

namespace fuseline::tuner {

/// Writes the package, or adds to the one that is there. The same runs give the same bytes. Errors: the folder's name
/// is no name in Python, the folder holds something else or a damaged package, those of package_entries() and
/// Wisdom::add(), an image that cannot be built. Nothing is written before everything is known to be right.
[[nodiscard]] Result<PackageExported> export_torch(const PackageRequest& request);

}  // namespace fuseline::tuner
