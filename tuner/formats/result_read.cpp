// What of a run its result file holds.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <unordered_map>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/result_timing.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/measurement_json.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::string_view kResultSchema = "fuseline/result/1";
/// A file of ours names some ten; a sweep has up to 256 finalists.
constexpr std::size_t kMostListed = 4096;

/// A figure that may be null, which is how a file says what we keep as 0.
struct NumberOrNull {
  double value = 0;
};
Result<void> read_value(const JsonView& view, NumberOrNull& out) {
  if (view.json().is_null()) return {};
  FUSELINE_TRY(number, view.number());
  if (!std::isfinite(number) || number < 0) return view.fail("expected a number that is not negative");
  out.value = number;
  return {};
}

Result<JsonView> result_object_at(const JsonView& view, const std::string& name) {
  FUSELINE_TRY(found, view.at(name));
  if (!found.json().is_object()) return found.fail("expected an object");
  return found;
}

/// "9.0"
void read_capability(const std::string& text, DeviceLimits& limits) {
  int major = 0, minor = 0;
  if (std::sscanf(text.c_str(), "%3d.%3d", &major, &minor) != 2) return;
  limits.compute_major = major;
  limits.compute_minor = minor;
}

/// Absent in files of before they could be set.
Result<void> read_result_scalars(const JsonView& problem, RunInfo& info) {
  if (!problem.has("scalars")) return {};
  FUSELINE_TRY(scalars, result_object_at(problem, "scalars"));
  FUSELINE_CHECK(check_object(scalars, kMaximumParameters));
  for (const auto& item : scalars.json().items()) {
    FUSELINE_TRY(place, scalars.at(item.key()));
    FUSELINE_TRY(value, place.number());
    info.scalars.emplace_back(item.key(), value);
  }
  return FieldReader(problem).optional("set_scalars", info.set_scalars).result();
}

Result<void> read_result_problem(const JsonView& root, RunInfo& info) {
  FUSELINE_TRY(problem, result_object_at(root, "problem"));
  NumberOrNull flops;
  FUSELINE_CHECK(FieldReader(problem)
                     .required("name", info.problem)
                     .optional("title", info.problem_title)
                     .optional("shape", info.shape)
                     .named("dtype", info.dtype, dtype_from_string)
                     .optional("compulsory_bytes", info.compulsory_bytes)
                     .optional("flops", flops)
                     .optional("flops_counted", info.flops_counted)
                     .result());
  info.flops = flops.value;
  info.request.problem = info.problem;
  info.request.shape = info.shape;
  info.request.dtype = to_string(info.dtype);
  FUSELINE_CHECK(read_result_scalars(problem, info));
  if (!problem.has("dims")) return {};
  FUSELINE_TRY(dims, result_object_at(problem, "dims"));
  FUSELINE_CHECK(check_object(dims, kMaximumParameters));
  for (const auto& item : dims.json().items()) {
    FUSELINE_TRY(place, dims.at(item.key()));
    FUSELINE_TRY(value, place.integer());
    info.dims.push_back({item.key(), value});
  }
  return {};
}

/// Of a run on several GPUs.
Result<void> read_result_cards(const JsonView& device, RunInfo& info) {
  if (!device.has("cards")) return {};
  FUSELINE_TRY(list, device.at("cards"));
  FUSELINE_CHECK(check_array(list, kMaximumCards));
  for (std::size_t i = 0; i < list.json().size(); ++i) {
    FUSELINE_TRY(place, list.at(i));
    Card card;
    NumberOrNull copy;
    bool reference = false;
    FUSELINE_CHECK(FieldReader(place)
                       .optional("where", card.where)
                       .optional("name", card.name)
                       .optional("uuid", card.uuid)
                       .optional("copy_gbps", copy)
                       .optional("reference", reference)
                       .result());
    card.copy_gbps = copy.value;
    info.cards.push_back(std::move(card));
    if (reference) info.reference_card = static_cast<int>(i) + 1;
  }
  return {};
}

