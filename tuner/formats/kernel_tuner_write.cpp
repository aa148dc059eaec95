// A run as a cache file of Kernel Tuner, which looks entries up by their names: those are made of the values that the
// head lists, so that whatever stands in an entry stands there.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "tuner/formats/foreign.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/kernel_tuner_names.hpp"
#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {

namespace {

/// Stands for a parameter that a variant does not have.
constexpr const char* absent = "none";

/// The configuration as the file has it: the variant as a parameter where there are several.
std::vector<NamedValue> flat(const Configuration& configuration, bool with_variant) {
  std::vector<NamedValue> values;
  if (with_variant) values.push_back({"variant", configuration.variant});
  values.insert(values.end(), configuration.values.begin(), configuration.values.end());
  return values;
}

Value value_in(const std::vector<NamedValue>& values, const std::string& name) {
  for (const auto& value : values)
    if (value.name == name) return value.value;
  return Value(absent);
}

/// Every parameter name of the run in the order of first use, with the values that occur or are declared.
class Parameters {
 public:
  Parameters(const Run& run, bool with_variant) {
    for (const Parameter& parameter : run.info.declared)
      for (const Value& value : parameter.values) add(parameter.name, value);
    for (const auto& evaluation : run.evaluations)
      for (const auto& [name, value] : flat(evaluation.configuration, with_variant)) add(name, value);
    for (const auto& evaluation : run.evaluations) {
      const auto values = flat(evaluation.configuration, with_variant);
      if (values.size() == names_.size()) continue;
      for (const std::string& name : names_) add(name, value_in(values, name));
    }
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// As declared, then as they occur; of ours in ascending order.
  [[nodiscard]] std::vector<Value> values(const std::string& name, bool declared) const {
    std::vector<Value> list = in_order_.at(name);
    if (!declared) std::sort(list.begin(), list.end());
    return list;
  }

 private:
  void add(const std::string& name, const Value& value) {
    if (!seen_.contains(name)) names_.push_back(name);
    if (seen_[name].insert(value).second) in_order_[name].push_back(value);
  }

  std::vector<std::string> names_;
  std::map<std::string, std::set<Value>> seen_;
  std::map<std::string, std::vector<Value>> in_order_;
};

bool several_variants(const Run& run) {
  const auto& first = run.evaluations.front().configuration.variant;
  return std::any_of(run.evaluations.begin(), run.evaluations.end(),
                     [&](const Evaluation& e) { return e.configuration.variant != first; });
}

/// As Python's str() writes a value.
std::string python_text(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value.storage())) return *boolean ? "True" : "False";
  if (const auto* text = std::get_if<SharedText>(&value.storage()); text != nullptr && *text == "null") return "None";
  return std::holds_alternative<double>(value.storage()) ? value.to_json().dump() : value.to_string();
}

std::string key_of(const std::vector<NamedValue>& values, const std::vector<std::string>& names) {
  std::string key;
  for (const auto& name : names) key += (key.empty() ? "" : ",") + python_text(value_in(values, name));
  return key;
}

/// One of the classes that Kernel Tuner knows: of any other it takes the name for a cost.
const char* failure_name(Outcome outcome) {
  if (outcome == Outcome::compile_error) return "CompilationFailedConfig";
  return outcome == Outcome::skipped ? "InvalidConfig" : "RuntimeFailedConfig";
}

double finite_or(double value, double otherwise) { return std::isfinite(value) ? value : otherwise; }

/// The parts of the cost: as recorded; of ours what the parts do not account for is the framework's, so that they add
/// up to it.
void add_costs(const Measurement& measurement, OrderedJson& entry) {
  const Recorded parts = measurement.recorded.value_or(Recorded{});
  const double samples_ms = std::accumulate(measurement.samples_ms.begin(), measurement.samples_ms.end(), 0.0);
  const double cost_ms = finite_or(measurement.cost_s * 1000, 0), compile_ms = finite_or(measurement.compile_ms, 0);
  const bool ok = measurement.outcome == Outcome::ok;
  double timed_ms = parts.benchmark_ms.value_or(ok ? finite_or(samples_ms, 0) : 0);
  if (measurement.recorded && !parts.benchmark_ms && !ok) {
    // The runs of a failure are not kept, but what they took is in its cost.
    const double rest_ms = cost_ms - compile_ms - parts.validation_ms.value_or(0) - parts.search_ms.value_or(0) -
                           parts.framework_ms.value_or(0);
    if (rest_ms > 1e-9 * cost_ms) timed_ms = rest_ms;
  }
  entry["compile_time"] = measurement.recorded ? compile_ms : std::min(compile_ms, std::max(0.0, cost_ms - timed_ms));
  entry["verification_time"] = parts.validation_ms.value_or(0);
  entry["benchmark_time"] = timed_ms;
  entry["strategy_time"] = parts.search_ms.value_or(0);
  entry["framework_time"] = measurement.recorded
                                ? parts.framework_ms.value_or(0)
                                : std::max(0.0, cost_ms - timed_ms - entry["compile_time"].get<double>());
  if (!parts.timestamp.empty()) entry["timestamp"] = parts.timestamp;
}

