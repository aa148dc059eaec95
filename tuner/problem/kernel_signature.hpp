// What a CUDA C++ text says of its kernels: their names and parameters, read without a compiler.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// A type that Fuseline can pass, as it is named here: "f32", "f64", "f16", "bf16", "i32", "u32", "i64", "u64", "u8",
/// or "T" for a template's first type and for the T of common/dtype.cuh. Empty: any other.
using KernelType = std::string;

struct KernelParameter {
  std::string name;  ///< "arg2" where the kernel names none.
  std::string text;  ///< As the source has it, without comments: "const float* __restrict__ x".
  KernelType type;   ///< Of what is passed, or of what the pointer points to.
  bool pointer = false;
  bool constant = false;  ///< Of a pointer: what it points to is const.
};

struct TemplateParameter {
  std::string name;
  bool is_type = false;
  bool is_boolean = false;
  std::optional<std::int64_t> usual = {};  ///< Its default, where that is a number.
};

struct KernelSignature {
  std::string name;   ///< Without namespaces.
  std::string scope;  ///< "fused::detail::" or empty.
  int line = 0;       ///< From 1.
  bool extern_c = false;
  std::vector<TemplateParameter> templates;
  std::vector<KernelParameter> parameters;
  std::optional<std::int64_t> most_threads;  ///< Of __launch_bounds__, where it is a number.
  /// Its words and signs without spaces, but for one between two words: "const int i=blockIdx.x*blockDim.x;".
  std::string body = {};
};

struct KernelText {
  std::vector<KernelSignature> kernels;  ///< In the order of the source. Declarations without a body are left out.
  int block_axes = 0;                    ///< Axes of blockDim that are used: 0 to 3.
  bool dynamic_shared = false;           ///< It has an extern __shared__ array.
  std::vector<std::string> macros;       ///< Names after PARAM_ that it uses.
  std::vector<std::string> dims;         ///< Names after DIM_.
  std::vector<std::string> scalars;      ///< Names after SCALAR_.
};

/// Reads a source. Comments, literals and preprocessor lines are passed over; macros are not expanded. `file` is for
/// errors: a parenthesis that is not closed, a __global__ without a function. Specializations are left out.
[[nodiscard]] Result<KernelText> read_kernel_text(const std::string& source, const std::string& file);

}  // namespace fuseline::tuner
