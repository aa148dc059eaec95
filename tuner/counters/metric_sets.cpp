#include "tuner/counters/metric_sets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "tuner/base/text.hpp"
#include "tuner/counters/names.hpp"

namespace fuseline::tuner {
namespace {

constexpr MetricInfo kMetrics[] = {
    {metric::kDuration, MetricUnit::nanoseconds, "duration",
     "Time under the profiler, caches as the last pass left them: not the time that is compared."},
    {metric::kSmThroughput, MetricUnit::percent, "SM",
     "The busiest part of the SMs (issue, a pipe or the L1 path) as a share of what it can sustain."},
    {metric::kWarpsActive, MetricUnit::percent, "warps active",
     "Achieved occupancy: warps resident on average over the most that an SM holds."},
    {metric::kDramThroughput, MetricUnit::percent, "DRAM",
     "The busiest part of the memory interface as a share of what it can sustain."},
    {metric::kL2HitRate, MetricUnit::percent, "L2 hits",
     "Share of the 32-byte sectors asked of L2 that were there (a write is a hit)."},
    {metric::kGridSize, MetricUnit::count, "grid",
     "Thread blocks of the launch that results show; known from the launch, not counted."},
    {metric::kDramRead, MetricUnit::bytes, "DRAM read", "Bytes read from device memory."},
    {metric::kDramWritten, MetricUnit::bytes, "DRAM written",
     "Bytes written to device memory; more than the outputs hold: an intermediate reached memory."},
    {metric::kL2Bytes, MetricUnit::bytes, "L2 bytes", "Bytes asked of L2 by all clients."},
    {metric::kL2Throughput, MetricUnit::percent, "L2", "The busiest part of L2 as a share of what it can sustain."},
    {metric::kL1Bytes, MetricUnit::bytes, "L1 bytes", "Bytes asked of L1 by global, local and shared accesses."},
    {metric::kFadd, MetricUnit::count, "FADD", "Single-precision additions executed, a thread each."},
    {metric::kFmul, MetricUnit::count, "FMUL", "Single-precision multiplications executed, a thread each."},
    {metric::kFfma, MetricUnit::count, "FFMA",
     "Single-precision fused multiply-adds executed, a thread each; two operations."},
    {metric::kHadd, MetricUnit::count, "HADD", "Half-precision (f16, bf16) additions executed, a thread each."},
    {metric::kHmul, MetricUnit::count, "HMUL", "Half-precision (f16, bf16) multiplications executed, a thread each."},
    {metric::kHfma, MetricUnit::count, "HFMA",
     "Half-precision (f16, bf16) fused multiply-adds executed, a thread each; two operations."},
    {metric::kInstructions, MetricUnit::count, "instructions", "Warp instructions executed."},
    {metric::kIssueActive, MetricUnit::percent, "issue slots",
     "Share of cycles in which a scheduler issued an instruction."},
    {metric::kSpecial, MetricUnit::count, "XU",
     "Warp instructions of the special-function unit: exponentials, reciprocals, roots, conversions."},
    {metric::kSpecialBusy, MetricUnit::percent, "XU busy",
     "How busy the special-function unit is, as a share of what it can sustain."},
    {metric::kGlobalStores, MetricUnit::count, "stores", "Warp instructions that store to global memory."},
    {metric::kSharedConflicts, MetricUnit::count, "bank conflicts",
     "Extra turns of shared memory because lanes of a warp met in one bank."},
    {metric::kSharedBusy, MetricUnit::percent, "shared memory",
     "How busy the data path of shared memory is, as a share of what it can sustain."},
    {metric::kStallLongScoreboard, MetricUnit::ratio, "wait: memory",
     "Warps that wait for data from L1, L2 or DRAM, for each instruction issued."},
    {metric::kStallShortScoreboard, MetricUnit::ratio, "wait: shared, XU",
     "Warps that wait for shared memory or special functions, for each instruction issued."},
    {metric::kStallBarrier, MetricUnit::ratio, "wait: barrier",
     "Warps that wait at a barrier of their block, for each instruction issued."},
    {metric::kStallMioThrottle, MetricUnit::ratio, "wait: MIO queue",
     "Warps that wait for room in the queue to shared memory and XU, for each instruction issued."},
    {metric::kStallMathPipe, MetricUnit::ratio, "wait: math pipe",
     "Warps that wait for an arithmetic pipe to take their instruction, for each instruction issued."},
    {metric::kStallLgThrottle, MetricUnit::ratio, "wait: load queue",
     "Warps that wait for room in the queue of global accesses, for each instruction issued."},
    {metric::kStallWait, MetricUnit::ratio, "wait: fixed latency",
     "Warps that wait out the fixed latency of their last instruction, for each instruction issued."},
    {metric::kStallNotSelected, MetricUnit::ratio, "not selected",
     "Warps that could have issued while another one did, for each instruction issued."},
};

constexpr std::string_view kSetNames[] = {"fast", "full"};

/// What two passes read on AD102 and GH100, which costs little beside a configuration's timing.
constexpr const char* kFast[] = {metric::kDramRead,     metric::kDramWritten, metric::kDramThroughput,
                                 metric::kWarpsActive,  metric::kL2HitRate,   metric::kL2Bytes,
                                 metric::kInstructions, metric::kIssueActive, metric::kDuration};

constexpr const char* kFull[] = {metric::kDuration,
                                 metric::kSmThroughput,
                                 metric::kWarpsActive,
                                 metric::kDramThroughput,
                                 metric::kL2HitRate,
                                 metric::kDramRead,
                                 metric::kDramWritten,
                                 metric::kL2Bytes,
                                 metric::kL2Throughput,
                                 metric::kL1Bytes,
                                 metric::kFadd,
                                 metric::kFmul,
                                 metric::kFfma,
                                 metric::kHadd,
                                 metric::kHmul,
                                 metric::kHfma,
                                 metric::kInstructions,
                                 metric::kIssueActive,
                                 metric::kSpecial,
                                 metric::kSpecialBusy,
                                 metric::kGlobalStores,
                                 metric::kSharedConflicts,
                                 metric::kSharedBusy,
                                 metric::kStallLongScoreboard,
                                 metric::kStallShortScoreboard,
                                 metric::kStallBarrier,
                                 metric::kStallMioThrottle,
                                 metric::kStallMathPipe,
                                 metric::kStallLgThrottle,
                                 metric::kStallWait,
                                 metric::kStallNotSelected};

std::string bytes_text(double bytes) {
  if (bytes >= 1e9) return fmt::format("{:.3f} GB", bytes / 1e9);
  if (bytes >= 1e6) return fmt::format("{:.3f} MB", bytes / 1e6);
  return fmt::format("{:.1f} kB", bytes / 1e3);
}

}  // namespace

std::string_view to_string(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::percent:
      return "%";
    case MetricUnit::bytes:
      return "bytes";
    case MetricUnit::nanoseconds:
      return "ns";
    case MetricUnit::count:
      return "";
    case MetricUnit::ratio:
      return "warps";
  }
  return "";
}

