// Outputs against those of the reference.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "profiler/host/elements.hpp"

namespace fuseline::host_cuda {

struct Allowed {
  double absolute = 0, relative = 0;
  double of_largest = 0;  ///< Times the largest finite |expected| of all elements.
};

/// "largest error 7.4 times the tolerance at out[123]: ...", or nothing. An element may be off by absolute + relative *
/// |expected| + of_largest * the largest one; NaN matches NaN alone and an infinity itself alone. An element that still
/// has the bytes that outputs are poisoned with (0xff) was not written.
[[nodiscard]] std::string compare_output(const std::string& name, std::span<const std::byte> got, Element element,
                                         const std::vector<double>& expected, const Allowed& allowed);

}  // namespace fuseline::host_cuda
