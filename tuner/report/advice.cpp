#include "tuner/report/advice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "tuner/counters/hot_lines.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"
#include "tuner/counters/stall_reasons.hpp"
#include "tuner/device/residency.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/neighbours.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kReadTwice = 1.05;  // Inputs over this are read again: other lines' traffic is less.
constexpr std::size_t kMostFaster = 2, kMostAlternatives = 3, kMostMoved = 2;
constexpr double kMoved = 0.02;       // Of a counter: below it runs differ anyhow.
constexpr double kMoreWarps = 1.1;    // By how much a neighbour's occupancy must be higher to be worth a line.
constexpr double kHotWait = 0.25;     // Of the samples of waiting warps, at one line for one reason: worth a line.
constexpr double kWidestAccess = 16;  // Bytes of a thread, up to compute capability 9.0.
constexpr double kCheapEnough = 1.1;  // What may be lost on the device measured for a gain on the target.

/// "-6.0 %"
std::string change(double ratio) { return fmt::format("{:+.1f} %", 100 * (ratio - 1)); }

struct Move {
  double size = 0;  ///< Of percentages the difference, of amounts the logarithm of the ratio; either sign.
  std::string text;
};

std::optional<Move> moved_counter(const Measurement& here, const Measurement& there, const char* metric) {
  const auto from = reading_of(here.counters, metric), to = reading_of(there.counters, metric);
  const MetricInfo* info = find_metric(metric);
  if (!from || !to || info == nullptr) return std::nullopt;
  if (info->unit == MetricUnit::percent)
    return Move{(*to - *from) / 100, fmt::format("{} {:.1f} to {:.1f} %", info->label, *from, *to)};
  if (!(*from > 0) || !(*to > 0)) return std::nullopt;
  return Move{std::log(*to / *from),
              fmt::format("{} {} to {}", info->label, metric_text(metric, *from), metric_text(metric, *to))};
}

std::optional<Move> moved_resources(const Measurement& here, const Measurement& there) {
  if (!here.facts || !there.facts || here.facts->registers <= 0 || there.facts->registers <= 0) return std::nullopt;
  const StaticFacts &from = *here.facts, &to = *there.facts;
  if (from.spill_bytes != to.spill_bytes)
    return Move{1, fmt::format("spilled bytes a thread {} to {}", from.spill_bytes, to.spill_bytes)};
  return Move{std::log(static_cast<double>(to.registers) / from.registers),
              fmt::format("registers {} to {}", from.registers, to.registers)};
}

void add_fusion(const CounterAnalysis& analysis, std::vector<Advice>& advice) {
  if (!analysis.fusion) return;
  const FusionCheck& fusion = *analysis.fusion;
  if (!fusion.pass)
    advice.push_back(
        {"Keep intermediates in registers or shared memory: something beside the outputs is written to DRAM",
         fmt::format("fusion {}", fusion.text)});
  if (fusion.read_ratio > kReadTwice)
    advice.push_back(
        {"Read each input once: keep what is needed again on the chip, or let blocks that share it run "
         "together so that L2 has it",
         fmt::format("DRAM read {:.2f} times the inputs' bytes", fusion.read_ratio)});
}

void add_spills(const Measurement& measurement, std::vector<Advice>& advice) {
  if (!measurement.facts || measurement.facts->spill_bytes <= 0) return;
  advice.push_back(
      {"Hold fewer values in a thread, or let the compiler use more registers: spilled values go through L1",
       fmt::format("{} bytes are spilled at {} registers a thread", measurement.facts->spill_bytes,
                   measurement.facts->registers)});
}

/// How wide accesses of a thread are, in bytes: by the parameter that says so. Empty where none does.
std::optional<double> access_bytes(const Configuration& configuration) {
  for (const NamedValue& value : configuration.values) {
    if (value.name.str() == "vector_bytes") return value.value.number();
  }
  return std::nullopt;
}

/// What wider accesses are called where there are any; empty where a thread has the widest.
std::string wider_accesses(const Configuration& configuration) {
  const auto bytes = access_bytes(configuration);
  if (bytes && *bytes >= kWidestAccess) return "";
  return bytes ? fmt::format("wider accesses (vector_bytes above {:g})", *bytes) : "wider accesses";
}

