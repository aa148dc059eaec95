// The best configurations under Nsight Compute's metric names, so that scripts that read its output read ours.
#include "tuner/formats/ncu.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "tuner/counters/hot_lines.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/stall_reasons.hpp"
#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {

namespace {

/// Null where a recording's extents are none that a launch can have.
OrderedJson volume(const std::int64_t (&extents)[3]) {
  const double product =
      static_cast<double>(extents[0]) * static_cast<double>(extents[1]) * static_cast<double>(extents[2]);
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (!(product >= 0 && product <= kExact)) return nullptr;
  return static_cast<std::int64_t>(product);
}

/// Totals of what was sampled and executed by instruction, as ncu names them; what was counted otherwise stays.
void add_profile(const SourceProfile& profile, OrderedJson& object) {
  const auto add = [&](const std::string& name, const OrderedJson& value) {
    if (!object.contains(name)) object[name] = value;
  };
  for (const StallSamples& total : stall_totals(profile))
    add(std::string(kSampledStall) + total.reason, OrderedJson(total.samples));
  const auto sum_of = [&](const char* metric) {
    std::optional<double> sum;
    for (const SampledInstruction& each : profile.instructions) {
      const auto found = each.metrics.find(metric);
      if (found != each.metrics.end()) sum = sum.value_or(0) + found->second;
    }
    return sum;
  };
  if (const auto executed = sum_of(metric::kSassExecuted)) add(metric::kInstructions, finite_or_null(*executed));
  if (const auto threads = sum_of(metric::kSassThreads))
    add("smsp__thread_inst_executed.sum", finite_or_null(*threads));
}

/// Counters first, so that what we know better (launch and time, which profiling slows) replaces them.
OrderedJson metrics(const Run& run, const Evaluation& evaluation) {
  const Measurement& measurement = evaluation.measurement;
  OrderedJson object = OrderedJson::object();
  for (const auto& [name, value] : measurement.counters) object[name] = finite_or_null(value);
  object["gpu__time_duration.sum"] = finite_or_null(run.time_of(evaluation).median * 1e6);
  if (const Launch* launch = shown_launch(measurement)) {
    object["launch__grid_size"] = volume(launch->grid);
    object["launch__block_size"] = volume(launch->block);
    object["launch__shared_mem_per_block_dynamic"] = launch->shared_bytes;
  }
  if (measurement.facts) {
    object["launch__registers_per_thread"] = measurement.facts->registers;
    object["launch__shared_mem_per_block_static"] = measurement.facts->static_shared_bytes;
    object["launch__waves_per_multiprocessor"] = finite_or_null(measurement.facts->waves);
    object["sm__maximum_warps_per_active_cycle_pct"] = finite_or_null(measurement.facts->occupancy * 100);
  }
  if (measurement.source_profile) add_profile(*measurement.source_profile, object);
  return object;
}

}  // namespace

Result<OrderedJson> ncu_json(const Run& run) {
  std::vector<const Evaluation*> chosen = run.ranked();
  if (chosen.empty()) return tl::unexpected(nothing_worked(run));
  const Evaluation* best = chosen.front();
  std::erase_if(chosen, [&](const Evaluation* evaluation) {
    const FinalTiming* timing = run.final_of(*evaluation);
    return evaluation != best && (timing == nullptr || !timing->tied);
  });
  std::map<std::string, int> uses;
  for (const Evaluation* evaluation : chosen) ++uses[evaluation->configuration.variant];
  OrderedJson json = OrderedJson::object();
  for (const Evaluation* evaluation : chosen) {
    const Configuration& configuration = evaluation->configuration;
    json[uses[configuration.variant] > 1 ? configuration.key() : configuration.variant] = metrics(run, *evaluation);
  }
  return json;
}

}  // namespace fuseline::tuner
