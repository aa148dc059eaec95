// What bounds a configuration, ranked. The rules and their reasons are in README.md.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "tuner/counters/analysis.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"
#include "tuner/counters/streams.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kLimits = 0.8, kHigh = 0.6;
/// Of what a copy moves: from here on traffic may be the reason, and below it is not.
constexpr double kNearTheCopy = 0.8;
/// L2 is at its limit where it is as busy as in the fastest copy and is asked for more than a copy asks. Recorded bests
/// that move as a copy does are 0.99 to 1.03 as busy and ask for 0.99 to 1.03 times as much (docs/notes/bounds.md).
constexpr double kAtItsLevel = 0.985, kAsksMore = 1.05;
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
  return {kind, std::nullopt, percent / 100, level_of(percent / 100), std::move(text)};
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

/// DRAM and L2 are busy by the traffic. Where it is known how busy a copy makes them, they are judged by that.
struct MemorySide {
  std::optional<double> of_copy;  ///< of_the_copy()
  std::optional<Bound> dram, l2;
  bool l2_judged = false;  ///< By the copy's own counters.
};

std::string beside_text(const BesideStream& beside) {
  return fmt::format(", {:.0f} % of what it is at the copy's rate; a byte asks {:.2f} times what a copy's does",
                     100 * beside.level, beside.ask);
}

/// What only follows the traffic is no limit, however busy.
void follow_the_traffic(Bound& bound) {
  if (bound.level == BoundLevel::limits) bound.level = BoundLevel::high;
}

MemorySide memory_side(const Counters& counters, const CounterContext& context) {
  MemorySide side{of_the_copy(counters, context), std::nullopt, std::nullopt};
  if (const auto percent = reading_of(counters, metric::kDramThroughput)) {
    side.dram = unit(BoundKind::dram, *percent, dram_text(counters, *percent));
    if (side.of_copy) follow_the_traffic(*side.dram);
  }
  if (const auto percent = reading_of(counters, metric::kL2Throughput)) {
    side.l2 = unit(BoundKind::l2, *percent, l2_text(counters, *percent));
    const auto beside = beside_stream(counters, context, metric::kL2Throughput);
    side.l2_judged = beside.has_value();
    if (beside) {
      side.l2->text += beside_text(*beside);
      follow_the_traffic(*side.l2);
      if (beside->level >= kAtItsLevel && beside->ask >= kAsksMore) side.l2->level = BoundLevel::limits;
    }
  }
  return side;
}

std::string moves_text(const Counters& counters, const CounterContext& context, double of_copy) {
  std::string text = "DRAM moves ";
  if (const auto passed = passed_bytes(counters, context.output_bytes); passed && context.time_ms > 0)
    text += fmt::format("{:.0f} GB/s, ", passed->all() / context.time_ms / 1e6);
  return text + fmt::format("{:.1f} % of what a copy of such bytes reaches here", 100 * of_copy);
}

/// Where DRAM serves it as fast as a copy is served. That copy keeps L2 and DRAM over 80 % busy too.
Bound copy_bound(const Counters& counters, const CounterContext& context, double of_copy) {
  return {BoundKind::copy, std::nullopt, of_copy, BoundLevel::limits,
          moves_text(counters, context, of_copy) + ": only fewer bytes would be faster"};
}

/// Near a copy's rate and short of it, with no unit at its limit: is it the traffic, or what keeps the traffic waiting?
Bound undecided(const Counters& counters, const CounterContext& context, double of_copy, const Bound& rival) {
  const bool waits = rival.kind == BoundKind::latency || rival.kind == BoundKind::execution;
  return {BoundKind::copy, rival.kind, of_copy, BoundLevel::high,
          fmt::format("{}, and {}", moves_text(counters, context, of_copy),
                      waits ? "no unit is at its limit" + main_wait(counters) : rival.text)};
}

bool sm_was_read(const std::vector<Bound>& found) {
  return std::any_of(found.begin(), found.end(), [](const Bound& bound) {
    return bound.kind == BoundKind::issue || bound.kind == BoundKind::pipe;
  });
}

