// Problems and variants as a package has them: what its loader needs to work out another shape.
#pragma once

#include "tuner/base/json.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {

/// Error: a tensor's shape is none that tells dimensions from an argument, such as "[N, C]" does.
[[nodiscard]] Result<OrderedJson> problem_json(const Problem& problem);
[[nodiscard]] OrderedJson variant_json(const Variant& variant);

/// "[N, C, D/2], strides [s, 1]" in parts.
struct TensorLayout {
  std::vector<std::string> shape;
  std::vector<std::string> strides;  ///< Empty: contiguous.
};
/// Empty where the text is no such shape.
[[nodiscard]] std::optional<TensorLayout> tensor_layout(std::string_view shape_text);

/// Where a package keeps a problem's formula in PyTorch.
[[nodiscard]] std::string formula_file(const std::string& problem);
/// Where the problem has it: torch.py in its folder.
[[nodiscard]] std::filesystem::path formula_source(const Problem& problem);

}  // namespace fuseline::tuner
