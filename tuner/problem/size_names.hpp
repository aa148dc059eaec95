// What sizes of tensors are customarily called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/problem/model.hpp"

namespace fuseline::tuner {

/// In lower case, without underscores and without what only says that it is a pointer: "d_x", "x_ptr" -> "x".
[[nodiscard]] std::string plain_name(const std::string& name);

/// The size that a kernel's integer `name` stands for. `all`: the integers of the kernel, among which letters make a
/// layout (N, C, H, W; M, N, K). Shapes are those of the model's first input and of its first output. Empty where the
/// name says nothing, or the two differ in what it says.
[[nodiscard]] std::optional<std::int64_t> size_named(const std::string& name, const std::vector<std::string>& all,
                                                     const Model& model);

/// Every size that occurs in the model's inputs and outputs, numbers of elements too, without 1; in order.
[[nodiscard]] std::vector<std::int64_t> sizes_of(const Model& model);

}  // namespace fuseline::tuner
