// Arguments of a launch: what a manifest names, bound to buffers and numbers, and held against the kernel's own list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "profiler/compile/compiler.hpp"
#include "profiler/cuda/driver.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {

struct BoundArgument {
  enum class Kind { tensor, workspace, number } kind = Kind::tensor;
  std::size_t index = 0;    ///< Of the tensor or workspace.
  std::uint64_t value = 0;  ///< Of the number: its bytes come first.
  std::int64_t bytes = 8;   ///< In the kernel's parameter list.
};

/// Binds buffers by name to tensors and workspaces, and encodes numbers. Failure: an unknown name.
[[nodiscard]] tl::expected<std::vector<BoundArgument>, std::string> bind_arguments(
    const std::vector<tuner::ResolvedArgument>& arguments, const tuner::Job& job,
    const std::vector<tuner::ResolvedWorkspace>& workspace);

/// Sizes of a kernel's parameters in order: the driver's (CUDA 12.4 and later), else those of the image's own table.
/// Empty where neither tells.
[[nodiscard]] std::optional<std::vector<std::int64_t>> parameter_bytes(const Driver& driver, CUfunction function,
                                                                       const CompileResult& image,
                                                                       const std::string& symbol);

/// Failure: number or sizes differ; "takes 3 arguments (8, 8 and 4 bytes), 2 are given (8 and 8 bytes)".
[[nodiscard]] tl::expected<void, std::string> check_arguments(const std::vector<BoundArgument>& given,
                                                              const std::vector<std::int64_t>& expected);

}  // namespace fuseline::profiler
