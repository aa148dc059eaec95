#include "tuner/formats/t4_foreign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/foreign.hpp"
#include "tuner/formats/kernel_tuner_names.hpp"
#include "tuner/formats/t4_names.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

/// How the file at hand is read.
struct Reading {
  double ms_per_unit = 1;  ///< Of the members of "times", and of a measured time without a unit.
  bool unit_known = false;
  NamedObjective objective = {};
};

Result<JsonView> member_object(const JsonView& view, const std::string& name) {
  FUSELINE_TRY(found, view.at(name));
  if (!found.json().is_object()) return found.fail("expected an object");
  return found;
}

/// A member of "measurements".
struct Measured {
  JsonView place;
  std::string name, unit;
};

Result<std::vector<Measured>> measurements_of(const JsonView& result) {
  std::vector<Measured> measured;
  if (!result.has("measurements") || result.json().at("measurements").is_null()) return measured;
  FUSELINE_TRY(list, result.at("measurements"));
  FUSELINE_TRY(size, list.array_size());
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(entry, list.at(i));
    if (!entry.json().is_object()) return entry.fail("expected an object");
    FUSELINE_TRY(name, entry.string_or("name", ""));
    const OrderedJson unit_json = entry.has("unit") ? entry.json().at("unit") : OrderedJson();
    std::string unit = unit_json.is_string() ? unit_json.get<std::string>()
                       : unit_json.is_null() ? ""
                                             : unit_json.dump();
    if (!name.empty() && entry.has("value")) measured.push_back({entry, std::move(name), std::move(unit)});
  }
  return measured;
}

std::optional<double> number_of(const Measured& measured) {
  const auto& value = measured.place.json().at("value");
  if (!value.is_number() || !std::isfinite(value.get<double>())) return std::nullopt;
  return value.get<double>();
}

std::optional<Outcome> outcome_of_invalidity(std::string_view text) { return enum_value(kInvalidities, text); }

Result<Outcome> read_outcome(const JsonView& result) {
  FUSELINE_TRY(place, result.at("invalidity"));
  FUSELINE_TRY(text, place.string());
  const auto outcome = outcome_of_invalidity(text);
  if (!outcome)
    return place.fail("\"" + printable(text) +
                      "\" is none of correct, compile, runtime, timeout, constraints, correctness");
  return *outcome;
}

/// What T4 says of a failure, or, where it says that there is none, the name of one among what was measured.
Result<void> read_failure(const JsonView& result, const std::vector<Measured>& measured, const Reading& reading,
                          ForeignEntry& entry) {
  FUSELINE_TRY(outcome, read_outcome(result));
  if (outcome != Outcome::ok) {
    entry.failure = outcome;
    entry.reason = "recorded as \"" + std::string(invalidity_of(outcome)) + "\"";
    return {};
  }
  for (const Measured& each : measured) {
    const auto& value = each.place.json().at("value");
    const bool ranked = each.name == reading.objective.time_name || each.name == reading.objective.objective.name;
    const std::string text = value.is_string() ? value.get<std::string>() : "";
    if (each.name != kErrorMember && !(value.is_string() && (ranked || names_failure(text)))) continue;
    entry.failure = failure_of(text);
    entry.reason = "recorded as " + (text.empty() ? "failed" : printable(text));
  }
  return {};
}

/// KTT writes what the compiler and the launch were.
Result<void> read_compilation_data(const JsonView& result, ForeignEntry& entry) {
  if (!result.has("compilation_data")) return {};
  FUSELINE_TRY(data, member_object(result, "compilation_data"));
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
  entry.facts = facts;
  Launch launch;
  const std::array<std::pair<const char*, std::int64_t*>, 2> sizes = {
      {{"global_size", launch.grid}, {"local_size", launch.block}}};
  for (const auto& [name, extents] : sizes) {
    if (!data.has(name)) return {};
    FUSELINE_TRY(size, member_object(data, name));
    FUSELINE_CHECK(
        FieldReader(size).required("x", extents[0]).required("y", extents[1]).required("z", extents[2]).result());
  }
  entry.launches.push_back(launch);
  return {};
}

/// The first of two spellings that is there.
std::string spelled(const JsonView& view, const char* one, const char* other) { return view.has(one) ? one : other; }

