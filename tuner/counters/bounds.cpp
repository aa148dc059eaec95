// What bounds a configuration, ranked. The rules and their reasons are in README.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "tuner/counters/analysis.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kLimits = 0.8, kHigh = 0.6;
/// By how much the SM must be busier than each of its units that was read, for another unit to be the reason.
constexpr double kUnexplained = 0.1;

struct Stall {
  const char* metric;
  const char* meaning;
};
constexpr Stall kStalls[] = {
    {metric::kStallLongScoreboard, "data from L1, L2 or DRAM"},
    {metric::kStallShortScoreboard, "shared memory or special functions"},
    {metric::kStallBarrier, "a barrier"},
    {metric::kStallMioThrottle, "the queue to shared memory and special functions"},
    {metric::kStallMathPipe, "an arithmetic pipe"},
    {metric::kStallLgThrottle, "the queue of global accesses"},
    {metric::kStallWait, "fixed latencies"},
};

BoundLevel level_of(double share) {
  return share >= kLimits ? BoundLevel::limits : share >= kHigh ? BoundLevel::high : BoundLevel::low;
}

Bound unit(BoundKind kind, double percent, std::string text) {
  return {kind, percent / 100, level_of(percent / 100), std::move(text)};
}

/// What warps wait for most, with its share of the waiting; empty where no reason was read.
std::string main_wait(const Counters& counters) {
  double sum = 0, most = 0;
  const char* meaning = nullptr;
  for (const auto& stall : kStalls) {
    const double value = reading_of(counters, stall.metric).value_or(0);
    sum += value;
    if (value > most) most = value, meaning = stall.meaning;
  }
  return meaning == nullptr
             ? ""
             : fmt::format("; warps wait most for {} ({:.0f} % of the waiting)", meaning, 100 * most / sum);
}

std::string dram_text(const Counters& counters, double percent) {
  std::string text = fmt::format("DRAM is {:.1f} % busy", percent);
  const auto read = reading_of(counters, metric::kDramRead), written = reading_of(counters, metric::kDramWritten);
  if (read && written) text += fmt::format(": {:.3f} GB read, {:.3f} GB written", *read / 1e9, *written / 1e9);
  return text;
}

std::string l2_text(const Counters& counters, double percent) {
  std::string text = fmt::format("L2 is {:.1f} % busy", percent);
  if (const auto hits = reading_of(counters, metric::kL2HitRate))
    text += fmt::format(", {:.1f} % of its sectors hit", *hits);
  return text;
}

std::string shared_text(const Counters& counters, double percent) {
  std::string text = fmt::format("the data path of shared memory is {:.1f} % busy", percent);
  if (const auto conflicts = reading_of(counters, metric::kSharedConflicts))
    text += fmt::format(", {} bank conflicts", count_text(*conflicts));
  return text;
}

std::string special_text(const Counters& counters, double percent) {
  std::string text = fmt::format("the special-function unit is {:.1f} % busy", percent);
  if (const auto count = reading_of(counters, metric::kSpecial))
    text += fmt::format(" with {} warp instructions", count_text(*count));
  return text;
}

std::string issue_text(const Counters& counters, double percent) {
  std::string text = fmt::format("an instruction is issued in {:.1f} % of the cycles", percent);
  if (const auto count = reading_of(counters, metric::kInstructions))
    text += fmt::format(", {} warp instructions in all", count_text(*count));
  return text;
}

/// The parts of the SM that were read, with what they leave unexplained of its throughput.
void add_sm_units(const Counters& counters, std::vector<Bound>& found) {
  double explained = 0;
  const auto add = [&](BoundKind kind, const char* name, std::string (*text)(const Counters&, double)) {
    const auto percent = reading_of(counters, name);
    if (!percent) return;
    explained = std::max(explained, *percent);
    found.push_back(unit(kind, *percent, text(counters, *percent)));
  };
  add(BoundKind::issue, metric::kIssueActive, issue_text);
  add(BoundKind::special, metric::kSpecialBusy, special_text);
  add(BoundKind::shared, metric::kSharedBusy, shared_text);
  const auto sm = reading_of(counters, metric::kSmThroughput);
  if (!sm) return;
  if (!reading_of(counters, metric::kIssueActive)) {
    found.push_back(
        unit(BoundKind::issue, *sm, fmt::format("the SMs are {:.1f} % busy: issue slots or one of their pipes", *sm)));
  } else if (*sm > explained + 100 * kUnexplained) {
    found.push_back(
        unit(BoundKind::pipe, *sm, fmt::format("the SMs are {:.1f} % busy: an arithmetic pipe or the L1 path", *sm)));
  }
}