std::span<const MetricInfo> known_metrics() { return kMetrics; }

const MetricInfo* find_metric(std::string_view name) {
  const auto found =
      std::find_if(std::begin(kMetrics), std::end(kMetrics), [&](const MetricInfo& info) { return info.name == name; });
  return found == std::end(kMetrics) ? nullptr : found;
}

std::string metric_text(std::string_view name, double value) {
  const MetricInfo* info = find_metric(name);
  if (info == nullptr || !std::isfinite(value)) return fmt::format("{:.6g}", value);
  switch (info->unit) {
    case MetricUnit::percent:
      return fmt::format("{:.2f} %", value);
    case MetricUnit::bytes:
      return bytes_text(value);
    case MetricUnit::nanoseconds:
      return fmt::format("{:.1f} us", value / 1e3);
    case MetricUnit::count:
      return value < 1e15 ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
    case MetricUnit::ratio:
      return fmt::format("{:.2f}", value);
  }
  return {};
}

std::span<const std::string_view> metric_set_names() { return kSetNames; }

Result<std::vector<std::string>> metric_set(std::string_view name) {
  if (name == "fast") return std::vector<std::string>(std::begin(kFast), std::end(kFast));
  if (name == "full") return std::vector<std::string>(std::begin(kFull), std::end(kFull));
  return bad_input(fmt::format("no set of metrics '{}'; there are {}", printable(name), fmt::join(kSetNames, ", ")));
}

}  // namespace fuseline::tuner
