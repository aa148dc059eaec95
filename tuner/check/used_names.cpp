#include "tuner/check/used_names.hpp"

#include <algorithm>

#include "tuner/problem/expression_text.hpp"

namespace fuseline::tuner {

std::vector<std::string> names_in_expression(const std::string& text) {
  std::vector<std::string> names;
  const auto found = scan_expression(text);
  if (!found) return names;
  for (const ExpressionName& name : *found) {
    // "order.fused" is a value of the parameter order, beside which the parameter itself stands.
    if (!name.is_call) names.push_back(name.name);
  }
  return names;
}

UsedNames::UsedNames(const Variant& variant, const Problem& problem) {
  for (const DimensionSpec& dim : problem.dims) sizes_.insert(dim.name);
  for (const NamedExpression& derived : problem.derived) sizes_.insert(derived.name);
  for (const ParameterSpec& parameter : variant.parameters) parameters_.insert(parameter.name);
  for (const NamedExpression& derived : variant.derived) {
    if (uses(derived.text, sizes_)) sizes_.insert(derived.name);
    if (uses(derived.text, parameters_)) parameters_.insert(derived.name);
  }
}

bool UsedNames::uses(const std::string& text, const std::set<std::string>& names) {
  const auto used = names_in_expression(text);
  return std::any_of(used.begin(), used.end(), [&](const std::string& name) { return names.contains(name); });
}

}  // namespace fuseline::tuner
