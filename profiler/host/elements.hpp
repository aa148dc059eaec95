// Elements of tensors as they lie in memory, and as the numbers they stand for.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fuseline::host_cuda {

/// The tuner's element types by the same names; the runtime links nothing of the tuner.
enum class Element { f32, f16, bf16, f64, i32, i64, u64, u8 };
[[nodiscard]] std::optional<Element> element_from_string(std::string_view text);
[[nodiscard]] std::size_t element_bytes(Element element);

/// Numbers rounded to an element type with a fraction, as bytes.
[[nodiscard]] std::vector<std::byte> encode(const std::vector<double>& values, Element element);
/// The numbers that elements stand for: exactly, but for whole ones over 2^53.
[[nodiscard]] std::vector<double> decode(std::span<const std::byte> bytes, Element element);

}  // namespace fuseline::host_cuda
