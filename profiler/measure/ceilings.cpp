#include "profiler/measure/ceilings.hpp"

#include <algorithm>
#include <ctime>

#include "profiler/measure/copy_meter.hpp"
#include "profiler/measure/timer.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::profiler {
namespace {

constexpr int kRepetitions = 15;
constexpr std::int64_t kCopyBytes = std::int64_t{2} << 30;  ///< Read and written together.
constexpr int kL2Repeats = 64;
constexpr int kFmaIterations = 16384;

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  const std::size_t length = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text, length};
}

/// Of memory behind a flush, of L2 (`flush` is null) behind itself: it is to be there.
DeviceResult<double> read_gbps(Gpu& gpu, SupportKernels& support, L2Flush* flush, CUdeviceptr from, std::size_t bytes,
                               int repeats, CUdeviceptr sink) {
  const auto before = [&] { return flush != nullptr ? flush->enqueue() : DeviceResult<void>{}; };
  FUSELINE_TRY(times_ms, time_repeatedly(gpu, kFirstTimerEvent, kRepetitions, before,
                                         [&] { return support.read(from, bytes, repeats, sink); }));
  return static_cast<double>(bytes) * repeats / (tuner::median(times_ms) * 1e-3) / 1e9;
}

DeviceResult<double> fp32_gflops(Gpu& gpu, SupportKernels& support, CUdeviceptr sink) {
  double operations = 0;
  const auto enqueue = [&]() -> DeviceResult<void> {
    FUSELINE_TRY(count, support.fma(kFmaIterations, sink));
    operations = count;
    return {};
  };
  const auto before = [] { return DeviceResult<void>{}; };  // It reads no memory.
  FUSELINE_TRY(times_ms, time_repeatedly(gpu, kFirstTimerEvent, kRepetitions, before, enqueue));
  return operations / (tuner::median(times_ms) * 1e-3) / 1e9;
}

}  // namespace

DeviceResult<tuner::Ceilings> measure_ceilings(Gpu& gpu, SupportKernels& support, L2Flush& flush) {
  FUSELINE_TRY(meter, CopyMeter::create(gpu, support, flush, kCopyBytes));
  FUSELINE_TRY(sink, DeviceMemory::allocate(gpu.driver(), 256));
  const DeviceMemory& source = meter->source();
  tuner::Ceilings ceilings;
  ceilings.copy_gbps = meter->copy_gbps();
  FUSELINE_TRY(read, read_gbps(gpu, support, &flush, source.pointer(), source.bytes(), 1, sink.pointer()));
  ceilings.read_gbps = read;
  const auto quarter =
      static_cast<std::size_t>(std::max<std::int64_t>(gpu.info().limits.l2_bytes / 4, 1 << 20)) / 256 * 256;
  FUSELINE_TRY(l2, read_gbps(gpu, support, nullptr, source.pointer(), std::min(quarter, source.bytes()), kL2Repeats,
                             sink.pointer()));
  ceilings.l2_gbps = l2;
  FUSELINE_TRY(fp32, fp32_gflops(gpu, support, sink.pointer()));
  ceilings.fp32_gflops = fp32;
  ceilings.measured_at = now_utc();
  return ceilings;
}

}  // namespace fuseline::profiler
