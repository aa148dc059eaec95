// fuseline import-triton: the Triton kernels of a module of the user's as problems.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

struct TritonImport {
  std::string file;                      ///< Has ModelNew.
  std::string reference;                 ///< Has Model, get_inputs and get_init_inputs.
  std::string output;                    ///< Folder in which each kernel becomes a folder.
  std::vector<std::string> dtypes = {};  ///< f32, f16, bf16, or all; none: f32.
  std::vector<int> capabilities = {};    ///< To compile for beside that of the GPU, such as 89.
  std::string kernel = {};               ///< Only this one; empty: all.
  std::vector<std::string> keep = {};    ///< Constants that are not varied.
  std::vector<double> tolerance = {};    ///< Absolute, and relative where it is another; none: KernelBench's.
  std::size_t at_most = 200;             ///< Configurations.
  std::uint64_t seed = 42;               ///< Of parameters and inputs.
};

/// The program and its arguments that do it: Python ($FUSELINE_PYTHON, default python3), the script in the data folder,
/// and the request as JSON. Errors (bad_input): a file is missing, a dtype, tolerance or name is none.
[[nodiscard]] Result<std::vector<std::string>> triton_import_command(const TritonImport& request,
                                                                     const std::filesystem::path& data);

/// Becomes that program. Comes back only with an error: those of triton_import_command(), or that it cannot be
/// executed.
[[nodiscard]] Error import_triton(const TritonImport& request, const std::filesystem::path& data);

}  // namespace fuseline::tuner
