#include "profiler/measure/copy_meter.hpp"

#include <algorithm>

#include "profiler/measure/timer.hpp"
#include "tuner/stats/statistics.hpp"
#include "tuner/worker/device_memory.hpp"

namespace fuseline::profiler {
namespace {

constexpr int kCopies = 11;
/// A device that has idled copies some 10 % slower for about 3 ms (H200: 3,620 to 3,850 GB/s instead of 4,280). That is
/// half of a first turn: by it alone the slower kind of copy would be chosen at times, and everything that is compared
/// with it stand 7 % too high.
constexpr int kTurns = 2;

}  // namespace

DeviceResult<std::unique_ptr<CopyMeter>> CopyMeter::create(Gpu& gpu, SupportKernels& support, L2Flush& flush,
                                                           std::int64_t compulsory_bytes) {
  std::unique_ptr<CopyMeter> meter(new CopyMeter(gpu, support, flush));
  FUSELINE_TRY(free, gpu.free_bytes());
  const std::size_t bytes = tuner::copy_bytes_that_fit(compulsory_bytes, free);
  FUSELINE_TRY(from, DeviceMemory::allocate(gpu.driver(), bytes));
  FUSELINE_TRY(to, DeviceMemory::allocate(gpu.driver(), bytes));
  meter->from_ = std::move(from);
  meter->to_ = std::move(to);
  tuner::Fill ones;
  ones.kind = tuner::Fill::Kind::constant;
  ones.value = 1;
  FUSELINE_CHECK(support.fill(meter->from_.pointer(), tuner::Dtype::f32, bytes / 4, ones, 0));
  double driver_gbps = 0, kernel_gbps = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    FUSELINE_TRY(driver, meter->median_gbps(false));
    FUSELINE_TRY(kernel, meter->median_gbps(true));
    driver_gbps = std::max(driver_gbps, driver);
    kernel_gbps = std::max(kernel_gbps, kernel);
  }
  meter->by_kernel_ = kernel_gbps > driver_gbps;
  meter->copy_gbps_ = std::max(kernel_gbps, driver_gbps);
  return meter;
}

DeviceResult<void> CopyMeter::enqueue(bool by_kernel) {
  if (by_kernel) return support_.copy(to_.pointer(), from_.pointer(), from_.bytes());
  FUSELINE_CU(gpu_.driver(), cuMemcpyDtoDAsync(to_.pointer(), from_.pointer(), from_.bytes(), gpu_.stream()));
  return {};
}

DeviceResult<double> CopyMeter::median_gbps(bool by_kernel) {
  FUSELINE_TRY(times_ms, time_repeatedly(
                             gpu_, kFirstTimerEvent, kCopies, [&] { return flush_.enqueue(); },
                             [&] { return enqueue(by_kernel); }));
  return gbps(tuner::median(times_ms));
}

double CopyMeter::gbps(double milliseconds) const {
  return 2.0 * static_cast<double>(from_.bytes()) / (milliseconds * 1e-3) / 1e9;
}

double CopyMeter::estimate_ms() const {
  return copy_gbps_ > 0 ? 2.0 * static_cast<double>(from_.bytes()) / copy_gbps_ / 1e6 : 0;
}

}  // namespace fuseline::profiler
