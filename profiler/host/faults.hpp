// What the address sanitizer found, in words of tensors and shared memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "profiler/host/plan_run.hpp"

namespace fuseline::host_cuda {

/// An access that the sanitizer refused.
struct BadAccess {
  std::uintptr_t address = 0;
  std::size_t bytes = 0;
  bool write = false;
  std::string description;  ///< The sanitizer's word, such as "stack-buffer-overflow".
};

/// "reads x[3700], of 3700 elements", by the place of the address.
[[nodiscard]] std::string in_words(const BadAccess& access, const Plan& plan, const PlanMemory& memory,
                                   const SharedRange& statics);

/// "FILE:LINE" of the innermost frame of a report that is the kernel's and not the runtime's or the sanitizer's; empty:
/// none is.
[[nodiscard]] std::string place_in_report(std::string_view report);

}  // namespace fuseline::host_cuda
