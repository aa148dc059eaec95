#include "tuner/formats/foreign.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "tuner/base/text.hpp"
#include "tuner/formats/t4_names.hpp"
#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

/// What Kernel Tuner took for the time of a failed configuration before it had names for failures.
constexpr double kFailureTime = 1e20;

constexpr std::array<std::string_view, 4> kFailures = {"ErrorConfig", "InvalidConfig", "CompilationFailedConfig",
                                                       "RuntimeFailedConfig"};

void erase_all(std::string& text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part)) text.erase(at, part.size());
}

/// Lower case, without blanks, and with a plain u for both signs of micro.
std::string plain_unit(std::string_view unit) {
  std::string plain(unit);
  for (const std::string_view micro : {"\u00b5", "\u03bc"}) {
    for (auto at = plain.find(micro); at != std::string::npos; at = plain.find(micro))
      plain.replace(at, micro.size(), "u");
  }
  erase_all(plain, " ");
  erase_all(plain, ".");
  for (char& c : plain)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return plain;
}

/// What stands before the second in a unit; "milli" is often spelled with one l.
std::optional<double> prefix_ms(std::string_view prefix) {
  static const std::map<std::string_view, double> prefixes = {
      {"", 1e3},       {"m", 1},    {"milli", 1},   {"mili", 1}, {"u", 1e-3},   {"micro", 1e-3},
      {"mikro", 1e-3}, {"n", 1e-6}, {"nano", 1e-6}, {"p", 1e-9}, {"pico", 1e-9}};
  const auto found = prefixes.find(prefix);
  return found == prefixes.end() ? std::nullopt : std::optional(found->second);
}

/// Why it has no time; empty where it has one.
std::string time_fault(const ForeignEntry& entry, const NamedObjective& named) {
  if (entry.time_given && (!entry.time_ms || !is_time(*entry.time_ms) || *entry.time_ms >= kFailureTime))
    return "recorded without a time";
  if (!entry.time_given && entry.samples_ms.empty()) return "recorded without a time";
  const auto wrong =
      std::find_if(entry.samples_ms.begin(), entry.samples_ms.end(), [](double ms) { return !is_time(ms); });
  if (wrong != entry.samples_ms.end()) return fmt::format("recorded without a time: one of its runs is {} ms", *wrong);
  if (named.objective.is_time()) return "";
  const auto value = entry.values.find(named.objective.name);
  return value != entry.values.end() && is_time(value->second)
             ? ""
             : fmt::format("recorded without a value of {} above zero", printable(named.objective.name));
}

double cost_ms(const ForeignEntry& entry) {
  const Recorded& parts = entry.recorded;
  double sum = entry.compile_ms;
  for (const auto& part : {parts.framework_ms, parts.search_ms, parts.validation_ms}) sum += part.value_or(0);
  if (parts.benchmark_ms) return sum + *parts.benchmark_ms;
  for (const double sample : entry.samples_ms) sum += is_time(sample) ? sample : 0;
  const double time_ms = entry.time_ms.value_or(0);
  return entry.samples_ms.empty() && is_time(time_ms) && time_ms < kFailureTime ? sum + time_ms : sum;
}

Measurement measurement_of(ForeignEntry&& entry, const NamedObjective& named) {
  Measurement measurement;
  measurement.cost_s = cost_ms(entry) / 1e3;
  measurement.compile_ms = entry.compile_ms;
  measurement.facts = std::move(entry.facts);
  measurement.launches = std::move(entry.launches);
  const std::string fault = entry.failure ? "" : time_fault(entry, named);
  if (entry.failure || !fault.empty()) {
    measurement.outcome = entry.failure.value_or(Outcome::launch_error);
    measurement.reason = entry.failure ? entry.reason : fault;
  } else {
    measurement.outcome = Outcome::ok;
    if (entry.samples_ms.empty()) entry.samples_ms = {*entry.time_ms};
    measurement.time_ms =
        entry.time_given ? summarize_recorded(entry.samples_ms, *entry.time_ms) : summarize(entry.samples_ms);
    measurement.gpu_ms =
        entry.recorded.benchmark_ms.value_or(std::accumulate(entry.samples_ms.begin(), entry.samples_ms.end(), 0.0));
    measurement.samples_ms = std::move(entry.samples_ms);
  }
  measurement.counters = std::move(entry.values);
  measurement.recorded = std::move(entry.recorded);
  return measurement;
}

}  // namespace

