#include "profiler/measure/l2_flush.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tuner/stats/statistics.hpp"
#include "tuner/worker/device_memory.hpp"

namespace fuseline::profiler {
namespace {

constexpr std::size_t kSinkBytes = 256;  // The rest of the memory, where the kernel that reads puts its sum.

}  // namespace

double sm_mhz_between(const Stamp& before, const Stamp& after) {
  if (after.begin_ns <= before.end_ns || after.begin_cycles <= before.end_cycles) return 0;
  return 1000.0 * static_cast<double>(after.begin_cycles - before.end_cycles) /
         static_cast<double>(after.begin_ns - before.end_ns);
}

DeviceResult<std::unique_ptr<L2Flush>> L2Flush::create(Gpu& gpu, SupportKernels& support) {
  std::unique_ptr<L2Flush> flush(new L2Flush(gpu, support));
  FUSELINE_TRY(stamps, DeviceMemory::allocate(gpu.driver(), kSlots * sizeof(Stamp)));
  FUSELINE_TRY(fetched, PinnedMemory::allocate(gpu.driver(), kSlots * sizeof(Stamp)));
  flush->stamps_ = std::move(stamps);
  flush->fetched_ = std::move(fetched);
  const auto l2_bytes = static_cast<std::size_t>(std::max<std::int64_t>(gpu.info().limits.l2_bytes, 1 << 20));
  for (const std::size_t bytes : {tuner::flush_bytes(gpu.info().limits.l2_bytes), l2_bytes / 256 * 256 + kSinkBytes}) {
    auto memory = DeviceMemory::allocate(gpu.driver(), bytes);
    if (!memory && memory.error().context_lost()) return tl::unexpected(memory.error());
    if (!memory) continue;
    flush->memory_ = std::move(*memory);
    FUSELINE_CU(gpu.driver(), cuMemsetD8Async(flush->memory_.pointer(), 0, flush->memory_.bytes(), gpu.stream()));
    break;
  }
  return flush;
}

DeviceResult<void> L2Flush::enqueue(std::size_t slot) {
  if (!available()) return {};
  const std::size_t bytes = memory_.bytes() - kSinkBytes;
  return support_.read(memory_.pointer(), bytes, 1, memory_.pointer() + bytes,
                       stamps_.pointer() + std::min(slot, kSlots - 1) * sizeof(Stamp));
}

DeviceResult<void> L2Flush::fetch(std::size_t count) {
  if (!available()) return {};
  FUSELINE_CU(gpu_.driver(), cuMemcpyDtoHAsync(fetched_.pointer(), stamps_.pointer(),
                                               std::min(count, kSlots) * sizeof(Stamp), gpu_.stream()));
  return {};
}

double L2Flush::sm_mhz(std::size_t count) const {
  if (!available()) return 0;
  std::vector<Stamp> stamps(std::min(count, kSlots));
  std::memcpy(stamps.data(), fetched_.pointer(), stamps.size() * sizeof(Stamp));
  std::vector<double> clocks;
  for (std::size_t i = 0; i + 1 < stamps.size(); ++i) {
    if (const double mhz = sm_mhz_between(stamps[i], stamps[i + 1]); mhz > 0) clocks.push_back(mhz);
  }
  return clocks.empty() ? 0 : tuner::median(clocks);
}

void L2Flush::reset_persisting() {
  // Devices before compute capability 8.0 have none and say so.
  static_cast<void>(gpu_.driver().cuCtxResetPersistingL2Cache());
}

}  // namespace fuseline::profiler
