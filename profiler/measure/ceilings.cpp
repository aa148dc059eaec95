#include "profiler/measure/ceilings.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <utility>

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

constexpr std::uint64_t kCopyId = 0, kReadId = 1;
constexpr int kCounted = 3;  ///< Launches of each stream.

/// The median of every metric that all readings of `id` have.
std::map<std::string, double> median_of(const tuner::CountersReply& reply, std::uint64_t id) {
  std::map<std::string, std::vector<double>> values;
  for (const tuner::CounterReading& reading : reply.readings) {
    if (reading.id != id) continue;
    for (const auto& [name, value] : reading.values) values[name].push_back(value);
  }
  std::map<std::string, double> medians;
  for (const auto& [name, each] : values) {
    if (each.size() == kCounted) medians.emplace(name, tuner::median(each));
  }
  return medians;
}

tuner::StreamCounters streams_of(const tuner::CountersReply& reply) {
  tuner::StreamCounters streams;
  streams.copy = median_of(reply, kCopyId);
  streams.read = median_of(reply, kReadId);
  if (streams.known()) return streams;
  streams.missing = reply.unavailable;
  for (const tuner::CounterReading& reading : reply.readings) {
    if (streams.missing.empty()) streams.missing = reading.reason;
  }
  if (streams.missing.empty()) streams.missing = "no counters were read";
  return streams;
}

/// Each launch behind one of itself and a flush, as configurations are counted.
std::vector<CountedLaunch> counted_streams(SupportKernels& support, L2Flush& flush, CopyMeter& meter,
                                           CUdeviceptr sink) {
  std::vector<CountedLaunch> launches;
  const auto add = [&](std::uint64_t id, const std::function<DeviceResult<void>()>& run) {
    const auto before = [&flush, run]() -> DeviceResult<void> {
      FUSELINE_CHECK(run());
      return flush.enqueue();
    };
    for (int i = 0; i < kCounted; ++i) launches.push_back({id, before, run});
  };
  add(kCopyId, [&meter] { return meter.enqueue(); });
  const DeviceMemory& source = meter.source();
  add(kReadId, [&support, &source, sink] { return support.read(source.pointer(), source.bytes(), 1, sink); });
  return launches;
}

}  // namespace

DeviceResult<tuner::Ceilings> measure_ceilings(Gpu& gpu, SupportKernels& support, L2Flush& flush,
                                               const CounterReader& read_counters) {
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
  FUSELINE_TRY(counted, read_counters(counted_streams(support, flush, *meter, sink.pointer())));
  ceilings.streams = streams_of(counted);
  ceilings.measured_at = now_utc();
  return ceilings;
}

}  // namespace fuseline::profiler