/// What to try against a unit that is busy, or against waiting. `wider`: wider_accesses().
std::string against(BoundKind kind, const std::string& wider) {
  const std::string first = wider.empty() ? "" : wider + ", ";
  switch (kind) {
    case BoundKind::copy:
      return "Move fewer bytes: each input read once, narrower types, no second pass; little else is left to gain";
    case BoundKind::dram:
      return fmt::format(
          "DRAM is the unit that works: move fewer bytes (narrower types, no second pass), or make accesses that it "
          "serves faster ({}whole lines, streaming stores)",
          first);
    case BoundKind::l2:
      return fmt::format("Ask L2 for less: {}values that a block needs more than once kept in shared memory", first);
    case BoundKind::issue:
      return fmt::format("Issue fewer instructions an element: {}cheaper functions, unrolled index arithmetic", first);
    case BoundKind::special:
      return "Use fewer special functions an element: one exponential for several values, polynomials on the FMA pipe";
    case BoundKind::shared:
      return "Move less through shared memory: reduce in registers by shuffles, lay out without bank conflicts";
    case BoundKind::pipe:
      return "Balance the SM's pipes: see which arithmetic unit or L1 path is busy by the full set of counters";
    case BoundKind::latency:
      return "Have more bytes in flight: more independent loads a thread before the first use, more warps resident, or "
             "copies that run ahead (cp.async, bulk copies)";
    case BoundKind::execution:
      return "Read the full set of counters, which tells issue from latency";
  }
  return "";
}

/// The most that can be gained without moving fewer bytes.
std::string most_gained(double of_floor) {
  if (!(of_floor > 0)) return "";
  return fmt::format("; with the same bytes at most {:.1f} % less time, which is a copy's", 100 * (1 - of_floor));
}

void add_bound(const Configuration& configuration, const CounterAnalysis& analysis, double of_floor,
               std::vector<Advice>& advice) {
  if (of_floor >= kAtTheCopy) {
    advice.push_back(
        {"Leave the kernel as it is: a copy of the same bytes is hardly faster, and only fewer bytes would be",
         fmt::format("{} of the copy's speed", percent_text(of_floor))});
  } else if (analysis.bounds.empty()) {
    advice.push_back(
        {"Read the hardware counters (fuseline profile, or sweep --counters best): without them nothing "
         "says what bounds it",
         "no counters were read"});
  } else {
    const Bound& first = analysis.bounds.front();
    // Beside traffic that is near its end there is more to gain from what may keep it waiting.
    std::string text = against(first.rival.value_or(first.kind), wider_accesses(configuration));
    if (first.rival) text += ". If that gains nothing, it is the traffic: only fewer bytes would be faster";
    advice.push_back({std::move(text), first.text + most_gained(of_floor)});
  }
}

/// What to try where warps wait for `reason` at a line; null where nothing general can be said.
const char* against_wait(std::string_view reason) {
  const std::pair<std::string_view, const char*> kTries[] = {
      {"barrier", "Let warps of a block meet less often, or give each the same to do: they wait for one another"},
      {"gmma", "Have the next matrix instructions of the warpgroup under way before the last ones are asked for"},
      {"imc_miss", "Read fewer constants there, or the same ones in all warps"},
      {"lg_throttle", "Issue fewer accesses: wider ones, and none twice for a value that can be kept"},
      {"long_scoreboard",
       "Load earlier what is used there, or have more loads under way before it: warps wait for the first use"},
      {"math_pipe_throttle", "Move work there to another pipe, or do less of it: one arithmetic pipe is full"},
      {"membar", "Fence less often, or for a smaller scope"},
      {"mio_throttle", "Access shared memory less often there, or by wider accesses; use fewer special functions"},
      {"no_instructions", "Make the code there shorter (less unrolling): warps wait for instructions to be fetched"},
      {"short_scoreboard",
       "Start what is used there earlier: shared memory (look for bank conflicts) or a special function"},
      {"wait", "Give a thread independent work there: each instruction waits for the one before it"}};
  for (const auto& [name, text] : kTries) {
    if (name == reason) return text;
  }
  return nullptr;
}

