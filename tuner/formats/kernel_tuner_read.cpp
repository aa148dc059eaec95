#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/entry_scan.hpp"
#include "tuner/formats/kernel_tuner.hpp"

namespace fuseline::tuner {

namespace {

/// What Kernel Tuner took for the time of a failed configuration before it had names for failures.
constexpr double failure_time = 1e20;
constexpr std::array<const char*, 4> cost_parts = {"compile_time", "verification_time", "framework_time",
                                                   "strategy_time"};

/// A finite number; `fallback` where the member is missing or null (Python's NaN).
Result<double> number_or(const JsonView& entry, const std::string& member, double fallback) {
  if (!entry.has(member) || entry.json().at(member).is_null()) return fallback;
  FUSELINE_TRY(view, entry.at(member));
  FUSELINE_TRY(number, view.number());
  return std::isfinite(number) ? number : fallback;
}

Result<std::vector<double>> samples_of(const JsonView& entry) {
  std::vector<double> samples;
  if (!entry.has("times") || entry.json().at("times").is_null()) return samples;
  FUSELINE_TRY(times, entry.at("times"));
  FUSELINE_TRY(count, times.array_size());
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(time, times.at(i));
    if (time.json().is_null()) continue;
    FUSELINE_TRY(number, time.number());
    samples.push_back(number);
  }
  return samples;
}

Outcome failure_of(const std::string& name) {
  if (name.find("Compil") != std::string::npos) return Outcome::compile_error;
  if (name.find("Invalid") != std::string::npos) return Outcome::skipped;
  if (name.find("orrect") != std::string::npos || name.find("Verif") != std::string::npos) return Outcome::incorrect;
  if (name.find("ime") != std::string::npos && name.find("out") != std::string::npos) return Outcome::timeout;
  return Outcome::launch_error;
}

Result<Measurement> measurement_of(const JsonView& entry) {
  Measurement measurement;
  FUSELINE_TRY(samples, samples_of(entry));
  double cost_ms = 0;
  for (const char* part : cost_parts) {
    FUSELINE_TRY(part_ms, number_or(entry, part, 0));
    cost_ms += part_ms;
  }
  for (const double sample : samples) cost_ms += sample;
  measurement.cost_s = std::max(0.0, cost_ms / 1000);
  FUSELINE_TRY(compile_ms, number_or(entry, "compile_time", 0));
  measurement.compile_ms = compile_ms;
  FUSELINE_TRY(time, entry.at("time"));
  if (time.json().is_string()) {
    measurement.outcome = failure_of(time.json().get<std::string>());
    measurement.reason = "recorded as " + printable(time.json().get<std::string>());
    return measurement;
  }
  FUSELINE_TRY(time_ms, number_or(entry, "time", failure_time));
  if (time_ms >= failure_time || time_ms < 0) {
    measurement.outcome = Outcome::launch_error;
    measurement.reason = "recorded without a time";
    return measurement;
  }
  measurement.outcome = Outcome::ok;
  measurement.samples_ms = samples.empty() ? std::vector<double>{time_ms} : std::move(samples);
  measurement.time_ms = summarize(measurement.samples_ms);
  measurement.time_ms.median = time_ms;
  return measurement;
}

Result<Configuration> configuration_of(const JsonView& entry, const std::vector<std::string>& keys,
                                       const std::string& variant) {
  Configuration configuration{variant, {}};
  for (const auto& key : keys) {
    FUSELINE_TRY(view, entry.at(key));
    const auto value = Value::from_json(nlohmann::json(view.json()));
    if (!value) return view.fail("expected a number, boolean or string");
    configuration.values.push_back({key, *value});
  }
  return configuration;
}

Result<std::vector<std::string>> keys_of(const JsonView& header) {
  FUSELINE_TRY(list, header.at("tune_params_keys"));
  FUSELINE_CHECK(check_array(list, kMaximumParameters));
  FUSELINE_TRY(count, list.array_size());
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_TRY(key, item.string());
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return item.fail("the parameter comes twice");
    keys.push_back(std::move(key));
  }
  return keys;
}

