#include "profiler/cuda/gpu.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fuseline::profiler {

tuner::Result<std::unique_ptr<Gpu>> Gpu::open(int ordinal, const tuner::DeviceInfo& info) {
  FUSELINE_TRY(driver, Driver::load());
  std::unique_ptr<Gpu> gpu(new Gpu(*driver, info));
  if (auto done = gpu->initialise(ordinal); !done) {
    return tl::unexpected(
        tuner::Error{tuner::ErrorKind::worker,
                     {},
                     {},
                     fmt::format("GPU {} ({}) cannot be used: {}", ordinal, info.name, done.error().message())});
  }
  return gpu;
}

DeviceResult<void> Gpu::initialise(int ordinal) {
  CUdevice device = 0;
  FUSELINE_CU(driver_, cuDeviceGet(&device, ordinal));
  // Never released: the process ends with it, and releasing a context whose kernel hangs would hang too.
  FUSELINE_CU(driver_, cuDevicePrimaryCtxRetain(&context_, device));
  FUSELINE_CU(driver_, cuCtxSetCurrent(context_));
  FUSELINE_CU(driver_, cuStreamCreate(&stream_, CU_STREAM_NON_BLOCKING));
  int reserved = 0;
  if (driver_.cuDeviceGetAttribute(&reserved, CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, device) ==
      CUDA_SUCCESS) {
    reserved_shared_bytes_ = static_cast<std::size_t>(reserved);
  }
  int cooperative = 0;
  cooperative_launch_ =
      driver_.cuDeviceGetAttribute(&cooperative, CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH, device) == CUDA_SUCCESS &&
      cooperative != 0;
  return {};
}

Gpu::~Gpu() {
  if (stream_ != nullptr) static_cast<void>(driver_.cuStreamDestroy(stream_));
}

void Gpu::unload_retired() {
  for (CUmodule module : retired_) static_cast<void>(driver_.cuModuleUnload(module));
  retired_.clear();
}

DeviceResult<void> Gpu::synchronize() const {
  FUSELINE_CU(driver_, cuStreamSynchronize(stream_));
  return {};
}

DeviceResult<std::size_t> Gpu::free_bytes() const {
  std::size_t free = 0;
  std::size_t total = 0;
  FUSELINE_CU(driver_, cuMemGetInfo(&free, &total));
  const std::size_t limit = device_memory_limit();
  return std::min(free, limit - std::min(limit, DeviceMemory::allocated_bytes()));
}

DeviceResult<double> Gpu::elapsed_ms(CUevent begin, CUevent end) const {
  float milliseconds = 0;
  FUSELINE_CU(driver_, cuEventElapsedTime(&milliseconds, begin, end));
  return static_cast<double>(milliseconds);
}

DeviceResult<void> Gpu::record(CUevent event) const {
  FUSELINE_CU(driver_, cuEventRecord(event, stream_));
  return {};
}

DeviceResult<void> Gpu::wait(CUevent event) const {
  FUSELINE_CU(driver_, cuEventSynchronize(event));
  return {};
}

}  // namespace fuseline::profiler
