// Which compiler options a manifest may give.
#pragma once

#include <string>
#include <vector>

namespace fuseline::tuner {

/// True for NVRTC options that change how code is generated and nothing else: no files, no include folders, no defines,
/// no architecture.
[[nodiscard]] bool is_allowed_compile_option(const std::string& option);
/// The allowed options as people write them: "--use_fast_math", "--maxrregcount=N", ...
[[nodiscard]] const std::vector<std::string>& allowed_compile_options();

}  // namespace fuseline::tuner
