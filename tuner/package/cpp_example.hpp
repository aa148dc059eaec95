// example.cpp of a package for C++: a call of every operation at every shape that was tuned.
#pragma once

#include <string>

#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::tuner {

/// With fuseline_package as the package's name. Error: a tensor's number of elements cannot be worked out.
[[nodiscard]] Result<std::string> cpp_example(const OrderedJson& wisdom);

}  // namespace fuseline::tuner
