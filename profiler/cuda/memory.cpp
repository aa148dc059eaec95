#include "profiler/cuda/memory.hpp"

#include <fmt/format.h>

namespace fuseline::profiler {

DeviceResult<DeviceMemory> DeviceMemory::allocate(const Driver& driver, std::size_t bytes) {
  DeviceMemory memory;
  memory.driver_ = &driver;
  const CUresult code = driver.cuMemAlloc(&memory.pointer_, bytes == 0 ? 1 : bytes);
  if (code != CUDA_SUCCESS) {
    memory.pointer_ = 0;
    DeviceError error = device_error(driver, code, "cuMemAlloc(&pointer, bytes)", __FILE__, __LINE__);
    std::size_t free_bytes = 0;
    std::size_t total_bytes = 0;
    if (driver.cuMemGetInfo(&free_bytes, &total_bytes) == CUDA_SUCCESS) {
      error.what += fmt::format(": {:.1f} MiB were asked for, {:.1f} MiB of {:.1f} MiB are free",
                                static_cast<double>(bytes) / 1048576.0, static_cast<double>(free_bytes) / 1048576.0,
                                static_cast<double>(total_bytes) / 1048576.0);
    }
    return tl::unexpected(std::move(error));
  }
  memory.bytes_ = bytes;
  return memory;
}

DeviceResult<PinnedMemory> PinnedMemory::allocate(const Driver& driver, std::size_t bytes) {
  PinnedMemory memory;
  memory.driver_ = &driver;
  FUSELINE_CU(driver, cuMemAllocHost(&memory.pointer_, bytes));
  memory.bytes_ = bytes;
  return memory;
}

DeviceResult<CUevent> EventPool::get(std::size_t index) {
  while (events_.size() <= index) {
    CUevent event = nullptr;
    FUSELINE_CU(*driver_, cuEventCreate(&event, CU_EVENT_DEFAULT));
    events_.push_back(event);
  }
  return events_[index];
}

}  // namespace fuseline::profiler
