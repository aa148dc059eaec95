// Elements of tensors as they lie in memory, and as the numbers they stand for.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tuner/base/types.hpp"

namespace fuseline::host_cuda {

/// Numbers rounded to `dtype` (f32, f16, bf16 or f64), as bytes.
[[nodiscard]] std::vector<std::byte> encode(const std::vector<double>& values, tuner::Dtype dtype);
/// The numbers that elements stand for, exactly.
[[nodiscard]] std::vector<double> decode(std::span<const std::byte> bytes, tuner::Dtype dtype);

}  // namespace fuseline::host_cuda