std::optional<double> unit_ms(std::string_view unit) {
  const std::string plain = plain_unit(unit);
  if (plain == "min" || plain == "mins" || plain == "minute" || plain == "minutes") return 60e3;
  if (plain == "micros" || plain == "millis" || plain == "nanos") return prefix_ms(plain.substr(0, plain.size() - 1));
  for (const std::string_view second : {"seconds", "second", "secs", "sec", "s"}) {
    if (!plain.ends_with(second)) continue;
    return prefix_ms(std::string_view(plain).substr(0, plain.size() - second.size()));
  }
  return std::nullopt;
}

Result<double> required_unit_ms(const JsonView& place) {
  FUSELINE_TRY(unit, place.string());
  const auto factor = unit_ms(unit);
  if (!factor) return place.fail("\"" + printable(unit) + "\" is no unit of time known here");
  return *factor;
}

Value foreign_value(const OrderedJson& json) {
  const auto value = Value::from_json(nlohmann::json(json));
  return value ? *value : Value(json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
}

OrderedJson foreign_json(const Value& value) {
  if (const auto* text = std::get_if<SharedText>(&value.storage());
      text != nullptr && (*text == "null" || text->str().starts_with('[') || text->str().starts_with('{'))) {
    if (auto json = parse_json(*text, "")) return std::move(*json);
  }
  return OrderedJson(value.to_json());
}

Outcome failure_of(std::string_view name) {
  const auto has = [name](std::string_view part) { return name.find(part) != std::string_view::npos; };
  if (has("ompil")) return Outcome::compile_error;
  if (has("nvalid")) return Outcome::skipped;
  if (has("orrect") || has("erif") || has("alidation")) return Outcome::incorrect;
  if (has("ime") && (has("out") || has("Out"))) return Outcome::timeout;
  return Outcome::launch_error;
}

bool names_failure(std::string_view text) {
  return std::find(kFailures.begin(), kFailures.end(), text) != kFailures.end();
}

Result<NamedObjective> objective_of(const std::vector<std::string>& names, const JsonView& place) {
  NamedObjective named;
  if (names.empty()) return named;
  if (const auto time = std::find_if(names.begin(), names.end(), names_time); time != names.end()) {
    named.time_name = *time;
    return named;
  }
  for (const std::string& name : names) {
    if (const auto higher = higher_is_better(name)) {
      named.objective = {name, *higher};
      return named;
    }
  }
  return place.fail(fmt::format(
      "\"{}\" is no time, and nothing tells whether more of it is better: recordings of it cannot be ranked",
      printable(fmt::format("{}", fmt::join(names, "\", \"")))));
}

void ForeignRun::add(ForeignEntry entry) {
  ++entries_;
  this_is_odd_ = false;
  Evaluation evaluation;
  evaluation.configuration = std::move(entry.configuration);
  evaluation.measurement = measurement_of(std::move(entry), objective_);
  keep(std::move(evaluation));
}

void ForeignRun::odd(Error error) {
  if (!first_odd_) first_odd_ = std::move(error);
  if (!this_is_odd_) ++odd_entries_;
  this_is_odd_ = true;
}

void ForeignRun::add_odd(Error error, std::optional<Configuration> configuration) {
  const std::string reason = error.path + ": " + error.reason;
  odd(std::move(error));
  this_is_odd_ = false;
  ++entries_;
  ++unused_;
  if (!configuration) return;
  Evaluation evaluation;
  evaluation.configuration = std::move(*configuration);
  evaluation.measurement.outcome = Outcome::launch_error;
  evaluation.measurement.reason = "its entry cannot be used: " + reason;
  keep(std::move(evaluation));
}

void ForeignRun::keep(Evaluation evaluation) {
  elapsed_s_ += evaluation.measurement.cost_s;
  evaluation.elapsed_s = elapsed_s_;
  if (worked(evaluation.measurement)) ++timed_;
  const auto [place, added] = places_.emplace(evaluation.configuration.key(), run_.evaluations.size());
  evaluation.sequence = place->second;
  if (added) {
    run_.evaluations.push_back(std::move(evaluation));
    return;
  }
  ++repeated_;
  evaluation.elapsed_s = run_.evaluations[place->second].elapsed_s;
  run_.evaluations[place->second] = std::move(evaluation);
}

Result<Run> ForeignRun::finish(const std::string& file) {
  if (entries_ > 0 && unused_ == entries_) return tl::unexpected(*first_odd_);
  RunInfo& info = run_.info;
  info.objective = objective_.objective;
  info.space_size = run_.evaluations.size();
  info.raw_space_size = static_cast<double>(run_.evaluations.size());
  info.seconds = elapsed_s_;
  for (const Evaluation& evaluation : run_.evaluations)
    if (worked(evaluation.measurement))
      info.times_are = std::max(info.times_are, evaluation.measurement.time_ms.middle);
  const auto remark = [&](std::string text) { run_.remarks.push_back(printable(file) + ": " + std::move(text)); };
  if (odd_entries_ > 0) {
    remark(fmt::format("{} of {} entries are odd, which costs them what cannot be used; the first is {}: {}",
                       odd_entries_, entries_, printable(first_odd_->path), printable(first_odd_->reason)));
  }
  if (repeated_ > 0) run_.remarks.push_back(repeats_remark(file, repeated_));
  if (!objective_.objective.is_time()) {
    if (timed_ == 0 && entries_ > 0)
      return bad_input(file, "", fmt::format("is of \"{}\" and has no times", printable(objective_.objective.name)));
    remark("its objective is no time: ranked " + objective_text(objective_.objective));
  }
  if (info.times_are == Middle::recorded)
    remark("some of its times are neither medians nor means of the runs beside them; they rank, as the file has them");
  return std::move(run_);
}

std::string repeats_remark(const std::string& file, std::size_t repeated) {
  return fmt::format("{}: {} repeated entries; of each configuration the last counts", printable(file), repeated);
}

std::optional<double> cost_part(const JsonView& parts, const std::string& name, double ms_per_unit, ForeignRun& run) {
  if (!parts.has(name) || parts.json().at(name).is_null()) return std::nullopt;
  const JsonView place(parts.json().at(name), parts.file(), parts.path() + json_step(name));
  const auto value = place.number();
  if (value && std::isfinite(*value) && *value >= 0) return *value * ms_per_unit;
  run.odd(value ? place.fail("expected a time").value() : value.error());
  return std::nullopt;
}

Result<std::vector<double>> read_samples(const JsonView& view, const std::string& name, double ms_per_unit) {
  std::vector<double> samples;
  if (!view.has(name) || view.json().at(name).is_null()) return samples;
  FUSELINE_TRY(list, view.at(name));
  FUSELINE_TRY(size, list.array_size());
  if (size > kMaximumRuntimes)
    return list.fail(fmt::format("{} samples, more than the {} that a configuration may have", size, kMaximumRuntimes));
  samples.reserve(size);
  for (std::size_t i = 0; i < size; ++i) {
    // Read in place: a million views would cost more than the numbers.
    const OrderedJson& value = list.json()[i];
    if (value.is_null()) continue;
    if (!value.is_number())
      return JsonView(value, list.file(), list.path() + "/" + std::to_string(i)).fail("expected a number");
    const double sample = value.get<double>() * ms_per_unit;
    if (std::isfinite(sample)) samples.push_back(sample);
  }
  return samples;
}

}  // namespace fuseline::tuner