Result<void> read_times(const JsonView& result, const Reading& reading, ForeignEntry& entry, ForeignRun& run) {
  FUSELINE_TRY(times, member_object(result, "times"));
  FUSELINE_TRY(samples, read_samples(times, "runtimes", reading.ms_per_unit));
  entry.samples_ms = std::move(samples);
  const auto part = [&](const std::string& name) { return cost_part(times, name, reading.ms_per_unit, run); };
  entry.compile_ms = part(spelled(times, "compilation_time", "compilation")).value_or(0) + part("data").value_or(0);
  entry.recorded.framework_ms = part("framework");
  entry.recorded.search_ms = part("search_algorithm");
  entry.recorded.validation_ms = part("validation");
  entry.recorded.benchmark_ms = part(spelled(times, "benchmark", "benchmark_time"));
  return {};
}

Result<void> read_values(const std::vector<Measured>& measured, const Reading& reading, ForeignEntry& entry,
                         std::map<std::string, std::string>& units) {
  for (const Measured& each : measured) {
    const auto number = number_of(each);
    if (reading.objective.time_name == each.name) {
      entry.time_given = true;
      const auto factor = each.unit.empty() ? reading.ms_per_unit : unit_ms(each.unit);
      // Taken for milliseconds it would make another best.
      if (!factor)
        return member(each.place, "unit").fail("\"" + printable(each.unit) + "\" is no unit of time known here");
      if (number) entry.time_ms = *number * *factor;
    } else if (number) {
      entry.values[each.name] = *number;
      if (!each.unit.empty()) units[each.name] = each.unit;
    } else if (const auto& value = each.place.json().at("value"); !value.is_null() && each.name != kErrorMember) {
      entry.recorded.members[each.name] = value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    }
  }
  return {};
}

Result<ForeignEntry> read_entry(const JsonView& result, const Reading& reading, Configuration configuration,
                                ForeignRun& run, std::map<std::string, std::string>& units) {
  ForeignEntry entry;
  entry.configuration = std::move(configuration);
  FUSELINE_TRY(measured, measurements_of(result));
  FUSELINE_CHECK(read_failure(result, measured, reading, entry));
  FUSELINE_CHECK(read_times(result, reading, entry, run));
  FUSELINE_CHECK(read_values(measured, reading, entry, units));
  FUSELINE_CHECK(read_compilation_data(result, entry));
  if (const auto timestamp = result.string_or("timestamp", "")) entry.recorded.timestamp = *timestamp;
  return entry;
}

// ---- what holds for the whole file ----

/// Looks at results until `take` has what it wants, which it says by true; what is odd about one is not heard here.
template <class Take>
Result<void> until(const T4File& file, const Take& take) {
  bool done = false;
  for (std::size_t i = 0; i < file.size() && !done; ++i) {
    auto visited = file.visit(i, [&](const JsonView& result) -> Result<void> {
      FUSELINE_TRY(taken, take(result));
      done = taken;
      return {};
    });
    if (!visited && visited.error().path.ends_with("/objectives")) return visited;
  }
  return {};
}

/// Of the first result that names any.
Result<NamedObjective> read_objective(const T4File& file) {
  NamedObjective named;
  FUSELINE_CHECK(until(file, [&](const JsonView& result) -> Result<bool> {
    if (!result.has("objectives") || !result.json().at("objectives").is_array()) return false;
    std::vector<std::string> names;
    for (const auto& name : result.json().at("objectives"))
      if (name.is_string()) names.push_back(name.get<std::string>());
    if (names.empty()) return false;
    // What is measured in a unit of time is one, whatever it is called.
    if (const auto measured = measurements_of(result)) {
      for (const Measured& each : *measured) {
        if (std::find(names.begin(), names.end(), each.name) == names.end() || !unit_ms(each.unit)) continue;
        named.time_name = each.name;
        return true;
      }
    }
    FUSELINE_TRY(found, objective_of(names, member(result, "objectives")));
    named = std::move(found);
    return true;
  }));
  return named;
}

