// A run from a T4 file: ours with everything, or another tool's with what T4 carries.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>
#include <unordered_set>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/formats/t4_file.hpp"
#include "tuner/formats/t4_names.hpp"
#include "tuner/run/measurement_json.hpp"

namespace fuseline::tuner {

namespace {

/// How the file at hand is read.
struct Reading {
  bool ours = false;       ///< Its metadata holds our RunInfo.
  double ms_per_unit = 1;  ///< Of the members of "times".
};

std::optional<double> unit_ms(const std::string& unit) {
  static const std::map<std::string, double> units = {
      {"nanoseconds", 1e-6}, {"ns", 1e-6}, {"microseconds", 1e-3}, {"us", 1e-3}, {"µs", 1e-3},
      {"milliseconds", 1},   {"ms", 1},    {"seconds", 1e3},       {"s", 1e3}};
  const auto found = units.find(unit);
  return found == units.end() ? std::nullopt : std::optional<double>(found->second);
}

std::optional<Outcome> outcome_of_invalidity(std::string_view text) { return enum_value(kInvalidities, text); }

Result<JsonView> object_at(const JsonView& view, const std::string& name) {
  FUSELINE_TRY(found, view.at(name));
  if (!found.json().is_object()) return found.fail("expected an object");
  return found;
}

Result<std::vector<double>> read_runtimes(const JsonView& times) {
  std::vector<double> runtimes;
  if (!times.has("runtimes")) return runtimes;
  FUSELINE_TRY(list, times.at("runtimes"));
  FUSELINE_TRY(size, list.array_size());
  if (size > kMaximumRuntimes)
    return list.fail(fmt::format("{} samples, more than the {} that a configuration may have", size, kMaximumRuntimes));
  runtimes.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    // Read in place: a million views would cost more than the numbers.
    const OrderedJson& value = list.json()[i];
    if (!value.is_number()) return element(list, i).fail("expected a number");
    runtimes.push_back(value.get<double>());
    if (!std::isfinite(runtimes.back()) || runtimes.back() < 0) return element(list, i).fail("expected a time");
  }
  return runtimes;
}

// ---- what any tool writes ----

Value foreign_value(const OrderedJson& json) {
  const auto value = Value::from_json(nlohmann::json(json));
  return value ? *value : Value(json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
}

Result<Configuration> read_configuration(const JsonView& result, const Reading& reading) {
  FUSELINE_TRY(object, object_at(result, "configuration"));
  FUSELINE_CHECK(check_object(object, kMaximumParameters + 1));
  Configuration configuration;
  configuration.variant = kRecordedVariant;
  for (const auto& item : object.json().items()) {
    if (reading.ours && item.key() == "variant" && item.value().is_string()) {
      configuration.variant = item.value().get<std::string>();
    } else {
      configuration.values.push_back({item.key(), foreign_value(item.value())});
    }
  }
  return configuration;
}

/// Numbers of "measurements"; "time" in ms where its unit says so. Texts ("InvalidConfig") and lists are passed over.
Result<std::map<std::string, double>> read_measurements(const JsonView& result) {
  std::map<std::string, double> values;
  if (!result.has("measurements")) return values;
  FUSELINE_TRY(list, result.at("measurements"));
  FUSELINE_TRY(size, list.array_size());
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(entry, list.at(i));
    if (!entry.json().is_object()) return entry.fail("expected an object");
    FUSELINE_TRY(name, entry.string_or("name", ""));
    FUSELINE_TRY(unit, entry.string_or("unit", ""));
    if (name.empty() || !entry.has("value") || !entry.json().at("value").is_number()) continue;
    const double value = entry.json().at("value").get<double>();
    if (std::isfinite(value)) values[name] = name == "time" ? value * unit_ms(unit).value_or(1) : value;
  }
  return values;
}

/// Sum of the named times that are there, in ms.
Result<double> sum_times(const JsonView& times, std::initializer_list<const char*> names, const Reading& reading) {
  double sum = 0;
  for (const char* name : names) {
    if (!times.has(name) || times.json().at(name).is_null()) continue;
    FUSELINE_TRY(value, times.number_or(name, 0));
    if (!std::isfinite(value) || value < 0) return member(times, name).fail("expected a time");
    sum += value * reading.ms_per_unit;
  }
  return sum;
}

Result<Outcome> read_outcome(const JsonView& result) {
  FUSELINE_TRY(place, result.at("invalidity"));
  FUSELINE_TRY(text, place.string());
  const auto outcome = outcome_of_invalidity(text);
  if (!outcome)
    return place.fail("\"" + printable(text) +
                      "\" is none of correct, compile, runtime, timeout, constraints, correctness");
  return *outcome;
}

/// KTT writes what the compiler and the launch were.
Result<void> read_compilation_data(const JsonView& result, Measurement& measurement) {
  if (!result.has("compilation_data")) return {};
  FUSELINE_TRY(data, object_at(result, "compilation_data"));
  StaticFacts facts;
  std::int64_t registers = 0;
  FUSELINE_CHECK(FieldReader(data)
                     .optional("registers", registers)
                     .optional("local_memory_size", facts.static_shared_bytes)
                     .optional("private_memory_size", facts.local_bytes)
                     .optional("max_work_group_size", facts.max_threads_per_block)
                     .result());
  if (registers < 0 || registers > 65536) return member(data, "registers").fail("is no number of registers");
  facts.registers = static_cast<int>(registers);
  measurement.facts = facts;
  Launch launch;
  const std::array<std::pair<const char*, std::int64_t*>, 2> sizes = {
      {{"global_size", launch.grid}, {"local_size", launch.block}}};
  for (const auto& [name, extents] : sizes) {
    if (!data.has(name)) return {};
    FUSELINE_TRY(size, object_at(data, name));
    FUSELINE_CHECK(
        FieldReader(size).required("x", extents[0]).required("y", extents[1]).required("z", extents[2]).result());
  }
  measurement.launches.push_back(launch);
  return {};
}

Result<Measurement> read_foreign_measurement(const JsonView& result, const Reading& reading) {
  Measurement measurement;
  FUSELINE_TRY(outcome, read_outcome(result));
  FUSELINE_TRY(times, object_at(result, "times"));
  FUSELINE_TRY(values, read_measurements(result));
  FUSELINE_TRY(compile_ms, sum_times(times, {"compilation_time", "compilation"}, reading));
  FUSELINE_TRY(other_ms,
               sum_times(times, {"framework", "search_algorithm", "validation", "benchmark", "data"}, reading));
  FUSELINE_CHECK(read_compilation_data(result, measurement));
  measurement.outcome = outcome;
  measurement.compile_ms = compile_ms;
  measurement.cost_s = (compile_ms + other_ms) / 1e3;
  if (outcome != Outcome::ok) {
    measurement.reason = "recorded as \"" + std::string(invalidity_of(outcome)) + "\"";
    return measurement;
  }
  FUSELINE_TRY(runtimes, read_runtimes(times));
  for (double& runtime : runtimes) runtime *= reading.ms_per_unit;
  const auto time = values.find("time");
  if (runtimes.empty() && time != values.end() && time->second > 0) runtimes.push_back(time->second);
  values.erase("time");
  measurement.counters = std::move(values);
  if (runtimes.empty()) {
    measurement.outcome = Outcome::skipped;
    measurement.reason = "the recording has no time for it";
    return measurement;
  }
  measurement.gpu_ms = std::accumulate(runtimes.begin(), runtimes.end(), 0.0);
  if (!times.has("benchmark")) measurement.cost_s += measurement.gpu_ms / 1e3;
  measurement.time_ms = summarize(runtimes);
  measurement.samples_ms = std::move(runtimes);
  return measurement;
}

// ---- what we write ----

Result<Evaluation> read_own(const JsonView& result, const Reading& reading) {
  FUSELINE_TRY(own, object_at(result, "fuseline"));
  Evaluation evaluation;
  FUSELINE_TRY(configuration, read_configuration(result, reading));
  evaluation.configuration = std::move(configuration);
  FUSELINE_CHECK(FieldReader(own)
                     .required("sequence", evaluation.sequence)
                     .optional("elapsed_s", evaluation.elapsed_s)
                     .optional("configuration", evaluation.configuration)
                     .result());
  FUSELINE_TRY(place, own.at("measurement"));
  FUSELINE_TRY(measurement, measurement_from_json(place));
  FUSELINE_TRY(invalidity, result.at("invalidity"));
  FUSELINE_TRY(text, invalidity.string());
  if (text != invalidity_of(measurement.outcome)) {
    return invalidity.fail(
        fmt::format("is \"{}\", but the outcome is {}", printable(text), to_string(measurement.outcome)));
  }
  FUSELINE_TRY(times, object_at(result, "times"));
  if (!place.has("samples_ms")) {
    FUSELINE_TRY(runtimes, read_runtimes(times));
    measurement.samples_ms = std::move(runtimes);
  }
  if (!place.has("time_ms") && !measurement.samples_ms.empty()) measurement.time_ms = summarize(measurement.samples_ms);
  if (measurement.outcome == Outcome::ok &&
      !(std::isfinite(measurement.time_ms.median) && measurement.time_ms.median > 0)) {
    return place.fail("is ok, but has no time above zero");
  }
  evaluation.measurement = std::move(measurement);
  return evaluation;
}

// ---- the file ----

Result<void> check_version(const JsonView& root) {
  FUSELINE_TRY(version, root.string_or("schema_version", std::string(kT4Version)));
  if (version.rfind("1.", 0) == 0) return {};
  return bad_input(root.file(), "/schema_version", "is \"" + printable(version) + "\"; versions 1.x.x of T4 are read");
}

/// Files without metadata.timeunit: milliseconds, as Kernel Tuner writes, unless the first result's measured time says
/// that the unit is another.
Result<double> guess_unit(const T4File& file) {
  constexpr std::array<double, 4> kUnits = {1, 1e-3, 1e3, 1e-6};
  std::optional<double> guessed;
  for (std::size_t i = 0; i < file.size() && !guessed; ++i) {
    FUSELINE_CHECK(file.visit(i, [&](const JsonView& result) -> Result<void> {
      if (!result.has("times") || !result.json().at("times").is_object()) return {};
      FUSELINE_TRY(values, read_measurements(result));
      FUSELINE_TRY(times, result.at("times"));
      const auto runtimes = read_runtimes(times);
      const auto time = values.find("time");
      if (!runtimes || runtimes->empty() || time == values.end() || time->second <= 0) return {};
      const double mean =
          std::accumulate(runtimes->begin(), runtimes->end(), 0.0) / static_cast<double>(runtimes->size());
      if (mean <= 0) return {};
      const auto distance = [&](double unit) { return std::abs(std::log(mean * unit / time->second)); };
      guessed = *std::min_element(kUnits.begin(), kUnits.end(),
                                  [&](double x, double y) { return distance(x) < distance(y); });
      return {};
    }));
  }
  return guessed.value_or(1.0);
}

Result<Reading> reading_of(const T4File& file) {
  Reading reading;
  const JsonView root = file.root();
  if (root.has("metadata")) {
    FUSELINE_TRY(metadata, object_at(root, "metadata"));
    reading.ours = metadata.has("fuseline");
    if (metadata.has("timeunit")) {
      FUSELINE_TRY(unit, metadata.string_or("timeunit", ""));
      const auto factor = unit_ms(unit);
      if (!factor)
        return bad_input(root.file(), "/metadata/timeunit",
                         "\"" + printable(unit) + "\" is no unit of time known here");
      reading.ms_per_unit = *factor;
      return reading;
    }
  }
  FUSELINE_TRY(factor, guess_unit(file));
  reading.ms_per_unit = factor;
  return reading;
}

/// "A100_T4" of ".../A100_T4.json.gz".
std::string stem_of(const std::string& file) {
  std::filesystem::path name = std::filesystem::path(file).filename();
  for (const char* extension : {".gz", ".json", ".t4"}) {
    if (name.extension() == extension) name = name.stem();
  }
  return name.empty() ? "recording" : name.string();
}

Result<RunInfo> foreign_info(const JsonView& root) {
  RunInfo info;
  info.problem = stem_of(root.file());
  info.problem_title = "Recording by another tool";
  info.shape = "recorded";
  info.backend = Backend::replay;
  info.recording = root.file();
  info.state = RunState::finished;
  info.stop_reason = "recorded";
  info.device.name = "unknown device";
  info.request.problem = info.problem;
  info.request.device = "replay:" + root.file();
  if (!root.has("metadata")) return info;
  FUSELINE_TRY(metadata, root.at("metadata"));
  std::string autotuner, version;
  FUSELINE_CHECK(FieldReader(metadata)
                     .optional("device", info.device.name)
                     .optional("timestamp", info.recorded_at)
                     .optional("autotuner", autotuner)
                     .optional("autotuner_version", version)
                     .result());
  info.tool_version = autotuner + (autotuner.empty() || version.empty() ? "" : " ") + version;
  info.started_at = info.recorded_at;
  return info;
}

Result<RunInfo> read_info(const JsonView& root, const Reading& reading) {
  if (!reading.ours) return foreign_info(root);
  FUSELINE_TRY(metadata, root.at("metadata"));
  FUSELINE_TRY(own, metadata.at("fuseline"));
  return run_info_from_json(own);
}

Result<void> read_foreign_results(const T4File& file, const Reading& reading, Run& run) {
  std::unordered_set<std::string> seen;
  double elapsed_s = 0;
  for (std::size_t i = 0; i < file.size(); ++i) {
    FUSELINE_CHECK(file.visit(i, [&](const JsonView& result) -> Result<void> {
      Evaluation evaluation;
      FUSELINE_TRY(configuration, read_configuration(result, reading));
      FUSELINE_TRY(measurement, read_foreign_measurement(result, reading));
      elapsed_s += measurement.cost_s;
      if (!seen.insert(configuration.key()).second) return {};
      evaluation.sequence = run.evaluations.size();
      evaluation.configuration = std::move(configuration);
      evaluation.measurement = std::move(measurement);
      evaluation.elapsed_s = elapsed_s;
      run.evaluations.push_back(std::move(evaluation));
      return {};
    }));
  }
  run.info.space_size = run.evaluations.size();
  run.info.raw_space_size = static_cast<double>(run.evaluations.size());
  run.info.seconds = elapsed_s;
  if (run.evaluations.size() < file.size())
    run.info.note = fmt::format("{} repeated results were left out", file.size() - run.evaluations.size());
  return {};
}

Result<void> read_own_results(const T4File& file, const Reading& reading, Run& run) {
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < file.size(); ++i) {
    FUSELINE_CHECK(file.visit(i, [&](const JsonView& result) -> Result<void> {
      FUSELINE_TRY(evaluation, read_own(result, reading));
      if (!seen.insert(evaluation.configuration.key()).second) {
        return result.fail("the configuration \"" + printable(evaluation.configuration.key()) + "\" is there already");
      }
      run.evaluations.push_back(std::move(evaluation));
      return {};
    }));
  }
  std::stable_sort(run.evaluations.begin(), run.evaluations.end(),
                   [](const Evaluation& a, const Evaluation& b) { return a.sequence < b.sequence; });
  const auto twin =
      std::adjacent_find(run.evaluations.begin(), run.evaluations.end(),
                         [](const Evaluation& a, const Evaluation& b) { return a.sequence == b.sequence; });
  if (twin != run.evaluations.end())
    return file.results().fail(fmt::format("two results have sequence {}", twin->sequence));
  return {};
}

