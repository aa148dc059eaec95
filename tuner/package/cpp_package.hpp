// fuseline export --format cpp: a library of C++ that runs the best configurations of runs, and needs the driver alone.
#pragma once

#include "tuner/package/packages.hpp"

namespace fuseline::tuner {

/// Writes the package, or adds to the one that is there. The same runs give the same bytes. Errors: a name that C++
/// does not take, the folder holds something else or a damaged package, those of package_contents(), an expression
/// that has no C++. Nothing is written before everything is known to be right.
[[nodiscard]] Result<PackageExported> export_cpp(const PackageRequest& request);

}  // namespace fuseline::tuner
