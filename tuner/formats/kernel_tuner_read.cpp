// A run from a cache file of Kernel Tuner.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/entry_scan.hpp"
#include "tuner/formats/foreign.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/kernel_tuner_names.hpp"

namespace fuseline::tuner {

namespace {

/// What the head says of every entry.
struct Head {
  std::vector<std::string> keys;
  std::set<std::string> known;  ///< Members of an entry that have a place of their own.
};

Result<Configuration> configuration_of(const JsonView& entry, const Head& head, const std::string& variant) {
  Configuration configuration{variant, {}};
  for (const auto& key : head.keys) {
    FUSELINE_TRY(view, entry.at(key));
    configuration.values.push_back({key, foreign_value(view.json())});
  }
  return configuration;
}

/// As Kernel Tuner's read_cache: "__error__", or any member that is the name of a class of failures. A text in the
/// place of a number that is to be ranked is one too.
void read_failure(const JsonView& view, const Head& head, const NamedObjective& named, ForeignEntry& entry) {
  std::optional<std::string> name;
  for (const auto& item : view.json().items()) {
    if (!item.value().is_string() || std::find(head.keys.begin(), head.keys.end(), item.key()) != head.keys.end())
      continue;
    const auto text = item.value().get<std::string>();
    const bool ranked = item.key() == named.time_name || item.key() == named.objective.name;
    if (item.key() == kErrorMember || names_failure(text) || (ranked && !name)) name = text;
  }
  if (!name && view.has(kErrorMember)) name = "";
  if (!name) return;
  entry.failure = failure_of(*name);
  entry.reason = "recorded as " + (name->empty() ? "failed" : printable(*name));
  // What we write where Kernel Tuner has no word for it.
  const auto own = view.string_or(kOutcomeMember, "");
  if (const auto outcome = own ? outcome_from_string(*own) : std::nullopt; outcome && *outcome != Outcome::ok)
    entry.failure = outcome;
  const auto reason = view.string_or(kReasonMember, "");
  if (reason && !reason->empty()) entry.reason = *reason;
}

/// Numbers that were measured beside the time, and what else is there.
void read_other_members(const JsonView& view, const Head& head, const NamedObjective& named, ForeignEntry& entry) {
  for (const auto& item : view.json().items()) {
    const auto& value = item.value();
    if (head.known.contains(item.key()) || item.key() == named.time_name || value.is_null()) continue;
    if (value.is_number()) {
      if (std::isfinite(value.get<double>())) entry.values[item.key()] = value.get<double>();
    } else if (!value.is_string() || !names_failure(value.get<std::string>())) {
      entry.recorded.members[item.key()] = value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    }
  }
}

Result<ForeignEntry> entry_of(const JsonView& view, Configuration configuration, const Head& head, ForeignRun& run) {
  const NamedObjective& named = run.objective();
  ForeignEntry entry;
  entry.configuration = std::move(configuration);
  read_failure(view, head, named, entry);
  FUSELINE_TRY(samples, read_samples(view, "times", 1));
  entry.samples_ms = std::move(samples);
  entry.time_given = view.has(named.time_name);
  if (entry.time_given && view.json().at(named.time_name).is_number())
    entry.time_ms = view.json().at(named.time_name).get<double>();
  if (entry.time_given && !entry.failure && !entry.time_ms && !view.json().at(named.time_name).is_null())
    return JsonView(view.json().at(named.time_name), view.file(), view.path() + json_step(named.time_name))
        .fail("expected a number");
  entry.compile_ms = cost_part(view, "compile_time", 1, run).value_or(0);
  entry.recorded.validation_ms = cost_part(view, "verification_time", 1, run);
  entry.recorded.benchmark_ms = cost_part(view, "benchmark_time", 1, run);
  entry.recorded.search_ms = cost_part(view, "strategy_time", 1, run);
  entry.recorded.framework_ms = cost_part(view, "framework_time", 1, run);
  if (const auto timestamp = view.string_or("timestamp", "")) entry.recorded.timestamp = *timestamp;
  read_other_members(view, head, named, entry);
  return entry;
}

Result<Head> head_of(const JsonView& header) {
  FUSELINE_TRY(list, header.at("tune_params_keys"));
  FUSELINE_CHECK(check_array(list, kMaximumParameters));
  FUSELINE_TRY(count, list.array_size());
  Head head;
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_TRY(key, item.string());
    if (std::find(head.keys.begin(), head.keys.end(), key) != head.keys.end())
      return item.fail("the parameter comes twice");
    head.keys.push_back(std::move(key));
  }
  head.known.insert(head.keys.begin(), head.keys.end());
  head.known.insert(kEntryMembers.begin(), kEntryMembers.end());
  return head;
}

/// The problem size is a number, a list of them, or something that only Python knows.
std::vector<Dimension> dims_of(const OrderedJson& header) {
  std::vector<Dimension> dims;
  if (!header.contains("problem_size")) return dims;
  const auto& size = header.at("problem_size");
  const auto add = [&](const OrderedJson& value) {
    constexpr std::string_view names = "xyz";
    if (!value.is_number_integer() || dims.size() == kMaximumParameters) return;
    const std::string name =
        dims.size() < names.size() ? std::string(1, names[dims.size()]) : fmt::format("d{}", dims.size());
    dims.push_back({name, value.get<std::int64_t>()});
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

/// Every value that the search could choose, those that no entry has included.
std::vector<Parameter> declared_of(const OrderedJson& header, const Head& head) {
  std::vector<Parameter> declared;
  if (!header.contains("tune_params") || !header.at("tune_params").is_object()) return declared;
  const auto& lists = header.at("tune_params");
  for (const std::string& name : head.keys) {
    if (!lists.contains(name) || !lists.at(name).is_array()) continue;
    Parameter parameter{name, {}, true};
    for (const auto& value : lists.at(name)) parameter.values.push_back(foreign_value(value));
    declared.push_back(std::move(parameter));
  }
  return declared;
}

/// One name, or a list of them where there are several objectives.
Result<NamedObjective> objective_of_header(const JsonView& header) {
  if (!header.has("objective") || header.json().at("objective").is_null()) return NamedObjective{};
  FUSELINE_TRY(place, header.at("objective"));
  if (place.json().is_string()) return objective_of({place.json().get<std::string>()}, place);
  FUSELINE_TRY(size, place.array_size());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size; ++i) {
    FUSELINE_TRY(item, place.at(i));
    FUSELINE_TRY(name, item.string());
    names.push_back(std::move(name));
  }
  return objective_of(names, place);
}

Result<RunInfo> info_of(const JsonView& header, const Head& head, bool finished) {
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
  info.declared = declared_of(header.json(), head);
  return info;
}

/// Depth of an entry: far more than Kernel Tuner writes, far less than the parser's stack.
constexpr JsonLimits entry_limits{std::size_t{16} << 20, 16};

}  // namespace

bool is_kernel_tuner_cache(std::string_view text) {
  bool keys = false;
  visit_top_members(text, [&](std::string_view name) {
    // "results" is T4's; of the others none has these.
    keys = keys || name == "tune_params_keys" || name == "cache";
    return !keys && name != "results";
  });
  return keys;
}

Result<Run> run_from_kernel_tuner(std::string_view text, const std::string& file) {
  const ScannedEntries scanned = scan_entries(text, "cache", EntryHolder::object);
  if (!scanned.found) return bad_input(file, "/cache", "is missing");
  FUSELINE_TRY(header_json, parse_python_json(scanned.rest, file));
  const JsonView header(header_json, file);
  FUSELINE_TRY(head, head_of(header));
  FUSELINE_TRY(info, info_of(header, head, scanned.finished));
  FUSELINE_TRY(named, objective_of_header(header));
  if (scanned.entries.empty()) return bad_input(file, "/cache", "holds no configuration");
  const std::string variant = info.problem;
  ForeignRun run(std::move(info), std::move(named));
  for (std::size_t i = 0; i < scanned.entries.size(); ++i) {
    const std::string place = fmt::format("/cache/{}", i);
    auto parsed = parse_python_json(scanned.entries[i], file, entry_limits);
    if (!parsed) return bad_input(file, place, parsed.error().reason);
    const JsonView view(*parsed, file, place);
    auto configuration = configuration_of(view, head, variant);
    if (!configuration) {
      run.add_odd(std::move(configuration).error());
      continue;
    }
    auto entry = entry_of(view, *configuration, head, run);
    if (!entry) {
      run.add_odd(std::move(entry).error(), std::move(*configuration));
      continue;
    }
    const std::string key(scanned.names[i]);
    if (key != cache_key(entry->configuration)) entry->recorded.key = key;
    run.add(std::move(*entry));
  }
  FUSELINE_TRY(finished, run.finish(file));
  if (const auto& first = finished.evaluations.front().measurement.recorded)
    finished.info.recorded_at = printable(first->timestamp);
  return finished;
}

}  // namespace fuseline::tuner