Result<void> read_result_device(const JsonView& root, RunInfo& info) {
  FUSELINE_TRY(device, result_object_at(root, "device"));
  std::string capability;
  NumberOrNull copy, peak;
  FUSELINE_CHECK(FieldReader(device)
                     .named("backend", info.backend, backend_from_string)
                     .optional("name", info.device.name)
                     .optional("compute_capability", capability)
                     .optional("limits", info.device.limits)
                     .optional("driver", info.device.driver)
                     .optional("cuda", info.device.cuda)
                     .optional("copy_gbps", copy)
                     .optional("dram_peak_gbps", peak)
                     .result());
  read_capability(capability, info.device.limits);
  info.copy_gbps = copy.value;
  info.device.dram_peak_gbps = peak.value;
  FUSELINE_TRY(clocks, read_clocks(device));
  info.clocks = clocks;
  if (device.has("recording")) {
    FUSELINE_TRY(recording, result_object_at(device, "recording"));
    FUSELINE_CHECK(
        FieldReader(recording).optional("name", info.recording).optional("recorded_at", info.recorded_at).result());
  }
  FUSELINE_CHECK(read_result_cards(device, info));
  if (!device.has("ceilings")) return {};
  FUSELINE_TRY(ceilings, result_object_at(device, "ceilings"));
  NumberOrNull copied, read, l2, fp32;
  Ceilings kept;
  FUSELINE_CHECK(FieldReader(ceilings)
                     .optional("copy_gbps", copied)
                     .optional("read_gbps", read)
                     .optional("l2_gbps", l2)
                     .optional("fp32_gflops", fp32)
                     .optional("measured_at", kept.measured_at)
                     .optional("streams", kept.streams)
                     .result());
  kept.copy_gbps = copied.value;
  kept.read_gbps = read.value;
  kept.l2_gbps = l2.value;
  kept.fp32_gflops = fp32.value;
  info.device.ceilings = kept;
  return {};
}

Result<void> read_result_costs(const JsonView& search, RunInfo& info) {
  if (!search.has("counter_cost")) return {};
  FUSELINE_TRY(costs, result_object_at(search, "counter_cost"));
  FUSELINE_CHECK(check_object(costs, kMaximumParameters));
  for (const auto& item : costs.json().items()) {
    FUSELINE_TRY(place, costs.at(item.key()));
    NumberOrNull seconds, kernel_s;
    CounterCost cost;
    FUSELINE_CHECK(FieldReader(place)
                       .optional("configurations", cost.configurations)
                       .optional("passes", cost.passes)
                       .optional("seconds", seconds)
                       .optional("kernel_seconds", kernel_s)
                       .result());
    cost.seconds = seconds.value;
    cost.kernel_s = kernel_s.value;
    info.counter_cost[item.key()] = cost;
  }
  return {};
}

Result<std::uint64_t> read_result_search(const JsonView& root, RunInfo& info) {
  std::uint64_t evaluated = 0;
  if (!root.has("search")) return evaluated;
  FUSELINE_TRY(search, result_object_at(root, "search"));
  NumberOrNull seconds, first, busy;
  FUSELINE_CHECK(FieldReader(search)
                     .optional("strategy", info.request.strategy)
                     .optional("seed", info.request.seed)
                     .optional("draws", info.draws)
                     .optional("space_size", info.space_size)
                     .optional("evaluated", evaluated)
                     .optional("seconds", seconds)
                     .optional("first_outcome_seconds", first)
                     .optional("gpu_busy", busy)
                     .optional("stop_reason", info.stop_reason)
                     .result());
  info.seconds = seconds.value;
  info.first_outcome_s = first.value;
  info.gpu_busy_s = busy.value * std::max(0.0, seconds.value - first.value);
  FUSELINE_CHECK(read_result_costs(search, info));
  return evaluated;
}

/// A configuration as the best, the tied and the top list it.
struct Listed {
  Evaluation evaluation;
  bool retimed = false;
  std::optional<double> ratio;  ///< Paired, to the best; empty in files of before.
  Interval interval{1, 1};
};

/// Null stands for what was not finite.
Result<void> read_interval(const JsonView& view, Interval& interval) {
  FUSELINE_TRY(size, view.array_size());
  if (size != 2) return view.fail("is no interval");
  for (const bool low : {true, false}) {
    FUSELINE_TRY(end, view.at(std::size_t{low ? 0U : 1U}));
    (low ? interval.low : interval.high) = low ? 0 : std::numeric_limits<double>::infinity();
    if (end.json().is_null()) continue;
    FUSELINE_TRY(value, end.number());
    (low ? interval.low : interval.high) = value;
  }
  return {};
}

/// Files of before have it of what is tied alone, in the entry itself.
Result<void> read_ratio(const JsonView& entry, Listed& listed) {
  const bool own = entry.has("against_best");
  if (own ? entry.json().at("against_best").is_null() : !entry.has("ratio")) return {};
  const Result<JsonView> found = own ? result_object_at(entry, "against_best") : Result<JsonView>(entry);
  if (!found) return tl::unexpected(found.error());
  double ratio = 1;
  FUSELINE_CHECK(FieldReader(*found).required("ratio", ratio).result());
  if (!(ratio > 0)) return found->fail("has no ratio above zero");
  listed.ratio = ratio;
  FUSELINE_TRY(interval, found->at(own ? "interval" : "ratio_interval"));
  return read_interval(interval, listed.interval);
}

