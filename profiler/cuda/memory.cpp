#include "profiler/cuda/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace fuseline::profiler {
namespace {

std::atomic<std::size_t>& allocated() {
  static std::atomic<std::size_t> bytes{0};
  return bytes;
}

}  // namespace

std::size_t device_memory_limit() {
  static const std::size_t limit = [] {
    std::size_t bytes = std::numeric_limits<std::size_t>::max();
    const char* text = std::getenv("FUSELINE_DEVICE_MEMORY_LIMIT");
    if (text != nullptr) std::from_chars(text, text + std::strlen(text), bytes);
    return bytes;
  }();
  return limit;
}

std::size_t DeviceMemory::allocated_bytes() { return allocated(); }

DeviceMemory::~DeviceMemory() {
  if (pointer_ == 0) return;
  static_cast<void>(driver_->cuMemFree(pointer_));
  allocated() -= bytes_;
}

DeviceResult<DeviceMemory> DeviceMemory::allocate(const Driver& driver, std::size_t bytes) {
  DeviceMemory memory;
  memory.driver_ = &driver;
  const bool within = bytes <= device_memory_limit() - std::min<std::size_t>(allocated(), device_memory_limit());
  const CUresult code = within ? driver.cuMemAlloc(&memory.pointer_, bytes == 0 ? 1 : bytes) : CUDA_ERROR_OUT_OF_MEMORY;
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
  allocated() += bytes;
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