/// The one line where most warps wait for one reason, where it holds enough of them.
void add_hot_wait(const Measurement& measurement, std::vector<Advice>& advice) {
  if (!measurement.source_profile) return;
  for (const HotWait& wait : hot_waits(*measurement.source_profile, kHotWait)) {
    const char* text = against_wait(wait.reason);
    if (text == nullptr) continue;
    const std::string place = place_text(wait.file, wait.line);
    advice.push_back(
        {fmt::format("At {}: {}", place, text),
         fmt::format("{} of the samples wait at {} for {}, {} of those of waiting warps", percent_text(wait.of_all),
                     place, stall_text(wait.reason), percent_text(wait.of_stalled))});
    return;
  }
}

/// "block 256 to 128: DRAM throughput 79.2 to 84.1 %, time -6.0 %"
std::string move_line(const Evaluation& evaluation, const Neighbour& neighbour) {
  const std::string moved = moved_text(evaluation.measurement, neighbour.evaluation->measurement);
  return fmt::format("{} {} to {}: {}{}time {}", neighbour.parameter, neighbour.here, neighbour.there, moved,
                     moved.empty() ? "" : ", ", change(neighbour.time.ratio));
}

Advice naming(const Neighbour& neighbour, std::string text, std::string reading) {
  return {std::move(text),     std::move(reading), neighbour.evaluation->sequence,
          neighbour.parameter, neighbour.there,    neighbour.time.ratio};
}

void add_faster(const Evaluation& evaluation, const std::vector<Neighbour>& fastest, std::vector<Advice>& advice) {
  for (auto each = fastest.rbegin(); each != fastest.rend() && advice.size() < kMostFaster; ++each) {
    if (each->time.tied || each->time.ratio >= 1) continue;
    advice.push_back(naming(*each, fmt::format("Try {}={}", each->parameter, each->there),
                            fmt::format("measured with all else alike, {}", move_line(evaluation, *each))));
  }
}

/// Where nothing measured beside it is faster: what the fastest value of each other parameter costs.
void add_alternatives(const Evaluation& evaluation, const std::vector<Neighbour>& fastest,
                      std::vector<Advice>& advice) {
  std::vector<std::string> costs;
  for (auto each = fastest.rbegin(); each != fastest.rend() && costs.size() < kMostAlternatives; ++each) {
    if (!each->time.tied && each->time.ratio > 1) costs.push_back(move_line(evaluation, *each));
  }
  if (costs.empty()) return;
  Advice tried{"Nothing measured with one of its values changed is faster", fmt::format("{}", fmt::join(costs, "; "))};
  tried.tried = true;
  advice.push_back(std::move(tried));
}

/// What an SM of the target holds of a configuration, and what its warps can keep on its way.
struct OnTarget {
  Residency residency;
  double reach_gbps = 0;  ///< By Little's law, with the latency of the device measured; 0 where not known.
};

double resident_warps(const DeviceLimits& limits, double occupancy) {
  return occupancy * limits.max_threads_per_sm / kWarpLanes * limits.sm_count;
}

OnTarget on_target(const RunInfo& info, const Evaluation& evaluation) {
  const double time_ms = evaluation.measurement.time_ms.median;
  const ObservedWork work = observed_work(info, evaluation, time_ms);
  OnTarget found;
  found.residency = residency(info.target->limits, work.block);
  const double here = resident_warps(info.device.limits, evaluation.measurement.facts->occupancy);
  const double bytes = work.dram_bytes > 0 ? work.dram_bytes : work.compulsory_bytes;
  if (here > 0) {
    found.reach_gbps =
        achieved_gbps(bytes, time_ms) * resident_warps(info.target->limits, found.residency.occupancy) / here;
  }
  return found;
}

