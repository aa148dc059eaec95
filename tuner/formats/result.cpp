// The result of a sweep: "fuseline/result/1".
#include "tuner/formats/result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tuner/counters/source_profile_json.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/device/roofline.hpp"
#include "tuner/formats/counters_json.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/formats/result_timing.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/projected.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {

namespace {

constexpr std::size_t kTopCount = 10;

OrderedJson problem_object(const RunInfo& info) {
  OrderedJson dims = OrderedJson::object();
  for (const Dimension& dimension : info.dims) dims[dimension.name] = dimension.value;
  OrderedJson object;
  object["name"] = info.problem;
  object["title"] = info.problem_title;
  object["shape"] = info.shape;
  object["dims"] = std::move(dims);
  object["scalars"] = scalars_object(info.scalars);
  object["set_scalars"] = info.set_scalars;
  object["dtype"] = to_string(info.dtype);
  object["compulsory_bytes"] = info.compulsory_bytes;
  const CompulsoryParts parts = compulsory_parts(info);
  const auto bytes_or_null = [](double bytes) { return bytes > 0 ? OrderedJson(std::llround(bytes)) : OrderedJson(); };
  object["input_bytes"] = bytes_or_null(parts.inputs);
  object["output_bytes"] = bytes_or_null(parts.outputs);
  object["flops"] = finite_or_null(info.flops);
  object["flops_counted"] = info.flops_counted;
  return object;
}

OrderedJson ceilings_object(const Ceilings& ceilings) {
  OrderedJson object;
  object["copy_gbps"] = finite_or_null(ceilings.copy_gbps);
  object["read_gbps"] = finite_or_null(ceilings.read_gbps);
  object["l2_gbps"] = finite_or_null(ceilings.l2_gbps);
  object["fp32_gflops"] = finite_or_null(ceilings.fp32_gflops);
  object["measured_at"] = ceilings.measured_at;
  const StreamCounters& streams = ceilings.streams;
  // Those of another such device are in its data file, and were not read in this run.
  if ((streams.known() && !streams.of_another()) || !streams.missing.empty())
    object["streams"] = streams_object(streams);
  return object;
}

/// The GPUs of a run of several, by number from 1.
OrderedJson cards_list(const Run& run) {
  const RunInfo& info = run.info;
  OrderedJson list = OrderedJson::array();
  for (std::size_t i = 0; i < info.cards.size(); ++i) {
    const Card& card = info.cards[i];
    const int number = static_cast<int>(i) + 1;
    OrderedJson object;
    object["card"] = number;
    object["where"] = card.where;
    object["name"] = card.name;
    object["uuid"] = card.uuid;
    object["copy_gbps"] = card.copy_gbps > 0 ? finite_or_null(card.copy_gbps) : nullptr;
    object["reference"] = number == info.reference_card;
    object["timed"] = std::count_if(run.evaluations.begin(), run.evaluations.end(), [&](const Evaluation& each) {
      return worked(each.measurement) && card_number(info, each.measurement) == number;
    });
    list.push_back(std::move(object));
  }
  return list;
}

OrderedJson device_object(const Run& run) {
  const RunInfo& info = run.info;
  OrderedJson object;
  object["backend"] = to_string(info.backend);
  if (info.backend == Backend::replay) {
    object["recording"]["name"] = info.recording;
    object["recording"]["recorded_at"] = info.recorded_at;
  }
  object["name"] = info.device.name;
  object["compute_capability"] = info.device.limits.compute_capability();
  if (info.device.limits.sm_count > 0) object["limits"] = limits_object(info.device.limits);
  object["driver"] = info.device.driver;
  object["cuda"] = info.device.cuda;
  object["copy_gbps"] = finite_or_null(copy_gbps(info));
  object["dram_peak_gbps"] = finite_or_null(info.device.dram_peak_gbps);
  object["clocks"] = clocks_object(info.clocks);
  if (info.device.ceilings) object["ceilings"] = ceilings_object(*info.device.ceilings);
  if (info.cards.size() > 1) object["cards"] = cards_list(run);
  return object;
}

/// Nothing was measured on the target: what is said of it there is worked out from its data sheet, and marked so.
/// `there` is null where there is nothing to project.
OrderedJson projection_object(const RunInfo& info, const Target& target, const Evaluation* there) {
  const double bytes = static_cast<double>(info.compulsory_bytes);
  OrderedJson object;
  object["projected"] = true;
  if (const auto projection = there != nullptr ? projected(info, *there) : std::nullopt) {
    object.update(projected_object(projection));
    object["streaming_gbps"] = finite_or_null(projection->streaming.gbps);
    object["streaming_measured"] = projection->streaming.measured;
    object["gbps"] = finite_or_null(projection->gbps);
    object["share_of_peak"] = finite_or_null(projection->share);
    object["spill_bytes"] = info.target_fit && info.target_fit->compiles(there->sequence) ? OrderedJson(0) : nullptr;
  } else {
    object["time_ms"] = object["gbps"] = object["share_of_peak"] = nullptr;
  }
  const bool known = bytes > 0 && target.dram_gbps > 0;
  object["time_floor_ms"] =
      known ? finite_or_null(floor_ms(info.flops, bytes, target.dram_gbps, target.fp32_gflops)) : nullptr;
  object["intensity"] = ratio_or_null(info.flops, bytes);
  object["roof_gflops"] =
      known ? finite_or_null(std::min(target.fp32_gflops, info.flops / bytes * target.dram_gbps)) : nullptr;
  return object;
}

OrderedJson entry_object(const Run& run, const Evaluation& evaluation);

/// By projected time, what the target can run.
OrderedJson target_ranking_object(const Run& run) {
  const TargetRanking there = rank_on_target(run);
  if (there.order.empty()) return nullptr;
  OrderedJson object;
  object["projected"] = true;
  object["counted"] = there.order.size();
  object["compiled"] = std::count_if(there.order.begin(), there.order.end(), [&](std::size_t place) {
    return run.info.target_fit && run.info.target_fit->compiles(run.evaluations[place].sequence);
  });
  object["together"] = there.together;
  object["first"] = entry_object(run, run.evaluations[there.order.front()]);
  return object;
}

OrderedJson target_object(const Run& run, const Target& target) {
  const RunInfo& info = run.info;
  const Evaluation* there = run.best_for_target();
  const bool known = info.target_fit.has_value(), fits = known && info.target_fit->misfit.empty();
  OrderedJson object;
  object["name"] = target.name;
  object["title"] = target.title;
  object["compute_capability"] = target.limits.compute_capability();
  if (target.limits.sm_count > 0) object["limits"] = limits_object(target.limits);
  if (!target.memory_kind.empty()) object["memory_kind"] = target.memory_kind;
  const auto add_known = [&](const char* name, double rate) {
    if (rate > 0) object[name] = finite_or_null(rate);
  };
  object["dram_gbps"] = finite_or_null(target.dram_gbps);
  add_known("copy_gbps", target.copy_gbps);
  add_known("sm_mhz", target.sm_mhz);
  add_known("special_per_clock", target.special_per_clock);
  add_known("shared_bytes_per_clock", target.shared_bytes_per_clock);
  if (!target.estimated.empty()) object["estimated"] = target.estimated;
  object["l2_gbps"] = target.l2_gbps > 0 ? finite_or_null(target.l2_gbps) : nullptr;
  object["fp32_gflops"] = finite_or_null(target.fp32_gflops);
  object["fp16_tensor_gflops"] = finite_or_null(target.fp16_tensor_gflops);
  object["fits"] = known ? OrderedJson(fits) : nullptr;
  object["misfit"] = known && !fits ? OrderedJson(info.target_fit->misfit) : nullptr;
  object["best"] = known && !fits && there != nullptr ? entry_object(run, *there) : OrderedJson(nullptr);
  object["projected"] = projection_object(info, target, there);
  object["ranking"] = target_ranking_object(run);
  return object;
}

OrderedJson search_object(const Run& run) {
  OrderedJson outcomes = OrderedJson::object();
  for (const auto& [outcome, count] : run.outcome_counts()) outcomes[std::string(to_string(outcome))] = count;
  OrderedJson object;
  object["strategy"] = run.info.request.strategy;
  object["seed"] = run.info.request.seed;
  object["draws"] = run.info.draws;
  object["space_size"] = run.info.space_size;
  object["evaluated"] = run.evaluations.size();
  object["outcomes"] = std::move(outcomes);
  object["seconds"] = finite_or_null(run.info.seconds);
  object["first_outcome_seconds"] = finite_or_null(run.info.first_outcome_s);
  const std::optional<double> busy = gpu_busy_share(run.info);
  object["gpu_busy"] = busy ? finite_or_null(*busy) : nullptr;
  object["stop_reason"] = run.info.stop_reason;
  object["finals"] = finals_object(run);
  object["counter_cost"] = counter_cost_json(run.info);
  return object;
}

/// The compute ceiling where it was measured, else no ceiling but the bandwidth's.
OrderedJson roofline_object(const RunInfo& info, double time_ms) {
  const double copy = copy_gbps(info), bandwidth = copy > 0 ? copy : info.device.dram_peak_gbps;
  const double compute = info.device.ceilings && info.device.ceilings->fp32_gflops > 0
                             ? info.device.ceilings->fp32_gflops
                             : std::numeric_limits<double>::infinity();
  OrderedJson object;
  if (info.compulsory_bytes <= 0 || time_ms <= 0) {
    object["intensity"] = object["gflops"] = object["roof_gflops"] = nullptr;
    return object;
  }
  const RooflinePoint point =
      roofline_point(info.flops, static_cast<double>(info.compulsory_bytes), time_ms, bandwidth, compute);
  object["intensity"] = finite_or_null(point.intensity);
  object["gflops"] = finite_or_null(point.gflops);
  object["roof_gflops"] = bandwidth > 0 ? finite_or_null(point.roof_gflops) : nullptr;
  return object;
}

OrderedJson verification_object(const Verification& verification) {
  OrderedJson object;
  object["max_absolute_error"] = finite_or_null(verification.max_absolute_error);
  object["max_relative_error"] = finite_or_null(verification.max_relative_error);
  object["mismatches"] = verification.mismatches;
  if (verification.tolerance_share) object["tolerance_share"] = finite_or_null(*verification.tolerance_share);
  return object;
}

/// What the best, the tied and the top have in common.
OrderedJson entry_object(const Run& run, const Evaluation& evaluation) {
  const Figures figures = figures_of(run.info, evaluation);
  const std::vector<Launch>& launches = evaluation.measurement.launches;
  OrderedJson object;
  object["variant"] = evaluation.configuration.variant;
  object["config"] = config_json(evaluation.configuration);
  object["launch"] = launches.empty() ? OrderedJson(nullptr) : launch_object(*shown_launch(evaluation.measurement));
  if (launches.size() > 1) {
    for (const Launch& launch : launches) object["launches"].push_back(launch_object(launch));
  }
  object["time_ms"] = time_object(run.time_of(evaluation));
  object["timing"] = evaluation.measurement.after == Predecessor::itself ? "warm" : "cold";
  object["after"] = to_string(evaluation.measurement.after);
  object["timed_in"] = figures.finalist ? "finals" : "sweep";
  object["retimed"] = figures.finalist;
  if (figures.card > 0) object["card"] = figures.card;
  object["against_best"] = against_best_object(figures);
  object["bandwidth"] = bandwidth_object(figures);
  object["on_target"] = projected_object(projected(run.info, evaluation, figures.time_ms));
  return object;
}

OrderedJson best_object(const Run& run, const Evaluation& evaluation) {
  const Measurement& measurement = evaluation.measurement;
  const Figures figures = figures_of(run.info, evaluation);
  OrderedJson object = entry_object(run, evaluation);
  object["clocks"] = clocks_object(measurement.clocks);
  object["cycles"] = figures.cycles > 0 ? finite_or_null(figures.cycles) : nullptr;
  object["shift"] = shift_object(figures.shift);
  OrderedJson counters = OrderedJson::object();
  for (const auto& [name, value] : measurement.counters) counters[name] = finite_or_null(value);
  object["counters"] = std::move(counters);
  object["analysis"] = measurement.counters.empty() ? OrderedJson(nullptr) : analysis_json(analyse(run, evaluation));
  if (measurement.source_profile) object["source_profile"] = OrderedJson(to_json(*measurement.source_profile));
  const Boxed<StaticFacts>& facts = measurement.facts;
  object["registers"] = facts ? OrderedJson(facts->registers) : nullptr;
  object["spill_bytes"] = facts ? OrderedJson(facts->spill_bytes) : nullptr;
  object["occupancy"] = facts ? finite_or_null(facts->occupancy) : nullptr;
  object["roofline"] = roofline_object(run.info, run.time_of(evaluation).median);
  object["verification"] =
      measurement.verification ? verification_object(*measurement.verification) : OrderedJson(nullptr);
  object["source_sha256"] = measurement.source_sha256;
  object["compile_options"] = measurement.compile_options;
  return object;
}

OrderedJson tied_list(const Run& run, const std::vector<const Evaluation*>& ranked) {
  OrderedJson list = OrderedJson::array();
  for (const Evaluation* evaluation : ranked) {
    const FinalTiming* timing = run.final_of(*evaluation);
    if (evaluation == ranked.front() || timing == nullptr || !timing->tied) continue;
    OrderedJson entry = entry_object(run, *evaluation);
    entry["ratio"] = finite_or_null(timing->ratio);
    entry["ratio_interval"] = {finite_or_null(timing->ratio_interval.low), finite_or_null(timing->ratio_interval.high)};
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

Result<OrderedJson> result_json(const Run& run) {
  const std::vector<const Evaluation*> ranked = run.ranked();
  if (ranked.empty()) return tl::unexpected(nothing_worked(run));
  OrderedJson top = OrderedJson::array();
  for (std::size_t i = 0; i < std::min(ranked.size(), kTopCount); ++i) top.push_back(entry_object(run, *ranked[i]));
  OrderedJson json;
  json["schema"] = "fuseline/result/1";
  json["tool"]["name"] = "fuseline";
  json["tool"]["version"] = run.info.tool_version;
  json["started_at"] = run.info.started_at;
  json["problem"] = problem_object(run.info);
  json["device"] = device_object(run);
  json["target"] = run.info.target ? target_object(run, *run.info.target) : OrderedJson(nullptr);
  json["search"] = search_object(run);
  json["warnings"] = timing_warnings(run.info, *ranked.front());
  json["place_effect"] = place_effect_object(run.info);
  json["best"] = best_object(run, *ranked.front());
  json["tied"] = tied_list(run, ranked);
  json["top"] = std::move(top);
  return json;
}

}  // namespace fuseline::tuner
