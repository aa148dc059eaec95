// Owners of what the driver hands out: device memory, pinned host memory, events.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "profiler/cuda/driver.hpp"

namespace fuseline::profiler {

/// Bytes that this process may allocate on the device: what $FUSELINE_DEVICE_MEMORY_LIMIT says in bytes, as if the card
/// had no more; without it all there are.
[[nodiscard]] std::size_t device_memory_limit();

/// Bytes of device memory. Freeing waits for the device, so owners keep theirs while measuring.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  /// Error: CUDA_ERROR_OUT_OF_MEMORY with how much was asked for and how much is free.
  [[nodiscard]] static DeviceResult<DeviceMemory> allocate(const Driver& driver, std::size_t bytes);
  DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    DeviceMemory taken(std::move(other));
    swap(taken);
    return *this;
  }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory();

  [[nodiscard]] CUdeviceptr pointer() const { return pointer_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Of all that this process has now.
  [[nodiscard]] static std::size_t allocated_bytes();

 private:
  void swap(DeviceMemory& other) noexcept {
    std::swap(driver_, other.driver_);
    std::swap(pointer_, other.pointer_);
    std::swap(bytes_, other.bytes_);
  }
  const Driver* driver_ = nullptr;
  CUdeviceptr pointer_ = 0;
  std::size_t bytes_ = 0;
};

/// Page-locked host memory that the device copies into without a staging step.
class PinnedMemory {
 public:
  PinnedMemory() = default;
  [[nodiscard]] static DeviceResult<PinnedMemory> allocate(const Driver& driver, std::size_t bytes);
  PinnedMemory(PinnedMemory&& other) noexcept { swap(other); }
  PinnedMemory& operator=(PinnedMemory&& other) noexcept {
    PinnedMemory taken(std::move(other));
    swap(taken);
    return *this;
  }
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  ~PinnedMemory() {
    if (pointer_ != nullptr) static_cast<void>(driver_->cuMemFreeHost(pointer_));
  }

  [[nodiscard]] void* pointer() const { return pointer_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void swap(PinnedMemory& other) noexcept {
    std::swap(driver_, other.driver_);
    std::swap(pointer_, other.pointer_);
    std::swap(bytes_, other.bytes_);
  }
  const Driver* driver_ = nullptr;
  void* pointer_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Timing events, made as needed and used again.
class EventPool {
 public:
  explicit EventPool(const Driver& driver) : driver_(&driver) {}
  EventPool(const EventPool&) = delete;
  EventPool& operator=(const EventPool&) = delete;
  ~EventPool() {
    for (CUevent event : events_) static_cast<void>(driver_->cuEventDestroy(event));
  }
  /// The event of that number.
  [[nodiscard]] DeviceResult<CUevent> get(std::size_t index);

 private:
  const Driver* driver_;
  std::vector<CUevent> events_;
};

}  // namespace fuseline::profiler
