// Limits of a GPU, measured: copy, read, L2 and FP32.
#pragma once

#include "profiler/cuda/gpu.hpp"
#include "profiler/measure/l2_flush.hpp"
#include "profiler/measure/support_kernels.hpp"
#include "tuner/device/device.hpp"

namespace fuseline::profiler {

/// Medians of several runs each; about a second. Needs a few hundred MiB of free memory, better 2 GiB.
[[nodiscard]] DeviceResult<tuner::Ceilings> measure_ceilings(Gpu& gpu, SupportKernels& support, L2Flush& flush);

}  // namespace fuseline::profiler
