// What expressions of a manifest depend on, directly or through derived values.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {

/// Names that an expression uses, without functions; none where it does not parse.
[[nodiscard]] std::vector<std::string> names_in_expression(const std::string& text);

class UsedNames {
 public:
  UsedNames(const Variant& variant, const Problem& problem);

  /// Whether its value differs between shapes of the problem.
  [[nodiscard]] bool uses_sizes(const std::string& text) const { return uses(text, sizes_); }
  /// Whether its value differs between configurations.
  [[nodiscard]] bool uses_parameters(const std::string& text) const { return uses(text, parameters_); }

 private:
  [[nodiscard]] static bool uses(const std::string& text, const std::set<std::string>& names);

  std::set<std::string> sizes_, parameters_;  ///< And derived values that depend on them.
};

}  // namespace fuseline::tuner
