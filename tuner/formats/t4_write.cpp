// A run in the T4 format, so that other tools can read our recordings.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tuner/base/json_fields.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/formats/parts.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/formats/t4_names.hpp"
#include "tuner/run/measurement_json.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {

namespace {

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

OrderedJson metadata_object(const RunInfo& info) {
  OrderedJson object;
  object["compute_api"] = "CUDA";
  object["platform"] = "NVIDIA CUDA";
  object["device"] = info.device.name;
  object["autotuner"] = "Fuseline";
  object["autotuner_version"] = info.tool_version;
  object["timestamp"] = info.started_at;
  object["timeunit"] = "milliseconds";
  object["fuseline"] = OrderedJson(to_json(info));
  return object;
}

OrderedJson configuration_object(const Configuration& configuration) {
  OrderedJson object;
  object["variant"] = configuration.variant;
  object.update(config_json(configuration));
  return object;
}

/// As another tool's file has them.
OrderedJson recorded_times(const Measurement& measurement, OrderedJson runtimes) {
  const Recorded& recorded = *measurement.recorded;
  OrderedJson object;
  object["compilation_time"] = std::isfinite(measurement.compile_ms) ? measurement.compile_ms : 0.0;
  object["runtimes"] = std::move(runtimes);
  object["framework"] = recorded.framework_ms.value_or(0);
  object["search_algorithm"] = recorded.search_ms.value_or(0);
  object["validation"] = recorded.validation_ms.value_or(0);
  if (recorded.benchmark_ms) object["benchmark"] = *recorded.benchmark_ms;
  return object;
}

/// Asking a strategy takes microseconds and is not timed apart: T4's search_algorithm is 0. Validation is what else the
/// device did.
OrderedJson times_object(const Measurement& measurement) {
  const std::vector<double>& samples = measurement.samples_ms;
  const double sampled_ms = all_finite(samples) ? std::accumulate(samples.begin(), samples.end(), 0.0) : 0.0;
  const double compile_ms = std::isfinite(measurement.compile_ms) ? measurement.compile_ms : 0.0;
  const double gpu_ms = std::isfinite(measurement.gpu_ms) ? measurement.gpu_ms : 0.0;
  const double cost_ms = std::isfinite(measurement.cost_s) ? measurement.cost_s * 1e3 : 0.0;
  OrderedJson object;
  if (measurement.recorded)
    return recorded_times(measurement, all_finite(samples) ? OrderedJson(samples) : OrderedJson::array());
  object["compilation_time"] = compile_ms;
  object["runtimes"] = all_finite(samples) ? OrderedJson(samples) : OrderedJson::array();
  object["framework"] = std::max(0.0, cost_ms - gpu_ms - compile_ms);
  object["search_algorithm"] = 0.0;
  object["validation"] = std::max(0.0, gpu_ms - sampled_ms);
  return object;
}

OrderedJson measurement_object(const std::string& name, double value, const std::string& unit) {
  OrderedJson object;
  object["name"] = name;
  object["value"] = value;
  object["unit"] = unit;
  return object;
}

/// T4 has numbers, texts and lists; anything else stays a text.
OrderedJson text_or_list(const std::string& text) {
  auto json = parse_json(text, "");
  return json && (json->is_string() || json->is_array()) ? std::move(*json) : OrderedJson(text);
}

std::string unit_of(const RunInfo& run, const std::string& metric) {
  if (const auto own = run.units.find(metric); own != run.units.end()) return own->second;
  const MetricInfo* info = find_metric(metric);
  return info == nullptr ? "" : std::string(to_string(info->unit));
}

OrderedJson measurements_list(const RunInfo& run, const Measurement& measurement) {
  OrderedJson list = OrderedJson::array();
  if (worked(measurement)) {
    list.push_back(measurement_object("time", measurement.time_ms.median, "ms"));
  }
  for (const auto& [name, value] : measurement.counters) {
    if (std::isfinite(value)) list.push_back(measurement_object(name, value, unit_of(run, name)));
  }
  if (!measurement.recorded) return list;
  for (const auto& [name, text] : measurement.recorded->members) {
    OrderedJson object;
    object["name"] = name;
    object["value"] = text_or_list(text);
    object["unit"] = "";
    list.push_back(std::move(object));
  }
  return list;
}

bool same(const Summary& a, const Summary& b) {
  return a.median == b.median && a.minimum == b.minimum && a.p25 == b.p25 && a.p75 == b.p75 && a.samples == b.samples &&
         a.middle == b.middle;
}

/// What T4's own members do not carry: members that have their default value, and what the reader works out again, are
/// left out.
OrderedJson own_members(const RunInfo& info, const Evaluation& evaluation) {
  static const nlohmann::json defaults = to_json(Measurement{});
  const Measurement& measurement = evaluation.measurement;
  nlohmann::json kept = to_json(measurement);
  if (all_finite(measurement.samples_ms)) {
    kept.erase("samples_ms");
    if (!measurement.samples_ms.empty() && same(measurement.time_ms, summarize(measurement.samples_ms)))
      kept.erase("time_ms");
  }
  for (const auto& [name, value] : defaults.items()) {
    if (name != "outcome" && kept.contains(name) && kept.at(name) == value) kept.erase(name);
  }
  OrderedJson object;
  object["sequence"] = evaluation.sequence;
  object["elapsed_s"] = OrderedJson(real_json(evaluation.elapsed_s));
  // A parameter called "variant" would hide the variant in T4's configuration.
  const auto& values = evaluation.configuration.values;
  if (std::any_of(values.begin(), values.end(), [](const NamedValue& value) { return value.name == "variant"; })) {
    object["configuration"] = OrderedJson(to_json(evaluation.configuration));
  }
  object["measurement"] = OrderedJson(kept);
  if (const auto projection = projected(info, evaluation)) {
    object["projected"] = {{"target", info.target->name},
                           {"time_ms", projection->time_ms},
                           {"low_ms", projection->low_ms},
                           {"high_ms", projection->high_ms},
                           {"bound", to_string(projection->bound)}};
  }
  return object;
}

OrderedJson result_object(const RunInfo& info, const Evaluation& evaluation) {
  const Measurement& measurement = evaluation.measurement;
  OrderedJson object;
  // In a replay the elapsed time is the recording's.
  const std::string& start = info.recorded_at.empty() ? info.started_at : info.recorded_at;
  const std::string kept = measurement.recorded ? measurement.recorded->timestamp : "";
  if (!kept.empty())
    object["timestamp"] = kept;
  else if (const auto when = moved_time(start, evaluation.elapsed_s))
    object["timestamp"] = *when;
  object["configuration"] = configuration_object(evaluation.configuration);
  object["times"] = times_object(measurement);
  object["invalidity"] = invalidity_of(measurement.outcome);
  object["correctness"] = measurement.outcome == Outcome::ok ? 1 : 0;
  object["measurements"] = measurements_list(info, measurement);
  object["objectives"] = OrderedJson::array({info.objective.is_time() ? "time" : info.objective.name});
  object["fuseline"] = own_members(info, evaluation);
  return object;
}

std::string line(const OrderedJson& json) { return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace); }

}  // namespace

OrderedJson t4_json(const Run& run) {
  OrderedJson results = OrderedJson::array();
  for (const Evaluation& evaluation : run.evaluations) results.push_back(result_object(run.info, evaluation));
  OrderedJson json;
  json["schema_version"] = kT4Version;
  json["metadata"] = metadata_object(run.info);
  json["results"] = std::move(results);
  return json;
}

std::string t4_text(const Run& run) {
  std::string text = "{\n\"schema_version\": \"" + std::string(kT4Version) +
                     "\",\n\"metadata\": " + line(metadata_object(run.info)) + ",\n\"results\": [";
  const char* separator = "\n";
  for (const Evaluation& evaluation : run.evaluations) {
    text += separator + line(result_object(run.info, evaluation));
    separator = ",\n";
  }
  return text + "\n]\n}\n";
}

}  // namespace fuseline::tuner
