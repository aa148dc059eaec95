// What `import-triton` and `new --reference` share: the user's Python, and options about a reference in PyTorch.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/base/files.hpp"
#include "tuner/base/types.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

/// $FUSELINE_PYTHON; else, where `programs` is the bin of a virtual environment, as of one that a wheel was installed
/// in, its Python; else python3.
[[nodiscard]] std::string user_python(const std::filesystem::path& programs = executable_folder());

/// The dtypes by their names, each once; "all" stands for f32, f16 and bf16. Error: no dtype is called so.
[[nodiscard]] Result<std::vector<Dtype>> dtypes_named(const std::vector<std::string>& names);

/// What --tolerance says: an absolute error, and a relative one where it is another. Nothing: what KernelBench asks of
/// a kernel, 1e-4 in f32 and 1e-2 in 16 bits. Error: no such numbers.
[[nodiscard]] Result<std::map<Dtype, Tolerance>> reference_tolerance(const std::vector<double>& numbers);

/// Error: `file` is no file; `option` says what it is for.
[[nodiscard]] Result<void> check_user_file(const char* option, const std::string& file);

}  // namespace fuseline::tuner