std::string latency_text(const Counters& counters, double busiest) {
  std::string text = fmt::format("no unit is over {:.1f} % busy", 100 * busiest);
  if (const auto active = reading_of(counters, metric::kWarpsActive))
    text += fmt::format(" with {:.1f} % of the warps resident", *active);
  return text + main_wait(counters);
}

/// Where DRAM serves it as fast as a copy is served. That copy keeps L2 and DRAM over 80 % busy too.
std::optional<Bound> copy_bound(const Counters& counters, const CounterContext& context) {
  const auto read = reading_of(counters, metric::kDramRead), written = reading_of(counters, metric::kDramWritten);
  if (!read || !written || !(context.time_ms > 0) || !(context.reachable_gbps > 0)) return std::nullopt;
  const double gbps = (*read + *written) / context.time_ms / 1e6, share = gbps / context.reachable_gbps;
  if (share < kAtTheCopy) return std::nullopt;
  return Bound{
      BoundKind::copy, share, BoundLevel::limits,
      fmt::format("DRAM moves {:.0f} GB/s, {:.1f} % of what a copy of such bytes reaches here: only fewer bytes "
                  "would be faster",
                  gbps, 100 * share)};
}

bool sm_was_read(const std::vector<Bound>& found) {
  return std::any_of(found.begin(), found.end(), [](const Bound& bound) {
    return bound.kind == BoundKind::issue || bound.kind == BoundKind::pipe;
  });
}

}  // namespace

std::string_view to_string(BoundKind kind) {
  switch (kind) {
    case BoundKind::copy:
      return "the copy's rate";
    case BoundKind::dram:
      return "DRAM";
    case BoundKind::l2:
      return "L2";
    case BoundKind::issue:
      return "issue slots";
    case BoundKind::special:
      return "special functions";
    case BoundKind::shared:
      return "shared memory";
    case BoundKind::pipe:
      return "an SM pipe";
    case BoundKind::latency:
      return "latency";
    case BoundKind::execution:
      return "issue or latency";
  }
  return "";
}

std::string_view to_string(BoundLevel level) {
  switch (level) {
    case BoundLevel::limits:
      return "limits";
    case BoundLevel::high:
      return "high";
    case BoundLevel::low:
      return "low";
  }
  return "";
}

std::vector<Bound> bounds(const Counters& counters, const CounterContext& context) {
  std::vector<Bound> found;
  if (const auto percent = reading_of(counters, metric::kDramThroughput))
    found.push_back(unit(BoundKind::dram, *percent, dram_text(counters, *percent)));
  if (const auto percent = reading_of(counters, metric::kL2Throughput))
    found.push_back(unit(BoundKind::l2, *percent, l2_text(counters, *percent)));
  add_sm_units(counters, found);
  if (found.empty()) return found;
  std::stable_sort(found.begin(), found.end(), [](const Bound& a, const Bound& b) { return a.share > b.share; });
  const double busiest = found.front().share, unused = std::max(0.0, 1 - busiest);
  // Where no unit is near its limit, what is left is waiting.
  Bound rest{BoundKind::latency, unused, level_of(unused), latency_text(counters, busiest)};
  if (!sm_was_read(found))
    rest = {BoundKind::execution, unused, BoundLevel::low,
            "what the SMs do was not read: issue and latency are not told apart"};
  found.insert(busiest < kHigh ? found.begin() : found.end(), std::move(rest));
  if (auto copy = copy_bound(counters, context)) found.insert(found.begin(), std::move(*copy));
  return found;
}

}  // namespace fuseline::tuner