/// Of the best alone.
Result<void> read_listed_facts(const JsonView& entry, Measurement& measurement) {
  std::map<std::string, double> counters;
  std::optional<int> registers;
  std::optional<std::int64_t> spilled;
  NumberOrNull occupancy;
  FUSELINE_CHECK(FieldReader(entry)
                     .optional("counters", counters)
                     .optional("source_profile", measurement.source_profile)
                     .optional("registers", registers)
                     .optional("spill_bytes", spilled)
                     .optional("occupancy", occupancy)
                     .optional("verification", measurement.verification)
                     .optional("source_sha256", measurement.source_sha256)
                     .optional("compile_options", measurement.compile_options)
                     .result());
  for (const auto& [name, value] : counters) {
    if (std::isfinite(value)) measurement.counters.emplace(name, value);
  }
  if (!registers) return {};
  StaticFacts facts;
  facts.registers = *registers;
  facts.spill_bytes = spilled.value_or(0);
  facts.occupancy = occupancy.value;
  measurement.facts = facts;
  return {};
}

Result<Listed> read_listed(const JsonView& entry) {
  Listed listed;
  FUSELINE_TRY(configuration, read_file_configuration(entry));
  listed.evaluation.configuration = std::move(configuration);
  Measurement& measurement = listed.evaluation.measurement;
  measurement.outcome = Outcome::ok;
  std::optional<Launch> launch;
  std::string timing = "cold";  // Which says whether it was warm in files of before there was a choice.
  FUSELINE_CHECK(FieldReader(entry)
                     .required("time_ms", measurement.time_ms)
                     .optional("timing", timing)
                     .named("after", measurement.after, predecessor_from_string)
                     .optional("launch", launch)
                     .optional("launches", measurement.launches)
                     .optional("retimed", listed.retimed)
                     .optional("card", measurement.card)
                     .result());
  if (measurement.launches.empty() && launch) measurement.launches.push_back(*launch);
  if (timing == "warm") measurement.after = Predecessor::itself;
  FUSELINE_TRY(clocks, read_clocks(entry));
  measurement.clocks = clocks;
  if (!worked(measurement)) return entry.fail("has no time above zero");
  FUSELINE_CHECK(read_listed_facts(entry, measurement));
  FUSELINE_CHECK(read_ratio(entry, listed));
  return listed;
}

/// The run that grows from the lists, which name some configurations twice.
class ListedRun {
 public:
  explicit ListedRun(RunInfo info) { run_.info = std::move(info); }

  std::uint64_t add(Listed listed, bool tied) {
    const auto [place, added] =
        places_.emplace(listed.evaluation.configuration.key(), static_cast<std::uint64_t>(run_.evaluations.size()));
    const std::uint64_t sequence = place->second;
    if (listed.retimed) add_final(listed, sequence, tied);
    if (!added) return sequence;
    listed.evaluation.sequence = sequence;
    if (!listed.retimed) to_its_card(listed.evaluation.measurement);
    run_.evaluations.push_back(std::move(listed.evaluation));
    return sequence;
  }
  [[nodiscard]] std::optional<std::uint64_t> sequence_of(const Configuration& configuration) const {
    const auto found = places_.find(configuration.key());
    return found == places_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] RunInfo& info() { return run_.info; }
  [[nodiscard]] Run finish(std::uint64_t evaluated) {
    run_.info.note = fmt::format("a result file: {} of the {} evaluated configurations", run_.evaluations.size(),
                                 std::max<std::uint64_t>(evaluated, run_.evaluations.size()));
    return std::move(run_);
  }

 private:
  /// A file has times as if on the reference card; a run has them as they were taken.
  void to_its_card(Measurement& measurement) const {
    const double scale = card_scale(run_.info, measurement);
    Summary& time = measurement.time_ms;
    for (double* part : {&time.median, &time.minimum, &time.p25, &time.p75}) *part /= scale;
  }
  void add_final(const Listed& listed, std::uint64_t sequence, bool tied) {
    auto& finals = run_.info.finals;
    auto timing =
        std::find_if(finals.begin(), finals.end(), [&](const FinalTiming& each) { return each.sequence == sequence; });
    if (timing == finals.end()) {
      const Summary& time = listed.evaluation.measurement.time_ms;
      // Times of one file compare, so that their quotient stands in for a ratio that it does not have.
      const double best_ms = finals.empty() ? time.median : finals.front().time_ms.median;
      finals.push_back({sequence, {}, time, listed.ratio.value_or(time.median / best_ms), listed.interval, false});
      timing = finals.end() - 1;
    }
    timing->tied = timing->tied || tied;
  }

  Run run_;
  std::unordered_map<std::string, std::uint64_t> places_;
};

Result<void> read_list(const JsonView& root, const std::string& name, bool tied, ListedRun& run) {
  if (!root.has(name)) return {};
  FUSELINE_TRY(list, root.at(name));
  FUSELINE_CHECK(check_array(list, kMostListed));
  for (std::size_t i = 0; i < list.json().size(); ++i) {
    FUSELINE_TRY(place, list.at(i));
    FUSELINE_TRY(listed, read_listed(place));
    run.add(std::move(listed), tied);
  }
  return {};
}

