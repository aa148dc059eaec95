// Device-to-device copy bandwidth: what every result of a run is judged against.
#pragma once

#include <cstdint>
#include <memory>

#include "profiler/cuda/gpu.hpp"
#include "profiler/measure/l2_flush.hpp"
#include "profiler/measure/support_kernels.hpp"

namespace fuseline::profiler {

class CopyMeter {
 public:
  /// Two buffers of max(compulsory_bytes / 2, 256 MiB) each, less where memory is short. Measures the driver's copy and
  /// a plain float4 kernel, each behind a flush of L2, and keeps the faster.
  [[nodiscard]] static DeviceResult<std::unique_ptr<CopyMeter>> create(Gpu& gpu, SupportKernels& support,
                                                                       L2Flush& flush, std::int64_t compulsory_bytes);

  /// Read plus written bytes a second, in 1e9: the median at creation.
  [[nodiscard]] double copy_gbps() const { return copy_gbps_; }
  [[nodiscard]] std::size_t bytes() const { return from_.bytes() + to_.bytes(); }
  /// Enqueues one copy by the faster way.
  [[nodiscard]] DeviceResult<void> enqueue() { return enqueue(by_kernel_); }
  [[nodiscard]] double gbps(double milliseconds) const;
  /// About how long one copy takes.
  [[nodiscard]] double estimate_ms() const;
  /// Source of the copies, filled with ones: the ceilings read it too.
  [[nodiscard]] const DeviceMemory& source() const { return from_; }

 private:
  CopyMeter(Gpu& gpu, SupportKernels& support, L2Flush& flush) : gpu_(gpu), support_(support), flush_(flush) {}
  [[nodiscard]] DeviceResult<void> enqueue(bool by_kernel);
  [[nodiscard]] DeviceResult<double> median_gbps(bool by_kernel);

  Gpu& gpu_;
  SupportKernels& support_;
  L2Flush& flush_;
  DeviceMemory from_, to_;
  bool by_kernel_ = false;
  double copy_gbps_ = 0;
};

/// Runs `enqueue` once for warming up and `repetitions` times between events, each behind `before`; the times in ms.
/// Waits.
template <class Before, class Enqueue>
[[nodiscard]] DeviceResult<std::vector<double>> time_repeatedly(Gpu& gpu, std::size_t first_event, int repetitions,
                                                                const Before& before, const Enqueue& enqueue) {
  FUSELINE_CHECK(enqueue());
  std::vector<double> times_ms;
  for (int i = 0; i < repetitions; ++i) {
    FUSELINE_TRY(begin, gpu.events().get(first_event + 2 * static_cast<std::size_t>(i)));
    FUSELINE_TRY(end, gpu.events().get(first_event + 2 * static_cast<std::size_t>(i) + 1));
    FUSELINE_CHECK(before());
    FUSELINE_CHECK(gpu.record(begin));
    FUSELINE_CHECK(enqueue());
    FUSELINE_CHECK(gpu.record(end));
  }
  FUSELINE_CHECK(gpu.synchronize());
  for (int i = 0; i < repetitions; ++i) {
    FUSELINE_TRY(begin, gpu.events().get(first_event + 2 * static_cast<std::size_t>(i)));
    FUSELINE_TRY(end, gpu.events().get(first_event + 2 * static_cast<std::size_t>(i) + 1));
    FUSELINE_TRY(milliseconds, gpu.elapsed_ms(begin, end));
    times_ms.push_back(milliseconds);
  }
  return times_ms;
}

}  // namespace fuseline::profiler
