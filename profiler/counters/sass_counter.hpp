// What each instruction of kernels did: CUPTI's SASS metrics (cupti_sass_metrics.h), which patch the code to count.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "profiler/counters/cupti_library.hpp"

namespace fuseline::profiler {

/// Values by offset of the instruction, then by name of the metric without "smsp__sass_".
using SassValues = std::map<std::uint64_t, std::map<std::string, double>>;

/// Runs `launch` once with patched code, some 100 times slower, and waits for it within `launch`. `kernel` is a symbol:
/// values of it alone come back, of those of `metrics` that the chip offers (the others are in `rejected`). False of
/// `launch`: nothing comes back. To be called once a process: CUPTI of CUDA 13.0 refuses a second configuration, as
/// being out of memory. Error: CUPTI's.
[[nodiscard]] tuner::Result<SassValues> count_by_instruction(const CuptiLibrary& cupti, CUcontext context, int ordinal,
                                                             const std::string& kernel,
                                                             const std::vector<std::string>& metrics,
                                                             const std::function<bool()>& launch,
                                                             std::vector<std::string>& rejected);

/// What a source profile counts: executed instructions, by warp and by thread; sectors and wavefronts of memory with
/// what they would be at best; divergence of branches.
[[nodiscard]] const std::vector<std::string>& source_metrics();

}  // namespace fuseline::profiler
