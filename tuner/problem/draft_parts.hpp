// A kernel's parameters as parts of a problem: tensors, dimensions, scalars, and the arguments of a launch.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/problem/kernel_match.hpp"
#include "tuner/problem/kernel_signature.hpp"

namespace fuseline::tuner {

struct DraftTensor {
  std::string name;
  KernelParameter parameter;
  std::string role = {};                      ///< "input", "output" or a decision.
  std::optional<MatchedTensor> matched = {};  ///< With a model.
};

struct DraftDim {
  std::string name;
  std::optional<std::int64_t> value = {};  ///< With a model.
};

struct DraftParts {
  std::vector<DraftTensor> tensors;
  std::vector<DraftDim> dims;
  OrderedJson scalars = OrderedJson::object();
  OrderedJson arguments = OrderedJson::array();
  std::vector<std::string> guesses;
  std::set<std::string> names;  ///< That something has.

  /// A name that nothing else in expressions and arguments has: `wanted`, or that with underscores.
  [[nodiscard]] std::string free_name(const std::string& wanted);
  [[nodiscard]] std::vector<std::string> dim_names() const;
  /// The number as an expression: a dimension of that value, a product of two or three, or itself.
  [[nodiscard]] std::string sized(std::int64_t value) const;
};

/// `match`: null without a model.
[[nodiscard]] DraftParts draft_parts(const KernelSignature& kernel, const KernelText& text, const KernelMatch* match);

/// Numbers with a fraction that a tensor of a problem can be made of.
[[nodiscard]] bool is_floating_element(const KernelType& type);

}  // namespace fuseline::tuner
