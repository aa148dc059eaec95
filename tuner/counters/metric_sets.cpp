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
    {metric::kDuration, MetricGroup::launch, MetricUnit::nanoseconds, "duration",
     "Time under the profiler, caches as the last pass left them: not the time that is compared."},
    {metric::kSmThroughput, MetricGroup::instructions, MetricUnit::percent, "SM throughput",
     "The busiest part of the SMs (issue, a pipe or the L1 path) as a share of what it can sustain."},
    {metric::kWarpsActive, MetricGroup::occupancy, MetricUnit::percent, "active warps",
     "Achieved occupancy: warps resident on average over the most that an SM holds."},
    {metric::kDramThroughput, MetricGroup::dram, MetricUnit::percent, "DRAM throughput",
     "The busiest part of the memory interface as a share of what it can sustain."},
    {metric::kL2HitRate, MetricGroup::l2, MetricUnit::percent, "L2 hit rate",
     "Share of the 32-byte sectors asked of L2 that were there (a write is a hit)."},
    {metric::kGridSize, MetricGroup::launch, MetricUnit::count, "grid size",
     "Thread blocks of the launch that results show; known from the launch, not counted."},
    {metric::kDramRead, MetricGroup::dram, MetricUnit::bytes, "DRAM read", "Bytes read from device memory."},
    {metric::kDramWritten, MetricGroup::dram, MetricUnit::bytes, "DRAM written",
     "Bytes written to device memory; more than the outputs hold: an intermediate reached memory."},
    {metric::kL2Bytes, MetricGroup::l2, MetricUnit::bytes, "L2 bytes", "Bytes asked of L2 by all clients."},
    {metric::kL2Throughput, MetricGroup::l2, MetricUnit::percent, "L2 throughput",
     "The busiest part of L2 as a share of what it can sustain."},
    {metric::kL1Bytes, MetricGroup::l1, MetricUnit::bytes, "L1 bytes",
     "Bytes asked of L1 by global, local and shared accesses."},
    {metric::kFadd, MetricGroup::instructions, MetricUnit::count, "FADD",
     "Single-precision additions executed, a thread each."},
    {metric::kFmul, MetricGroup::instructions, MetricUnit::count, "FMUL",
     "Single-precision multiplications executed, a thread each."},
    {metric::kFfma, MetricGroup::instructions, MetricUnit::count, "FFMA",
     "Single-precision fused multiply-adds executed, a thread each; two operations."},
    {metric::kHadd, MetricGroup::instructions, MetricUnit::count, "HADD",
     "Half-precision (f16, bf16) additions executed, a thread each."},
    {metric::kHmul, MetricGroup::instructions, MetricUnit::count, "HMUL",
     "Half-precision (f16, bf16) multiplications executed, a thread each."},
    {metric::kHfma, MetricGroup::instructions, MetricUnit::count, "HFMA",
     "Half-precision (f16, bf16) fused multiply-adds executed, a thread each; two operations."},
    {metric::kInstructions, MetricGroup::instructions, MetricUnit::count, "warp instructions",
     "Warp instructions executed."},
    {metric::kIssueActive, MetricGroup::instructions, MetricUnit::percent, "issue slots busy",
     "Share of cycles in which a scheduler issued an instruction."},
    {metric::kSpecial, MetricGroup::instructions, MetricUnit::count, "XU instructions",
     "Warp instructions of the special-function unit: exponentials, reciprocals, roots, conversions."},
    {metric::kSpecialBusy, MetricGroup::instructions, MetricUnit::percent, "XU utilization",
     "How busy the special-function unit is, as a share of what it can sustain."},
    {metric::kGlobalStores, MetricGroup::instructions, MetricUnit::count, "global stores",
     "Warp instructions that store to global memory."},
    {metric::kSharedConflicts, MetricGroup::l1, MetricUnit::count, "shared bank conflicts",
     "Extra turns of shared memory because lanes of a warp met in one bank."},
    {metric::kSharedBusy, MetricGroup::l1, MetricUnit::percent, "shared memory utilization",
     "How busy the data path of shared memory is, as a share of what it can sustain."},
    {metric::kStallLongScoreboard, MetricGroup::stalls, MetricUnit::ratio, "stall: long scoreboard",
     "Warps that wait for data from L1, L2 or DRAM, for each instruction issued."},
    {metric::kStallShortScoreboard, MetricGroup::stalls, MetricUnit::ratio, "stall: short scoreboard",
     "Warps that wait for shared memory or special functions, for each instruction issued."},
    {metric::kStallBarrier, MetricGroup::stalls, MetricUnit::ratio, "stall: barrier",
     "Warps that wait at a barrier of their block, for each instruction issued."},
    {metric::kStallMioThrottle, MetricGroup::stalls, MetricUnit::ratio, "stall: MIO throttle",
     "Warps that wait for room in the queue to shared memory and XU, for each instruction issued."},
    {metric::kStallMathPipe, MetricGroup::stalls, MetricUnit::ratio, "stall: math pipe throttle",
     "Warps that wait for an arithmetic pipe to take their instruction, for each instruction issued."},
    {metric::kStallLgThrottle, MetricGroup::stalls, MetricUnit::ratio, "stall: LG throttle",
     "Warps that wait for room in the queue of global accesses, for each instruction issued."},
    {metric::kStallWait, MetricGroup::stalls, MetricUnit::ratio, "stall: wait",
     "Warps that wait out the fixed latency of their last instruction, for each instruction issued."},
    {metric::kStallNotSelected, MetricGroup::stalls, MetricUnit::ratio, "not selected",
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

std::string count_text(double count) {
  if (!(std::abs(count) >= 1e6)) return grouped(count);
  const char* prefix = "M";
  for (const char* next : {"G", "T", "P"}) {
    if (std::abs(count) < 1e9) break;
    count /= 1e3;
    prefix = next;
  }
  const double shown = count / 1e6;
  return std::abs(shown) < 1e3 ? fmt::format("{:.4g} {}", shown, prefix) : fmt::format("{:.4g}", count * 1e9);
}

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

std::string_view to_string(MetricGroup group) {
  switch (group) {
    case MetricGroup::dram:
      return "DRAM";
    case MetricGroup::l2:
      return "L2";
    case MetricGroup::l1:
      return "L1 and shared memory";
    case MetricGroup::instructions:
      return "instructions";
    case MetricGroup::stalls:
      return "stalls";
    case MetricGroup::occupancy:
      return "occupancy";
    case MetricGroup::launch:
      return "launch";
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
      return count_text(value);
    case MetricUnit::ratio:
      return fmt::format("{:.2f} warps", value);
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
