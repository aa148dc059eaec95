#include "tuner/run/measurement.hpp"

#include <fmt/format.h>

#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/counters/source_profile_json.hpp"
#include "tuner/device/device_json.hpp"
#include "tuner/run/measurement_json.hpp"

namespace fuseline::tuner {
namespace {

Result<void> read_extents(const JsonView& view, const char* name, std::int64_t (&out)[3]) {
  if (!view.json().contains(name)) return {};
  std::vector<std::int64_t> extents;
  FUSELINE_CHECK(read_value(member(view, name), extents));
  if (extents.size() != 3) return member(view, name).fail("expected three extents");
  for (std::size_t i = 0; i < 3; ++i) out[i] = extents[i];
  return {};
}

nlohmann::json launches_json(const std::vector<Launch>& launches) {
  auto json = nlohmann::json::array();
  for (const auto& launch : launches) json.push_back(to_json(launch));
  return json;
}

}  // namespace

nlohmann::json to_json(const Summary& summary) {
  nlohmann::json json = {{"median", real_json(summary.median)},
                         {"min", real_json(summary.minimum)},
                         {"p25", real_json(summary.p25)},
                         {"p75", real_json(summary.p75)},
                         {"samples", summary.samples}};
  // Of a recording by another tool alone.
  if (summary.middle != Middle::median) json["statistic"] = to_string(summary.middle);
  return json;
}

nlohmann::json to_json(const Recorded& recorded) {
  nlohmann::json json = {{"key", recorded.key}, {"timestamp", recorded.timestamp}, {"members", recorded.members}};
  const auto add = [&](const char* name, std::optional<double> ms) {
    if (ms) json[name] = real_json(*ms);
  };
  add("framework_ms", recorded.framework_ms);
  add("search_ms", recorded.search_ms);
  add("validation_ms", recorded.validation_ms);
  add("benchmark_ms", recorded.benchmark_ms);
  return json;
}

nlohmann::json to_json(const Launch& launch) {
  return {{"grid", launch.grid}, {"block", launch.block}, {"shared_bytes", launch.shared_bytes}};
}

nlohmann::json to_json(const Verification& verification) {
  nlohmann::json json = {{"max_absolute_error", real_json(verification.max_absolute_error)},
                         {"max_relative_error", real_json(verification.max_relative_error)},
                         {"mismatches", verification.mismatches},
                         {"worst_tensor", verification.worst_tensor},
                         {"worst_index", verification.worst_index},
                         {"got", real_json(verification.got)},
                         {"expected", real_json(verification.expected)},
                         {"guard_overwritten", verification.guard_overwritten}};
  if (verification.tolerance_share) json["tolerance_share"] = real_json(*verification.tolerance_share);
  return json;
}

nlohmann::json to_json(const StaticFacts& facts) {
  return {{"registers", facts.registers},
          {"spill_bytes", facts.spill_bytes},
          {"local_bytes", facts.local_bytes},
          {"static_shared_bytes", facts.static_shared_bytes},
          {"max_threads_per_block", facts.max_threads_per_block},
          {"occupancy", real_json(facts.occupancy)},
          {"occupancy_limiter", facts.occupancy_limiter},
          {"waves", real_json(facts.waves)}};
}

nlohmann::json to_json(const Configuration& configuration) {
  auto values = nlohmann::json::array();
  for (const auto& [name, value] : configuration.values)
    values.push_back(nlohmann::json::array({name, value.to_json()}));
  return {{"variant", configuration.variant}, {"values", std::move(values)}};
}

nlohmann::json to_json(const FinalRound& round) {
  nlohmann::json json = {{"order", round.order}, {"place", round.place}, {"copy_gbps", real_json(round.copy_gbps)}};
  if (round.clocks) json["clocks"] = to_json(*round.clocks);
  return json;
}

nlohmann::json to_json(const Measurement& measurement) {
  nlohmann::json json = {{"outcome", to_string(measurement.outcome)},
                         {"reason", measurement.reason},
                         {"samples_ms", reals_json(measurement.samples_ms)},
                         {"time_ms", to_json(measurement.time_ms)},
                         {"after", to_string(measurement.after)},
                         {"abandoned", measurement.abandoned},
                         {"launches", launches_json(measurement.launches)},
                         {"counters", reals_json(measurement.counters)},
                         {"source_sha256", measurement.source_sha256},
                         {"compile_options", measurement.compile_options},
                         {"compile_ms", real_json(measurement.compile_ms)},
                         {"compile_cached", measurement.compile_cached},
                         {"gpu_ms", real_json(measurement.gpu_ms)},
                         {"cost_s", real_json(measurement.cost_s)},
                         {"compiler_log", measurement.compiler_log}};
  if (measurement.card != 0) json["card"] = measurement.card;
  if (measurement.shown_launch != 0) json["shown_launch"] = measurement.shown_launch;
  if (measurement.verification) json["verification"] = to_json(*measurement.verification);
  if (measurement.facts) json["facts"] = to_json(*measurement.facts);
  if (measurement.clocks) json["clocks"] = to_json(*measurement.clocks);
  if (measurement.recorded) json["recorded"] = to_json(*measurement.recorded);
  if (measurement.source_profile) json["source_profile"] = to_json(*measurement.source_profile);
  return json;
}

bool worked(const Measurement& measurement) {
  return measurement.outcome == Outcome::ok && is_time(measurement.time_ms.median);
}

const Launch* shown_launch(const Measurement& measurement) {
  if (measurement.launches.empty()) return nullptr;
  return &measurement.launches[measurement.shown_launch < measurement.launches.size() ? measurement.shown_launch : 0];
}

nlohmann::json to_json(const Evaluation& evaluation) {
  return {{"sequence", evaluation.sequence},
          {"variant", evaluation.configuration.variant},
          {"configuration", evaluation.configuration.values_json()},
          {"values", to_json(evaluation.configuration)["values"]},
          {"elapsed_s", real_json(evaluation.elapsed_s)},
          {"measurement", to_json(evaluation.measurement)}};
}

Result<void> read_value(const JsonView& view, Summary& out) {
  return FieldReader(view)
      .required("median", out.median)
      .optional("min", out.minimum)
      .optional("p25", out.p25)
      .optional("p75", out.p75)
      .optional("samples", out.samples)
      .named("statistic", out.middle, middle_from_string)
      .result();
}

Result<void> read_value(const JsonView& view, Recorded& out) {
  return FieldReader(view)
      .optional("key", out.key)
      .optional("timestamp", out.timestamp)
      .optional("framework_ms", out.framework_ms)
      .optional("search_ms", out.search_ms)
      .optional("validation_ms", out.validation_ms)
      .optional("benchmark_ms", out.benchmark_ms)
      .optional("members", out.members)
      .result();
}

Result<void> read_value(const JsonView& view, Launch& out) {
  FUSELINE_CHECK(FieldReader(view).optional("shared_bytes", out.shared_bytes).result());
  FUSELINE_CHECK(read_extents(view, "grid", out.grid));
  return read_extents(view, "block", out.block);
}

Result<void> read_value(const JsonView& view, Verification& out) {
  return FieldReader(view)
      .optional("max_absolute_error", out.max_absolute_error)
      .optional("max_relative_error", out.max_relative_error)
      .optional("mismatches", out.mismatches)
      .optional("worst_tensor", out.worst_tensor)
      .optional("worst_index", out.worst_index)
      .optional("got", out.got)
      .optional("expected", out.expected)
      .optional("guard_overwritten", out.guard_overwritten)
      .optional("tolerance_share", out.tolerance_share)
      .result();
}

Result<void> read_value(const JsonView& view, StaticFacts& out) {
  return FieldReader(view)
      .optional("registers", out.registers)
      .optional("spill_bytes", out.spill_bytes)
      .optional("local_bytes", out.local_bytes)
      .optional("static_shared_bytes", out.static_shared_bytes)
      .optional("max_threads_per_block", out.max_threads_per_block)
      .optional("occupancy", out.occupancy)
      .optional("occupancy_limiter", out.occupancy_limiter)
      .optional("waves", out.waves)
      .result();
}

Result<void> read_value(const JsonView& view, FinalRound& out) {
  FUSELINE_CHECK(FieldReader(view)
                     .optional("order", out.order)
                     .optional("place", out.place)
                     .optional("copy_gbps", out.copy_gbps)
                     .optional("clocks", out.clocks)
                     .result());
  return out.order.empty() ? Result<void>{} : check_array(member(view, "order"), kMaximumFinals);
}

Result<void> read_value(const JsonView& view, Value& out) {
  if (view.json().is_number_float() && !std::isfinite(view.json().get<double>()))
    return view.fail("expected a finite number");
  const auto value = Value::from_json(nlohmann::json(view.json()));
  if (!value) return view.fail("expected a boolean, number or string");
  out = *value;
  return {};
}

Result<void> read_value(const JsonView& view, NamedValue& out) {
  FUSELINE_CHECK(check_array(view, 2));
  if (view.json().size() != 2) return view.fail("expected a name and a value");
  std::string name;
  FUSELINE_CHECK(read_value(element(view, 0), name));
  out.name = name;
  return read_value(element(view, 1), out.value);
}

Result<void> read_value(const JsonView& view, Configuration& out) {
  FUSELINE_CHECK(FieldReader(view).required("variant", out.variant).required("values", out.values).result());
  return check_array(member(view, "values"), kMaximumParameters);
}

Result<void> read_value(const JsonView& view, Measurement& out) {
  bool warm = false;  // What results of before there was a choice say instead.
  FUSELINE_CHECK(FieldReader(view).optional("warm", warm).result());
  if (warm) out.after = Predecessor::itself;
  return FieldReader(view)
      .named("outcome", out.outcome, outcome_from_string)
      .optional("reason", out.reason)
      .optional("samples_ms", out.samples_ms)
      .optional("time_ms", out.time_ms)
      .named("after", out.after, predecessor_from_string)
      .optional("clocks", out.clocks)
      .optional("abandoned", out.abandoned)
      .optional("card", out.card)
      .optional("launches", out.launches)
      .optional("shown_launch", out.shown_launch)
      .optional("verification", out.verification)
      .optional("facts", out.facts)
      .optional("counters", out.counters)
      .optional("source_sha256", out.source_sha256)
      .optional("compile_options", out.compile_options)
      .optional("compile_ms", out.compile_ms)
      .optional("compile_cached", out.compile_cached)
      .optional("gpu_ms", out.gpu_ms)
      .optional("cost_s", out.cost_s)
      .optional("compiler_log", out.compiler_log)
      .optional("recorded", out.recorded)
      .optional("source_profile", out.source_profile)
      .result();
}

Result<void> read_value(const JsonView& view, std::shared_ptr<const SourceProfile>& out) {
  std::optional<SourceProfile> profile;
  FUSELINE_CHECK(read_value(view, profile));
  out = profile ? std::make_shared<const SourceProfile>(std::move(*profile)) : nullptr;
  return {};
}

Result<void> read_value(const JsonView& view, Evaluation& out) {
  return FieldReader(view)
      .required("sequence", out.sequence)
      .required("variant", out.configuration.variant)
      .required("values", out.configuration.values)
      .optional("elapsed_s", out.elapsed_s)
      .required("measurement", out.measurement)
      .result()
      .and_then([&] { return check_array(member(view, "values"), kMaximumParameters); });
}

Result<Measurement> measurement_from_json(const JsonView& view) {
  Measurement measurement;
  if (view.json().is_object() && !view.json().contains("outcome")) return view.fail("member 'outcome' is missing");
  FUSELINE_CHECK(read_value(view, measurement));
  return measurement;
}

Result<Evaluation> evaluation_from_json(const JsonView& view) {
  Evaluation evaluation;
  FUSELINE_CHECK(read_value(view, evaluation));
  return evaluation;
}

std::string StaticFacts::occupancy_text() const {
  const std::string by = limiter();
  return fmt::format("{:.0f} %", 100 * occupancy) + (by.empty() ? "" : ", limited by " + printable(by));
}

}  // namespace fuseline::tuner
