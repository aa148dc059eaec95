// The README.md of a package: how to call what it holds, and its figures.
#pragma once

#include <string>

#include "tuner/package/wisdom.hpp"

namespace fuseline::tuner {

/// Of --format torch.
[[nodiscard]] std::string package_readme(const std::string& package_name, const Wisdom& wisdom);
/// Of --format cpp.
[[nodiscard]] std::string cpp_package_readme(const std::string& package_name, const Wisdom& wisdom);

}  // namespace fuseline::tuner