OrderedJson entry_of(const Evaluation& evaluation, const std::vector<NamedValue>& values,
                     const std::vector<std::string>& names, const std::string& objective) {
  const auto& measurement = evaluation.measurement;
  OrderedJson entry;
  for (const auto& name : names) entry[name] = foreign_json(value_in(values, name));
  const auto add = [&](const std::string& name, OrderedJson value) {
    if (!entry.contains(name)) entry[name] = std::move(value);
  };
  if (worked(measurement)) {
    add("time", measurement.time_ms.median);
    add("times", measurement.samples_ms);
  } else {
    // Before 1.4 it stood in the place of the objective.
    add(objective, failure_name(measurement.outcome));
    add(kErrorMember, failure_name(measurement.outcome));
    if (measurement.outcome != failure_of(failure_name(measurement.outcome)))
      add(kOutcomeMember, std::string(to_string(measurement.outcome)));
    if (!measurement.recorded && !measurement.reason.empty()) add(kReasonMember, measurement.reason);
  }
  for (const auto& [name, value] : measurement.counters)
    if (std::isfinite(value)) add(name, value);
  if (measurement.recorded) {
    for (const auto& [name, text] : measurement.recorded->members)
      if (auto json = parse_json(text, "")) add(name, std::move(*json));
  }
  add_costs(measurement, entry);
  return entry;
}

OrderedJson header_of(const Run& run, const Parameters& parameters) {
  OrderedJson header;
  header["device_name"] = run.info.device.name;
  header["kernel_name"] = run.info.problem.empty() ? run.evaluations.front().configuration.variant : run.info.problem;
  // An empty one is held against the size that is asked for, and refused.
  for (const auto& dim : run.info.dims) header["problem_size"].push_back(dim.value);
  // Beside what Kernel Tuner looks at.
  if (!run.info.scalars.empty()) header["scalars"] = scalars_object(run.info.scalars);
  header["tune_params_keys"] = parameters.names();
  header["tune_params"] = OrderedJson::object();
  for (const auto& name : parameters.names()) {
    auto& list = header["tune_params"][name] = OrderedJson::array();
    for (const auto& value : parameters.values(name, !run.info.declared.empty())) list.push_back(foreign_json(value));
  }
  header["objective"] = run.info.objective.is_time() ? "time" : run.info.objective.name;
  return header;
}

}  // namespace

std::string cache_key(const Configuration& configuration) {
  std::vector<std::string> names;
  for (const auto& value : configuration.values) names.push_back(value.name);
  return key_of(configuration.values, names);
}

Result<std::string> kernel_tuner_text(const Run& run) {
  if (run.evaluations.empty()) return bad_input("the run has no evaluation to export");
  const bool with_variant = several_variants(run);
  const Parameters parameters(run, with_variant);
  // One entry a line, as Kernel Tuner appends them.
  const OrderedJson header = header_of(run, parameters);
  std::string text = header.dump(0, ' ', false, OrderedJson::error_handler_t::replace);
  text.resize(text.size() - 2);
  text += ",\n\"cache\": {";
  bool first = true;
  for (const auto& evaluation : run.evaluations) {
    const auto values = flat(evaluation.configuration, with_variant);
    const auto& recorded = evaluation.measurement.recorded;
    const std::string key = recorded && !recorded->key.empty() ? recorded->key : key_of(values, parameters.names());
    text += first ? "\n" : ",\n";
    first = false;
    const auto dump = [](const OrderedJson& json) {
      return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    };
    text += dump(key) + ": " +
            dump(entry_of(evaluation, values, parameters.names(), header.at("objective").get<std::string>()));
  }
  return text + "}\n}\n";
}

}  // namespace fuseline::tuner
