// Names in generated C++: of packages, problems, dimensions, scalars, tensors.
#pragma once

#include <filesystem>
#include <string>

#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::tuner {

/// The package's name, which is its namespace, its library and its header. Error: it cannot name them all.
[[nodiscard]] Result<std::string> cpp_package_name(const std::filesystem::path& folder);

/// Error: a problem of wisdom.json has a name that C++ or the package's own header does not leave free.
[[nodiscard]] Result<void> check_cpp_names(const OrderedJson& problems);

}  // namespace fuseline::tuner
