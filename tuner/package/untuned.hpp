// What shapes that were not tuned run: the few configurations that serve the shapes of the runs best.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tuner/package/packages.hpp"

namespace fuseline::tuner {

/// Sets `untuned` of the entries, which are those of the request's runs: distil() chooses at most `request.distil`
/// configurations for each problem, dtype and device, among those of CUDA text that the device can hold, and each entry
/// takes the one that serves its shape best. Adds warnings. Errors: those of distil(); a chosen configuration that the
/// variant of here does not allow.
[[nodiscard]] Result<void> choose_for_untuned(std::vector<PackageEntry>& entries, const PackageRequest& request,
                                              std::vector<std::string>& warnings);

}  // namespace fuseline::tuner
