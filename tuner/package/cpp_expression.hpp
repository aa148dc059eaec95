// Expressions of problems and manifests as C++ text over the Number of assets/package_cpp/src/number.hpp.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// What C++ has for a name in an expression.
struct CppName {
  std::string text;
  bool number = true;  ///< Of type Number; else a double.
};
using CppNames = std::map<std::string, CppName, std::less<>>;

/// An expression of C++ with the value of `text` as evaluate() gives it, errors by Number's own. Its type is Number,
/// bool or double. Errors: syntax, an unknown name or function, a wrong number of arguments.
[[nodiscard]] Result<std::string> cpp_expression(const std::string& text, const CppNames& names);

/// A literal of type double that is read back as the same number.
[[nodiscard]] std::string cpp_real(double value);

/// A string literal.
[[nodiscard]] std::string cpp_quoted(const std::string& text);

}  // namespace fuseline::tuner
