#include "tuner/run/figures.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "tuner/base/text.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/reading.hpp"
#include "tuner/counters/streams.hpp"
#include "tuner/device/roofline.hpp"

namespace fuseline::tuner {
namespace {

const std::vector<double>& runs_behind(const RunInfo& info, const Measurement& measurement,
                                       std::optional<std::size_t> place) {
  return place && !info.finals[*place].samples_ms.empty() ? info.finals[*place].samples_ms : measurement.samples_ms;
}

/// Workers of one GPU make it no run of several.
bool several(const RunInfo& info) { return info.cards.size() > 1; }

const Card* reference_card(const RunInfo& info) {
  const auto number = static_cast<std::size_t>(std::max(info.reference_card, 0));
  return several(info) && number >= 1 && number <= info.cards.size() ? &info.cards[number - 1] : nullptr;
}

/// The times of a sweep as if on the reference card.
Summary on_reference_card(const RunInfo& info, const Measurement& measurement) {
  Summary time = measurement.time_ms;
  const double scale = card_scale(info, measurement);
  for (double* part : {&time.median, &time.minimum, &time.p25, &time.p75}) *part *= scale;
  return time;
}

}  // namespace

bool says_bytes_and_operations(const RunInfo& info) { return info.compulsory_bytes > 0 && info.flops > 0; }

double sm_mhz(const RunInfo& info, const Measurement& measurement) {
  if (measurement.clocks && measurement.clocks->sm_mhz > 0) return measurement.clocks->sm_mhz;
  return info.clocks ? info.clocks->sm_mhz : 0.0;
}

double copy_gbps(const RunInfo& info) {
  if (info.copy_gbps > 0) return info.copy_gbps;
  return info.device.ceilings ? info.device.ceilings->copy_gbps : 0.0;
}

const Card* card_of(const RunInfo& info, const Measurement& measurement) {
  const auto number = static_cast<std::size_t>(std::max(measurement.card, 0));
  return several(info) && number >= 1 && number <= info.cards.size() ? &info.cards[number - 1] : nullptr;
}

int card_number(const RunInfo& info, const Measurement& measurement) {
  return card_of(info, measurement) == nullptr ? 0 : measurement.card;
}

double card_scale(const RunInfo& info, const Measurement& measurement) {
  const Card *own = card_of(info, measurement), *reference = reference_card(info);
  const bool known = own != nullptr && reference != nullptr && own->copy_gbps > 0 && reference->copy_gbps > 0;
  const double scale = known ? own->copy_gbps / reference->copy_gbps : 1.0;
  return std::isfinite(scale) && scale > 0 ? scale : 1.0;
}

double sweep_ms(const RunInfo& info, const Measurement& measurement) {
  return worked(measurement) ? measurement.time_ms.median * card_scale(info, measurement) : 0.0;
}

double rank_value(const RunInfo& info, const Measurement& measurement) {
  const double value = rank_value(info.objective, measurement);
  return info.objective.is_time() ? value * card_scale(info, measurement) : value;
}

double cards_apart(const RunInfo& info) {
  const Card* reference = reference_card(info);
  double apart = 0;
  for (const Card& card : info.cards) {
    if (reference == nullptr || !(reference->copy_gbps > 0) || !(card.copy_gbps > 0)) continue;
    apart = std::max(apart, std::abs(card.copy_gbps / reference->copy_gbps - 1));
  }
  return apart;
}

std::string cards_text(const RunInfo& info) {
  const Card* reference = reference_card(info);
  if (reference == nullptr) return "";
  std::vector<std::string> each;
  for (const Card& card : info.cards) {
    std::string said = card.copy_gbps > 0 ? grouped(card.copy_gbps) + " GB/s" : "its copy was not measured";
    const double more = reference->copy_gbps > 0 ? card.copy_gbps / reference->copy_gbps - 1 : 0;
    if (&card == reference) said.insert(0, "the reference card; copy ");
    if (&card != reference && card.copy_gbps > 0)
      said += fmt::format(", {:.1f} % {}", 100 * std::abs(more), more < 0 ? "less" : "more");
    each.push_back(fmt::format("{} ({})", card.where, said));
  }
  return printable(fmt::format("{} card{}: {}", each.size(), each.size() == 1 ? "" : "s", fmt::join(each, ", ")));
}

CompulsoryParts compulsory_parts(const RunInfo& info) {
  const auto outputs = static_cast<double>(info.output_bytes);
  if (info.input_bytes > 0) return {static_cast<double>(info.input_bytes), outputs};
  if (info.output_bytes <= 0 || info.output_bytes > info.compulsory_bytes) return {};
  return {static_cast<double>(info.compulsory_bytes) - outputs, outputs};
}

std::optional<std::size_t> final_place(const RunInfo& info, std::uint64_t sequence) {
  const auto found = std::find_if(info.finals.begin(), info.finals.end(),
                                  [&](const FinalTiming& timing) { return timing.sequence == sequence; });
  if (found == info.finals.end()) return std::nullopt;
  return static_cast<std::size_t>(found - info.finals.begin());
}

bool operator<(const Standing& a, const Standing& b) {
  return a.place != b.place ? a.place < b.place : a.value < b.value;
}

Summary time_of(const RunInfo& info, const Evaluation& evaluation, std::optional<std::size_t> place) {
  if (!place || !is_time(info.finals[*place].time_ms.median)) return on_reference_card(info, evaluation.measurement);
  // Where the best is not among them (a run of chosen evaluations), the first stands for it.
  const FinalTiming &own = info.finals[*place], &first = info.finals.front();
  const double comparable = first.time_ms.median * (own.ratio / first.ratio);
  Summary time = own.time_ms;
  if (*place == 0 || !is_time(comparable)) return time;
  const double scale = comparable / time.median;
  time.median = comparable;
  for (double* part : {&time.minimum, &time.p25, &time.p75}) *part *= scale;
  return time;
}

Figures figures_of(const RunInfo& info, const Evaluation& evaluation, std::optional<std::size_t> place) {
  Figures figures;
  if (evaluation.measurement.outcome != Outcome::ok) return figures;
  const Summary time = time_of(info, evaluation, place);
  figures.time_ms = is_time(time.median) ? time.median : 0.0;
  figures.samples = time.samples;
  const double bytes = static_cast<double>(info.compulsory_bytes), copy = copy_gbps(info);
  figures.gbps = bytes > 0 ? achieved_gbps(bytes, figures.time_ms) : 0.0;
  figures.of_copy = copy > 0 ? figures.gbps / copy : 0.0;
  figures.of_peak = info.device.dram_peak_gbps > 0 ? figures.gbps / info.device.dram_peak_gbps : 0.0;
  figures.gflops = roofline_point(info.flops, bytes, figures.time_ms, 0, 0).gflops;
  figures.standing.value =
      info.objective.is_time() ? figures.time_ms : rank_value(info.objective, evaluation.measurement);
  figures.sm_mhz = sm_mhz(info, evaluation.measurement);
  figures.cycles = figures.time_ms * figures.sm_mhz * 1000;  // A millisecond at 1 MHz is 1000 cycles.
  figures.shift = largest_shift(runs_behind(info, evaluation.measurement, place));
  figures.card = place && several(info) ? info.reference_card : card_number(info, evaluation.measurement);
  if (!place) return figures;
  const FinalTiming& timing = info.finals[*place];
  figures.finalist = true;
  figures.tied = timing.tied;
  figures.against_best = timing.ratio;
  figures.against_best_interval = timing.ratio_interval;
  figures.standing.place = *place;
  return figures;
}

Figures figures_of(const RunInfo& info, const Evaluation& evaluation) {
  return figures_of(info, evaluation, final_place(info, evaluation.sequence));
}

std::optional<Interval> time_interval(const RunInfo& info, const Evaluation& evaluation) {
  constexpr double kConfidence = 0.95;
  const auto place = final_place(info, evaluation.sequence);
  const double time = figures_of(info, evaluation, place).time_ms;
  const auto& runs = runs_behind(info, evaluation.measurement, place);
  const double own = median(runs);
  Interval interval = median_interval(runs, kConfidence);
  if (!is_time(time) || !is_time(own) || !std::isfinite(interval.low) || !std::isfinite(interval.high))
    return std::nullopt;
  interval.low *= time / own;
  interval.high *= time / own;
  return interval;
}

std::vector<std::size_t> rank_order(const RunInfo& info, std::size_t count,
                                    const std::function<const Evaluation&(std::size_t)>& at) {
  std::unordered_map<std::uint64_t, std::size_t> places;
  for (const FinalTiming& timing : info.finals) places.emplace(timing.sequence, places.size());
  std::vector<std::pair<Standing, std::size_t>> standings;
  for (std::size_t i = 0; i < count; ++i) {
    const Evaluation& evaluation = at(i);
    const double value = rank_value(info, evaluation.measurement);
    const auto place = places.find(evaluation.sequence);
    if (!(value > 0)) continue;
    standings.push_back({{place == places.end() ? Standing::no_finalist : place->second, value}, i});
  }
  std::stable_sort(standings.begin(), standings.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::size_t> order;
  order.reserve(standings.size());
  for (const auto& [standing, position] : standings) order.push_back(position);
  return order;
}

std::string times_text(const RunInfo& info) {
  switch (info.times_are) {
    case Middle::median:
      return "medians of the sweep";
    case Middle::mean:
      return "means of the runs, as recorded";
    case Middle::recorded:
      break;
  }
  return "those that the file records, which are not the medians of its runs";
}

void count_flops(RunInfo& info, const Evaluation& best) {
  if (info.flops > 0) return;
  const auto executed = executed_flops(best.measurement.counters);
  if (!executed || !(*executed > 0)) return;
  info.flops = *executed;
  info.flops_counted = true;
}

std::string compulsory_caption(const RunInfo& info) {
  return std::string("Compulsory bytes: every input read once, every output written once; operations are those ") +
         (info.flops_counted ? "that the best executed." : "of the definition.");
}

std::string finals_text(const RunInfo& info) {
  if (info.finals.empty()) return "No finals in this run: times are " + times_text(info);
  const auto tied =
      std::count_if(info.finals.begin(), info.finals.end(), [](const FinalTiming& timing) { return timing.tied; });
  std::string text = info.finals.size() == 1
                         ? "1 finalist was timed again"
                         : fmt::format("{} finalists were timed again, interleaved", info.finals.size());
  if (tied > 1) text += fmt::format("; {} cannot be told apart from the best", tied - 1);
  return text;
}

CounterContext counter_context(const RunInfo& info, const Evaluation& evaluation, double time_ms) {
  CounterContext context;
  const CompulsoryParts parts = compulsory_parts(info);
  context.input_bytes = parts.inputs;
  context.output_bytes = parts.outputs;
  context.l2_size = static_cast<double>(info.device.limits.l2_bytes);
  context.time_ms = time_ms;
  if (const auto& facts = evaluation.measurement.facts) {
    context.theoretical_occupancy = facts->occupancy;
    context.occupancy_limiter = facts->limiter();
  }
  const Counters& counters = evaluation.measurement.counters;
  if (const auto passed = passed_bytes(counters, context.output_bytes)) {
    const double read_gbps = info.device.ceilings ? info.device.ceilings->read_gbps : 0;
    context.reachable_gbps = reachable_gbps(copy_gbps(info), read_gbps, passed->read / passed->all());
  }
  if (info.device.ceilings) {
    const StreamCounters& streams = info.device.ceilings->streams;
    if (!streams.copy.empty()) context.copy = &streams.copy;
    if (!streams.read.empty()) context.read = &streams.read;
  }
  return context;
}

CounterAnalysis analyse(const RunInfo& info, const Evaluation& evaluation, double time_ms) {
  const CounterContext context = counter_context(info, evaluation, time_ms);
  CounterAnalysis analysis = analyse_counters(evaluation.measurement.counters, context);
  if (context.copy == nullptr || !info.device.ceilings->streams.of_another()) return analysis;
  const StreamCounters& streams = info.device.ceilings->streams;
  for (Bound& bound : analysis.bounds) {
    if (bound.kind == BoundKind::l2)
      bound.text += fmt::format("; that copy ran on another {} (driver {}, {})", info.device.name, streams.driver,
                                streams.measured_at.substr(0, 10));
  }
  return analysis;
}

CounterAnalysis analyse(const Run& run, const Evaluation& evaluation) {
  return analyse(run.info, evaluation, figures_of(run.info, evaluation).time_ms);
}

std::optional<Intensities> measured_levels(const RunInfo& info, const Evaluation& evaluation, double time_ms) {
  return intensities(evaluation.measurement.counters, counter_context(info, evaluation, time_ms));
}

}  // namespace fuseline::tuner