/// Whether a file says that what it projects on the target was compiled for it, without spills.
Result<bool> known_not_to_spill(const JsonView& target) {
  if (!target.has("projected") || !target.json().at("projected").is_object()) return false;
  FUSELINE_TRY(projected, target.at("projected"));
  if (!projected.has("spill_bytes") || projected.json().at("spill_bytes").is_null()) return false;
  std::int64_t spilled = 0;
  FUSELINE_CHECK(FieldReader(projected).required("spill_bytes", spilled).result());
  return spilled == 0;
}

Result<void> read_result_target(const JsonView& root, std::uint64_t best, ListedRun& run) {
  if (!root.has("target") || root.json().at("target").is_null()) return {};
  FUSELINE_TRY(place, result_object_at(root, "target"));
  Target target;
  std::string capability;
  NumberOrNull dram, l2, fp32, fp16;
  std::optional<bool> fits;
  std::optional<std::string> misfit;
  FUSELINE_CHECK(FieldReader(place)
                     .required("name", target.name)
                     .optional("title", target.title)
                     .optional("compute_capability", capability)
                     .optional("limits", target.limits)
                     .optional("memory_kind", target.memory_kind)
                     .optional("copy_gbps", target.copy_gbps)
                     .optional("sm_mhz", target.sm_mhz)
                     .optional("special_per_clock", target.special_per_clock)
                     .optional("shared_bytes_per_clock", target.shared_bytes_per_clock)
                     .optional("estimated", target.estimated)
                     .optional("dram_gbps", dram)
                     .optional("l2_gbps", l2)
                     .optional("fp32_gflops", fp32)
                     .optional("fp16_tensor_gflops", fp16)
                     .optional("fits", fits)
                     .optional("misfit", misfit)
                     .result());
  read_capability(capability, target.limits);
  target.dram_gbps = dram.value;
  target.l2_gbps = l2.value;
  target.fp32_gflops = fp32.value;
  target.fp16_tensor_gflops = fp16.value;
  run.info().target = target;
  run.info().request.target = target.name;
  if (!fits) return {};
  TargetFit fit;
  if (*fits) {
    fit.best = best;
  } else {
    fit.misfit = misfit.value_or("");
    if (place.has("best") && !place.json().at("best").is_null()) {
      FUSELINE_TRY(there, place.at("best"));
      FUSELINE_TRY(listed, read_listed(there));
      fit.best = run.add(std::move(listed), false);
    }
  }
  FUSELINE_TRY(clean, known_not_to_spill(place));
  if (clean && fit.best) fit.compiled = {*fit.best};
  run.info().target_fit = fit;
  return {};
}

}  // namespace

bool is_result(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || text[start] != '{') return false;
  text = text.substr(0, kResultLookedAt);
  const auto found = text.find("\"fuseline/result/");
  // A quote within a string, which others may have written into a recording, is escaped.
  return found != std::string_view::npos && text[found - 1] != '\\';
}

Result<Run> run_from_result(const OrderedJson& json, const std::string& file) {
  const JsonView root(json, file);
  FUSELINE_TRY(schema, root.at("schema"));
  FUSELINE_TRY(name, schema.string());
  if (name != kResultSchema)
    return schema.fail(fmt::format("is \"{}\", expected \"{}\"", printable(name), kResultSchema));
  RunInfo info;
  info.state = RunState::finished;
  FUSELINE_CHECK(FieldReader(root).optional("started_at", info.started_at).result());
  if (root.has("tool")) {
    FUSELINE_TRY(tool, result_object_at(root, "tool"));
    FUSELINE_CHECK(FieldReader(tool).optional("version", info.tool_version).result());
  }
  FUSELINE_CHECK(read_result_problem(root, info));
  FUSELINE_CHECK(read_result_device(root, info));
  FUSELINE_TRY(evaluated, read_result_search(root, info));
  ListedRun run(std::move(info));
  FUSELINE_TRY(place, root.at("best"));
  FUSELINE_TRY(listed, read_listed(place));
  run.info().after = listed.evaluation.measurement.after;
  const std::uint64_t best = run.add(std::move(listed), true);
  FUSELINE_CHECK(read_list(root, "top", false, run));
  FUSELINE_CHECK(read_list(root, "tied", true, run));
  FUSELINE_CHECK(read_result_target(root, best, run));
  if (root.has("search")) {
    FUSELINE_TRY(search, root.at("search"));
    const auto sequence_of = [&](const Configuration& configuration) { return run.sequence_of(configuration); };
    FUSELINE_CHECK(read_final_rounds(search, sequence_of, run.info()));
  }
  return run.finish(evaluated);
}

}  // namespace fuseline::tuner
