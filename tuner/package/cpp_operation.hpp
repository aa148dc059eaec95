// A problem of wisdom.json as C++: what its manifests' expressions work out, as functions over a Resolution.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::tuner {

/// A macro that a variant is compiled with where its source or a header names it.
struct CppMacro {
  std::string name;                ///< "PARAM_load"
  std::string kind;                ///< Of Macro::Kind: "whole", "real", "either", "word".
  std::vector<std::string> words;  ///< Of a word: its values.
  std::string value;               ///< In C++, where everything is worked out.
};

/// Every macro of a variant, in the order in which the tuner gives them; FUSELINE_DTYPE_... is not among them.
[[nodiscard]] std::vector<CppMacro> cpp_macros(const OrderedJson& problem, const OrderedJson& variant);

/// Where a parameter's value stands in what expressions see: of a string its position, else its number. Error: it is
/// none of the parameter's.
[[nodiscard]] Result<double> cpp_parameter(const OrderedJson& parameter, const OrderedJson& value);

/// Functions NAME_check() and, of each variant, NAME_in_VARIANT(): see Operation::check and Variant::resolve of
/// assets/package_cpp/src/tables.hpp. Errors: an expression that does not parse, an argument that is no tensor or
/// workspace.
[[nodiscard]] Result<std::string> cpp_operation(const std::string& name, const OrderedJson& problem,
                                                const std::map<std::string, std::vector<CppMacro>>& macros);

}  // namespace fuseline::tuner