/// Little's law: bytes in flight are rate times latency. With equal latency the rate that a configuration's warps can
/// keep up on the target goes with how many are resident there. What it reached here is the least that they can.
void add_target_occupancy(const Run& run, const Evaluation& evaluation, std::vector<Advice>& advice) {
  const RunInfo& info = run.info;
  if (!info.target || info.target->limits.max_threads_per_sm <= 0 || !evaluation.measurement.facts) return;
  const OnTarget own = on_target(info, evaluation);
  const double wanted = streaming_rate(*info.target).gbps;
  if (own.residency.blocks == 0 || !(own.reach_gbps > 0) || own.reach_gbps >= kAtTheCopy * wanted) return;
  std::optional<Neighbour> chosen;
  OnTarget chosen_there;
  for (const Neighbour& neighbour : all_neighbours(run, evaluation)) {
    if (!neighbour.evaluation->measurement.facts || neighbour.time.ratio > kCheapEnough) continue;
    const OnTarget there = on_target(info, *neighbour.evaluation);
    const double least = chosen ? chosen_there.residency.occupancy : kMoreWarps * own.residency.occupancy;
    if (there.residency.occupancy > least) chosen = neighbour, chosen_there = there;
  }
  if (!chosen) return;
  const std::string name = short_device_name(info.target->label());
  advice.push_back(naming(
      *chosen, fmt::format("On {} try {}={}: more warps are resident there", name, chosen->parameter, chosen->there),
      fmt::format("{} limit occupancy on {} to {}, and by Little's law its warps keep up {} of the {} that "
                  "copies reach there (same latency assumed); {}={} has {} there, and {} time on the device "
                  "measured",
                  to_string(own.residency.limit), name, percent_text(own.residency.occupancy),
                  bandwidth_text(own.reach_gbps), bandwidth_text(wanted), chosen->parameter, chosen->there,
                  percent_text(chosen_there.residency.occupancy), change(chosen->time.ratio))));
}

}  // namespace

std::string moved_text(const Measurement& here, const Measurement& there) {
  std::vector<std::string> texts;
  const auto dram = moved_counter(here, there, metric::kDramThroughput);
  if (dram && std::abs(dram->size) >= kMoved / 2) texts.push_back(dram->text);
  std::vector<Move> moves;
  for (const char* metric :
       {metric::kDramRead, metric::kDramWritten, metric::kL2Bytes, metric::kInstructions, metric::kWarpsActive,
        metric::kIssueActive, metric::kL2HitRate, metric::kSpecialBusy, metric::kSharedBusy, metric::kL2Throughput}) {
    if (auto move = moved_counter(here, there, metric)) moves.push_back(std::move(*move));
  }
  if (auto move = moved_resources(here, there)) moves.push_back(std::move(*move));
  std::erase_if(moves, [](const Move& move) { return std::abs(move.size) < kMoved; });
  std::stable_sort(moves.begin(), moves.end(),
                   [](const Move& a, const Move& b) { return std::abs(a.size) > std::abs(b.size); });
  moves.resize(std::min(moves.size(), kMostMoved));
  for (Move& move : moves) texts.push_back(std::move(move.text));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<Advice> advice_on(const Run& run, const Evaluation& evaluation, const CounterAnalysis& analysis,
                              double of_floor) {
  std::vector<Advice> advice;
  const std::vector<Neighbour> fastest =
      run.info.objective.is_time() ? neighbours(run, evaluation) : std::vector<Neighbour>();
  add_faster(evaluation, fastest, advice);
  const bool some_faster = !advice.empty();
  add_fusion(analysis, advice);
  add_spills(evaluation.measurement, advice);
  if (of_floor < kAtTheCopy) add_hot_wait(evaluation.measurement, advice);
  add_bound(evaluation.configuration, analysis, of_floor, advice);
  if (run.info.objective.is_time()) add_target_occupancy(run, evaluation, advice);
  if (!some_faster) add_alternatives(evaluation, fastest, advice);
  advice.resize(std::min(advice.size(), kMostAdvice));
  return advice;
}

OrderedJson advice_json(const std::vector<Advice>& advice) {
  OrderedJson list = OrderedJson::array();
  for (const Advice& each : advice) {
    OrderedJson item;
    item["text"] = each.text;
    item["reading"] = each.reading;
    if (each.measured) {
      item["param"] = each.parameter;
      item["value"] = each.value;
      item["time_ratio"] = each.time_ratio;
    }
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace fuseline::tuner
