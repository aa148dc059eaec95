// The GPU in use: its primary context, one stream, and what every part that talks to it needs.
#pragma once

#include <memory>
#include <vector>

#include "profiler/cuda/driver.hpp"
#include "profiler/cuda/memory.hpp"
#include "tuner/device/device.hpp"

namespace fuseline::profiler {

/// Opened once a process; used from one thread, the one that opened it.
class Gpu {
 public:
  /// Retains the primary context of GPU `ordinal` and makes it current. Error: no driver, no such GPU, or it is not
  /// available.
  [[nodiscard]] static tuner::Result<std::unique_ptr<Gpu>> open(int ordinal, const tuner::DeviceInfo& info);
  Gpu(const Gpu&) = delete;
  Gpu& operator=(const Gpu&) = delete;
  ~Gpu();

  [[nodiscard]] const Driver& driver() const { return driver_; }
  [[nodiscard]] CUcontext context() const { return context_; }
  [[nodiscard]] CUstream stream() const { return stream_; }
  [[nodiscard]] const tuner::DeviceInfo& info() const { return info_; }
  [[nodiscard]] EventPool& events() { return events_; }
  /// Shared memory that the driver takes from every block.
  [[nodiscard]] std::size_t reserved_shared_bytes() const { return reserved_shared_bytes_; }

  /// Whether a grid can be launched as one whose blocks are all on the device at once.
  [[nodiscard]] bool cooperative_launch() const { return cooperative_launch_; }

  /// Takes over a module that is no longer needed. Unloading waits for the device, so it is put off until
  /// unload_retired().
  void retire(CUmodule module) { retired_.push_back(module); }
  [[nodiscard]] std::size_t retired() const { return retired_.size(); }
  void unload_retired();

  [[nodiscard]] DeviceResult<void> synchronize() const;
  [[nodiscard]] DeviceResult<std::size_t> free_bytes() const;
  /// Milliseconds between two events that have happened.
  [[nodiscard]] DeviceResult<double> elapsed_ms(CUevent begin, CUevent end) const;
  [[nodiscard]] DeviceResult<void> record(CUevent event) const;
  [[nodiscard]] DeviceResult<void> wait(CUevent event) const;

 private:
  Gpu(const Driver& driver, tuner::DeviceInfo info) : driver_(driver), info_(std::move(info)), events_(driver) {}
  [[nodiscard]] DeviceResult<void> initialise(int ordinal);

  const Driver& driver_;
  tuner::DeviceInfo info_;
  CUcontext context_ = nullptr;
  CUstream stream_ = nullptr;
  EventPool events_;
  std::vector<CUmodule> retired_;
  std::size_t reserved_shared_bytes_ = 0;
  bool cooperative_launch_ = false;
};

}  // namespace fuseline::profiler
