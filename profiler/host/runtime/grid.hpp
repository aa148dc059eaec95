// A whole launch: the blocks of a grid one after the other.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "profiler/host/runtime/block.hpp"

namespace fuseline::host_cuda {

struct Geometry {
  dim3 grid{1, 1, 1};
  dim3 block{1, 1, 1};
  std::size_t shared_bytes = 0;
};

/// Runs `kernel` in every thread of every block. Dynamic shared memory is as long as asked for, to the byte, and it and
/// the static shared arrays in `statics` are poisoned with NaN before every block. Gives what went wrong, or nothing.
/// An access outside an array, undefined behaviour and the like end the program through the sanitizers.
[[nodiscard]] std::string run_grid(const Geometry& geometry, const RunSettings& settings, const SharedRange& statics,
                                   const std::function<void()>& kernel);

/// The dynamic shared memory of the last launch.
[[nodiscard]] std::span<const char> current_dynamic_shared();

}  // namespace fuseline::host_cuda