/// Files without a unit: milliseconds, as Kernel Tuner writes, unless the first result's measured time, whose unit is
/// its own, says that the runs beside it are in another.
Result<std::optional<double>> guess_unit(const T4File& file, const std::string& time_name) {
  constexpr std::array<double, 4> kUnits = {1, 1e-3, 1e3, 1e-6};
  std::optional<double> guessed;
  FUSELINE_CHECK(until(file, [&](const JsonView& result) -> Result<bool> {
    FUSELINE_TRY(measured, measurements_of(result));
    FUSELINE_TRY(times, member_object(result, "times"));
    FUSELINE_TRY(runtimes, read_samples(times, "runtimes", 1));
    const auto time = std::find_if(measured.begin(), measured.end(), [&](const Measured& each) {
      return each.name == time_name && unit_ms(each.unit) && is_time(number_of(each).value_or(0));
    });
    if (runtimes.empty() || time == measured.end()) return false;
    const double mean = sum(runtimes) / static_cast<double>(runtimes.size());
    if (!is_time(mean)) return false;
    const double time_ms = *number_of(*time) * *unit_ms(time->unit);
    const auto distance = [&](double unit) { return std::abs(std::log(mean * unit / time_ms)); };
    guessed =
        *std::min_element(kUnits.begin(), kUnits.end(), [&](double x, double y) { return distance(x) < distance(y); });
    return true;
  }));
  return guessed;
}

Result<Reading> reading_of(const T4File& file) {
  Reading reading;
  FUSELINE_TRY(objective, read_objective(file));
  reading.objective = std::move(objective);
  const JsonView root = file.root();
  if (root.has("metadata")) {
    FUSELINE_TRY(metadata, member_object(root, "metadata"));
    for (const char* name : {"timeunit", "time_unit", "TimeUnit"}) {
      if (!metadata.has(name)) continue;
      const OrderedJson& unit = metadata.json().at(name);
      if (unit.is_null() || (unit.is_string() && unit.get_ref<const std::string&>().empty())) continue;
      FUSELINE_TRY(factor, required_unit_ms(member(metadata, name)));
      reading.ms_per_unit = factor;
      reading.unit_known = true;
      return reading;
    }
  }
  FUSELINE_TRY(guessed, guess_unit(file, reading.objective.time_name));
  reading.ms_per_unit = guessed.value_or(1.0);
  reading.unit_known = guessed.has_value();
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

}  // namespace

Result<Configuration> read_t4_configuration(const JsonView& result, bool ours) {
  FUSELINE_TRY(object, member_object(result, "configuration"));
  FUSELINE_CHECK(check_object(object, kMaximumParameters + 1));
  Configuration configuration;
  configuration.variant = kRecordedVariant;
  for (const auto& item : object.json().items()) {
    if (ours && item.key() == "variant" && item.value().is_string()) {
      configuration.variant = item.value().get<std::string>();
    } else {
      configuration.values.push_back({item.key(), foreign_value(item.value())});
    }
  }
  return configuration;
}

Result<Run> run_from_foreign_t4(const T4File& file) {
  FUSELINE_TRY(reading, reading_of(file));
  FUSELINE_TRY(info, foreign_info(file.root()));
  ForeignRun run(std::move(info), reading.objective);
  std::map<std::string, std::string> units;
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::optional<Configuration> configuration;
    // What is no JSON is refused: who knows what it has lost.
    FUSELINE_TRY(json, file.result(i));
    const JsonView result(json, file.root().file(), fmt::format("/results/{}", i));
    const auto read = [&]() -> Result<void> {
      FUSELINE_TRY(values, read_t4_configuration(result, false));
      configuration = values;
      FUSELINE_TRY(entry, read_entry(result, reading, std::move(values), run, units));
      run.add(std::move(entry));
      return {};
    };
    auto done = read();
    if (!done && done.error().path.ends_with("/unit")) return tl::unexpected(std::move(done).error());
    if (!done) run.add_odd(std::move(done).error(), std::move(configuration));
  }
  FUSELINE_TRY(finished, run.finish(file.root().file()));
  finished.info.units = std::move(units);
  if (!reading.unit_known && file.size() > 0)
    finished.remarks.push_back(printable(file.root().file()) + ": names no unit of time; taken for milliseconds");
  return finished;
}

}  // namespace fuseline::tuner