/// The problem size is a number, a list of them, or something that only Python knows.
std::vector<Dimension> dims_of(const OrderedJson& header) {
  std::vector<Dimension> dims;
  if (!header.contains("problem_size")) return dims;
  const auto& size = header.at("problem_size");
  const auto add = [&](const OrderedJson& value) {
    constexpr std::string_view names = "xyz";
    if (value.is_number_integer() && dims.size() < names.size())
      dims.push_back({std::string(1, names[dims.size()]), value.get<std::int64_t>()});
  };
  if (size.is_array()) {
    for (const auto& value : size) add(value);
  } else {
    add(size);
  }
  return dims;
}

/// In our own exports; Kernel Tuner writes none.
Scalars scalars_of(const OrderedJson& header) {
  Scalars scalars;
  if (!header.contains("scalars") || !header.at("scalars").is_object()) return scalars;
  for (const auto& [name, value] : header.at("scalars").items())
    if (value.is_number()) scalars.emplace_back(name, value.get<double>());
  return scalars;
}

Result<RunInfo> info_of(const JsonView& header, bool finished) {
  RunInfo info;
  info.backend = Backend::replay;
  info.state = finished ? RunState::finished : RunState::interrupted;
  info.stop_reason = finished ? "as recorded" : "the recording is unfinished";
  FUSELINE_TRY(kernel, header.string_or("kernel_name", "kernel"));
  FUSELINE_TRY(device, header.string_or("device_name", ""));
  info.problem = kernel;
  info.problem_title = kernel;
  info.device.name = device;
  info.dims = dims_of(header.json());
  info.scalars = scalars_of(header.json());
  return info;
}

/// Depth of an entry: far more than Kernel Tuner writes, far less than the parser's stack.
constexpr JsonLimits entry_limits{std::size_t{16} << 20, 16};

}  // namespace

bool is_kernel_tuner_cache(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  constexpr std::size_t looked_at = 1 << 16;
  return start != std::string_view::npos && text[start] == '{' &&
         text.substr(start, looked_at).find("\"tune_params_keys\"") != std::string_view::npos;
}

Result<Run> run_from_kernel_tuner(std::string_view text, const std::string& file) {
  const ScannedEntries scanned = scan_entries(text, "cache", EntryHolder::object);
  if (!scanned.found) return bad_input(file, "/cache", "is missing");
  FUSELINE_TRY(header_json, parse_json(without_python_numbers(scanned.rest), file));
  const JsonView header(header_json, file);
  FUSELINE_TRY(keys, keys_of(header));
  FUSELINE_TRY(info, info_of(header, scanned.finished));
  if (scanned.entries.empty()) return bad_input(file, "/cache", "holds no configuration");
  Run run;
  run.info = std::move(info);
  std::unordered_set<std::string> seen;
  double elapsed_s = 0;
  for (const auto entry_text : scanned.entries) {
    const std::string place = fmt::format("/cache/{}", run.evaluations.size());
    auto parsed = parse_json(without_python_numbers(entry_text), file, entry_limits);
    if (!parsed) return bad_input(file, place, parsed.error().reason);
    const JsonView entry(*parsed, file, place);
    Evaluation evaluation;
    FUSELINE_TRY(configuration, configuration_of(entry, keys, run.info.problem));
    FUSELINE_TRY(measurement, measurement_of(entry));
    evaluation.configuration = std::move(configuration);
    evaluation.measurement = std::move(measurement);
    if (!seen.insert(evaluation.configuration.key()).second)
      return entry.fail("the configuration comes twice: " + printable(evaluation.configuration.key()));
    elapsed_s += evaluation.measurement.cost_s;
    evaluation.sequence = run.evaluations.size();
    evaluation.elapsed_s = elapsed_s;
    if (run.evaluations.empty() && parsed->contains("timestamp") && parsed->at("timestamp").is_string())
      run.info.recorded_at = printable(parsed->at("timestamp").get<std::string>());
    run.evaluations.push_back(std::move(evaluation));
  }
  run.info.seconds = elapsed_s;
  run.info.space_size = run.evaluations.size();
  return run;
}

}  // namespace fuseline::tuner
