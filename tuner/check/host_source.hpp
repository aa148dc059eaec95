// CUDA text as g++ takes it beside the headers of profiler/host/shim, and the unit that makes a program of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tuner/problem/resolved.hpp"

namespace fuseline::tuner {

/// The text with every `extern __shared__ T name[];` made a pointer to the dynamic shared memory that the runtime has,
/// lines kept, behind a line that gives them their file's name.
[[nodiscard]] std::string host_source(std::string_view text, const std::string& file);

/// A kernel's name as one word, by which unit and job name it.
[[nodiscard]] std::string host_kernel_name(const std::string& kernel);

/// The unit: includes the source, which lies beside it, and lists the kernels of `launches` for the runtime.
[[nodiscard]] std::string host_unit(const std::string& source_file, const std::vector<ResolvedLaunch>& launches);

}  // namespace fuseline::tuner
