#include "tuner/report/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kReadTwice = 1.05;    // Inputs over this are read again: other lines' traffic is less.
constexpr double kWorthNaming = 0.02;  // A neighbour that costs less is within what buffers and clocks do.

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

/// What differs where exactly one value does; null otherwise.
const NamedValue* only_difference(const Configuration& a, const Configuration& b) {
  if (a.variant != b.variant || a.values.size() != b.values.size()) return nullptr;
  const NamedValue* found = nullptr;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    if (a.values[i].name != b.values[i].name) return nullptr;
    if (a.values[i].value == b.values[i].value) continue;
    if (found != nullptr) return nullptr;
    found = &b.values[i];
  }
  return found;
}

void add_fusion_advice(const CounterAnalysis& analysis, std::vector<Advice>& advice) {
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

void add_spill_advice(const Measurement& measurement, std::vector<Advice>& advice) {
  if (!measurement.facts || measurement.facts->spill_bytes <= 0) return;
  advice.push_back(
      {"Hold fewer values in a thread, or let the compiler use more registers: spilled values go through L1",
       fmt::format("{} bytes are spilled at {} registers a thread", measurement.facts->spill_bytes,
                   measurement.facts->registers)});
}

/// What to try against a unit that is busy, or against waiting.
const char* against(BoundKind kind) {
  switch (kind) {
    case BoundKind::copy:
      return "Move fewer bytes: each input read once, narrower types, no second pass; little else is left to gain";
    case BoundKind::dram:
      return "DRAM is the unit that works: move fewer bytes (narrower types, no second pass), or make accesses that it "
             "serves faster (16 bytes a thread, whole lines, streaming stores)";
    case BoundKind::l2:
      return "Ask L2 for less: wider accesses, values shared by a block through shared memory";
    case BoundKind::issue:
      return "Issue fewer instructions an element: wider loads and stores, cheaper functions, unrolled index "
             "arithmetic";
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

void add_bound_advice(const Explanation& explanation, std::vector<Advice>& advice) {
  if (explanation.of_floor >= kAtTheFloor) {
    advice.push_back(
        {"Leave the kernel as it is: a copy of the same bytes is hardly faster, and only fewer bytes would "
         "be",
         fmt::format("{} of the copy's speed", percent(explanation.of_floor))});
    return;
  }
  if (explanation.analysis.bounds.empty()) {
    advice.push_back(
        {"Read the hardware counters (fuseline profile, or sweep --counters best): without them nothing "
         "says what bounds it",
         "no counters were read"});
    return;
  }
  const Bound& first = explanation.analysis.bounds.front();
  advice.push_back({against(first.kind), first.text});
}

/// Where the run's own measurements say that a parameter counts.
void add_neighbour_advice(const Run& run, const Evaluation& evaluation, std::vector<Advice>& advice) {
  const std::vector<Neighbour> all = neighbours(run, evaluation);
  for (auto faster = all.rbegin(); faster != all.rend() && faster->ratio <= 1 - kWorthNaming; ++faster) {
    advice.push_back({fmt::format("Try {}={}", faster->parameter, faster->there),
                      fmt::format("measured with {}={} and all else alike: {} less time", faster->parameter,
                                  faster->there, percent(1 - faster->ratio))});
  }
  for (const Neighbour& slower : all) {
    if (slower.ratio < 1 + kWorthNaming) break;
    advice.push_back({fmt::format("Keep {}={}", slower.parameter, slower.here),
                      fmt::format("measured with {}={} and all else alike: {} more time", slower.parameter,
                                  slower.there, percent(slower.ratio - 1))});
  }
}

}  // namespace

std::vector<Neighbour> neighbours(const Run& run, const Evaluation& evaluation) {
  const double own_ms = run.time_of(evaluation).median;
  std::map<std::string, Neighbour> nearest;
  for (const Evaluation& other : run.evaluations) {
    if (!(own_ms > 0) || !worked(other.measurement) || other.measurement.abandoned) continue;
    const NamedValue* differs = only_difference(evaluation.configuration, other.configuration);
    if (differs == nullptr) continue;
    const double ratio = run.time_of(other).median / own_ms;
    const auto [place, added] = nearest.try_emplace(
        differs->name,
        Neighbour{differs->name, evaluation.configuration.find(differs->name)->value.to_string(), {}, ratio});
    if (!added && place->second.ratio <= ratio) continue;
    place->second.there = differs->value.to_string();
    place->second.ratio = ratio;
  }
  std::vector<Neighbour> list;
  list.reserve(nearest.size());
  for (auto& [name, neighbour] : nearest) list.push_back(std::move(neighbour));
  std::stable_sort(list.begin(), list.end(), [](const Neighbour& a, const Neighbour& b) { return a.ratio > b.ratio; });
  return list;
}

Explanation explain(const Run& run, const Evaluation& evaluation) {
  Explanation explanation;
  explanation.time_ms = run.time_of(evaluation).median;
  const double copy = copy_gbps(run.info);
  if (copy > 0 && run.info.compulsory_bytes > 0) {
    explanation.floor_ms = floor_ms(0, static_cast<double>(run.info.compulsory_bytes), copy, 0);
    if (explanation.time_ms > 0) explanation.of_floor = explanation.floor_ms / explanation.time_ms;
  }
  explanation.analysis = analyse(run, evaluation);
  explanation.projection = projected(run.info, evaluation);
  add_fusion_advice(explanation.analysis, explanation.advice);
  add_spill_advice(evaluation.measurement, explanation.advice);
  add_bound_advice(explanation, explanation.advice);
  add_neighbour_advice(run, evaluation, explanation.advice);
  if (explanation.advice.size() > kMostAdvice) explanation.advice.resize(kMostAdvice);
  return explanation;
}

OrderedJson explanation_json(const Explanation& explanation) {
  const auto known = [](double value) { return value > 0 ? finite_or_null(value) : OrderedJson(nullptr); };
  OrderedJson analysis = analysis_json(explanation.analysis);
  OrderedJson json;
  json["time_ms"] = known(explanation.time_ms);
  json["floor_ms"] = known(explanation.floor_ms);
  json["of_floor"] = known(explanation.of_floor);
  json["fusion"] = std::move(analysis["fusion"]);
  json["occupancy"] = std::move(analysis["occupancy"]);
  json["bounds"] = std::move(analysis["bounds"]);
  json["advice"] = OrderedJson::array();
  for (const Advice& advice : explanation.advice)
    json["advice"].push_back({{"text", advice.text}, {"reading", advice.reading}});
  return json;
}

std::string explanation_text(const Explanation& explanation) {
  std::string text;
  if (explanation.of_floor > 0) {
    text += fmt::format("{}; the compulsory bytes at the copy bandwidth take {}: {} of the copy's speed.\n",
                        time_text(explanation.time_ms), time_text(explanation.floor_ms), percent(explanation.of_floor));
  }
  if (explanation.analysis.fusion) text += "Fusion " + explanation.analysis.fusion->text + ".\n";
  if (explanation.analysis.occupancy) text += "Occupancy: " + explanation.analysis.occupancy->text + ".\n";
  if (!explanation.analysis.bounds.empty()) text += "\nBounds, the first the tightest:\n\n";
  if (explanation.analysis.bounds.empty()) text += "No hardware counters were read: what bounds it is not known.\n";
  for (const Bound& bound : explanation.analysis.bounds)
    text += fmt::format("- {} ({}): {}.\n", to_string(bound.kind), to_string(bound.level), bound.text);
  if (!explanation.advice.empty()) text += "\nWhat to do:\n\n";
  for (const Advice& advice : explanation.advice)
    text += fmt::format("- {}. Reading: {}.\n", advice.text, advice.reading);
  return printable(text, true);
}

OrderedJson projection_json(const RunInfo& info, const std::optional<Projection>& projection) {
  if (!projection || !info.target) return nullptr;
  OrderedJson json = projected_object(projection);
  json["target"] = info.target->name;
  return json;
}

}  // namespace fuseline::tuner
