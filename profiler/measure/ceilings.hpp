// Limits of a GPU, measured: copy, read, L2 and FP32, and what its units do while it copies and reads.
#pragma once

#include <functional>
#include <vector>

#include "profiler/cuda/gpu.hpp"
#include "profiler/measure/counter_collector.hpp"
#include "profiler/measure/l2_flush.hpp"
#include "profiler/measure/support_kernels.hpp"
#include "tuner/device/device.hpp"

namespace fuseline::profiler {

/// Reads hardware counters of launches. What could not be had is said in the reply's `unavailable`; an error where the
/// context was lost.
using CounterReader = std::function<DeviceResult<tuner::CountersReply>(const std::vector<CountedLaunch>& launches)>;

/// Medians of several runs each; about a second. Needs a few hundred MiB of free memory, better 2 GiB. Last, where the
/// memory still holds what was copied, `read_counters` is asked for those of the copy and of the read; without them the
/// ceilings are complete all the same.
[[nodiscard]] DeviceResult<tuner::Ceilings> measure_ceilings(Gpu& gpu, SupportKernels& support, L2Flush& flush,
                                                             const CounterReader& read_counters);

}  // namespace fuseline::profiler
