// What a kernel is made from, and what it is launched with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fuseline::tuner {

/// How a variant's kernels are given.
enum class KernelForm {
  cuda,   ///< CUDA C++ text, compiled for every configuration.
  ptx,    ///< PTX text, which the driver assembles.
  cubin,  ///< A finished image for one architecture.
};
[[nodiscard]] std::string_view to_string(KernelForm form);
[[nodiscard]] std::optional<KernelForm> kernel_form_from_string(std::string_view text);

/// What an argument of a kernel is in its parameter list.
enum class ArgumentKind { buffer, i32, u32, i64, u64, f32, f64 };
/// "buffer", "i32", ...
[[nodiscard]] std::string_view to_string(ArgumentKind kind);
[[nodiscard]] std::optional<ArgumentKind> argument_kind_from_string(std::string_view text);
/// In the kernel's parameter list: 8 for a buffer, which is a pointer.
[[nodiscard]] std::int64_t argument_bytes(ArgumentKind kind);
[[nodiscard]] bool is_integer(ArgumentKind kind);
struct IntegerRange {
  std::int64_t lowest = 0, highest = 0;
};
/// Of a kind that is_integer(); of u64 what fits an std::int64_t.
[[nodiscard]] IntegerRange integer_range(ArgumentKind kind);

}  // namespace fuseline::tuner