/// What is left where no unit is near its limit: waiting.
Bound waiting(const Counters& counters, double busiest, bool sm_read) {
  const double unused = std::max(0.0, 1 - busiest);
  if (!sm_read)
    return {BoundKind::execution, std::nullopt, unused, BoundLevel::low,
            "what the SMs do was not read: issue and latency are not told apart"};
  std::string text = fmt::format("no unit is over {:.1f} % busy", 100 * busiest);
  if (const auto active = reading_of(counters, metric::kWarpsActive))
    text += fmt::format(" with {:.1f} % of the warps resident", *active);
  return {BoundKind::latency, std::nullopt, unused, level_of(unused), text + main_wait(counters)};
}

void sort_by_share(std::vector<Bound>& bounds) {
  std::stable_sort(bounds.begin(), bounds.end(), [](const Bound& a, const Bound& b) {
    const bool limit = a.level == BoundLevel::limits, other = b.level == BoundLevel::limits;
    return limit != other ? limit : a.share > b.share;
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

std::string bound_name(const Bound& bound) {
  return bound.rival ? fmt::format("{} or {}", to_string(bound.kind), to_string(*bound.rival))
                     : std::string(to_string(bound.kind));
}

std::string_view bound_level_text(const Bound& bound) {
  return bound.rival ? "not told apart" : to_string(bound.level);
}

std::vector<Bound> bounds(const Counters& counters, const CounterContext& context) {
  MemorySide memory = memory_side(counters, context);
  // Units that may be the reason by themselves, and those that are busy by the traffic alone.
  std::vector<Bound> candidates, followers;
  add_sm_units(counters, candidates);
  const bool sm_read = sm_was_read(candidates);
  if (memory.dram) (memory.of_copy ? followers : candidates).push_back(std::move(*memory.dram));
  if (memory.l2) {
    const bool follows = memory.l2_judged && memory.l2->level != BoundLevel::limits;
    (follows ? followers : candidates).push_back(std::move(*memory.l2));
  }
  if (candidates.empty() && followers.empty()) return {};
  sort_by_share(candidates);
  double busiest = 0;
  for (const auto* each : {&candidates, &followers}) {
    for (const Bound& bound : *each) busiest = std::max(busiest, bound.share);
  }
  const Bound rest = waiting(counters, busiest, sm_read);
  const Bound* first = candidates.empty() ? nullptr : &candidates.front();
  const bool one_is_high = first != nullptr && first->level != BoundLevel::low;

  std::vector<Bound> found;
  const double of_copy = memory.of_copy.value_or(0);
  // Without the copy's own counters a busy L2 does not say whether it is the reason.
  const bool limit_is_known =
      first != nullptr && first->level == BoundLevel::limits && (first->kind != BoundKind::l2 || memory.l2_judged);
  const bool l2_is_full =
      memory.l2_judged && first != nullptr && first->kind == BoundKind::l2 && first->level == BoundLevel::limits;
  if (of_copy >= kAtTheCopy && !l2_is_full) {
    found.push_back(copy_bound(counters, context, of_copy));
  } else if (of_copy >= kNearTheCopy && !limit_is_known) {
    found.push_back(undecided(counters, context, of_copy, one_is_high ? *first : rest));
  }
  const bool waits_first = found.empty() && !one_is_high;
  if (waits_first) {
    found.push_back(rest);
  } else if (found.empty()) {
    found.push_back(*first);
    candidates.erase(candidates.begin());
  }
  // What follows the traffic is listed among the others by its share, though it is not the reason.
  candidates.insert(candidates.end(), std::make_move_iterator(followers.begin()),
                    std::make_move_iterator(followers.end()));
  sort_by_share(candidates);
  found.insert(found.end(), std::make_move_iterator(candidates.begin()), std::make_move_iterator(candidates.end()));
  if (!waits_first) found.push_back(rest);
  return found;
}

}  // namespace fuseline::tuner