/// Exports have a column for every parameter and counter of any result, in every row: few bytes of a file must not
/// become many.
Result<void> check_columns(const Run& run, const JsonView& results) {
  constexpr std::size_t kMost = 4096;
  std::set<std::string> names;
  for (std::size_t i = 0; i < run.evaluations.size(); ++i) {
    for (const NamedValue& value : run.evaluations[i].configuration.values) names.insert(value.name);
    for (const auto& counter : run.evaluations[i].measurement.counters) names.insert(counter.first);
    if (names.size() > kMost)
      return results.fail(fmt::format("have more than {} different parameters and measurements", kMost));
  }
  return {};
}

}  // namespace

Result<Run> run_from_t4(std::string_view text, const std::string& file) {
  FUSELINE_TRY(scanned, T4File::scan(text, file));
  FUSELINE_CHECK(check_version(scanned.root()));
  FUSELINE_TRY(reading, reading_of(scanned));
  Run run;
  FUSELINE_TRY(info, read_info(scanned.root(), reading));
  run.info = std::move(info);
  FUSELINE_CHECK(reading.ours ? read_own_results(scanned, reading, run) : read_foreign_results(scanned, reading, run));
  FUSELINE_CHECK(check_columns(run, scanned.results()));
  return run;
}

std::optional<T4Head> t4_head(std::string_view text, const std::string& file) {
  // A line end is never within a JSON string.
  constexpr std::string_view kResults = "\n\"results\": [\n", kEnd = "\n]\n}\n";
  const std::size_t start = text.find(kResults);
  if (start == std::string_view::npos || !text.ends_with(kEnd)) return std::nullopt;
  std::uint64_t count = 0;
  for (std::size_t at = start + kResults.size(); at < text.size() - kEnd.size() + 1; ++count) {
    const std::size_t end = text.find('\n', at);
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with(',')) line.remove_suffix(1);
    if (!line.starts_with("{\"") || !line.ends_with('}')) return std::nullopt;
    at = end + 1;
  }
  const std::string head = std::string(text.substr(0, start)) + "\n\"results\": []}";
  const auto json = parse_json(head, file);
  if (!json || !json->contains("metadata") || !json->at("metadata").contains("fuseline")) return std::nullopt;
  auto run = run_from_t4(head, file);
  if (!run) return std::nullopt;
  return T4Head{std::move(run->info), count};
}

}  // namespace fuseline::tuner
