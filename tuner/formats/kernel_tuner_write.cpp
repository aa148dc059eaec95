#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {

namespace {

/// Stands for a parameter that a variant does not have.
constexpr const char* absent = "none";

/// Every parameter name of the run in the order of first use, with the values that occur.
struct Parameters {
  std::vector<std::string> names;
  std::map<std::string, std::set<Value>> values;

  void add(const std::string& name, const Value& value) {
    if (!values.contains(name)) names.push_back(name);
    values[name].insert(value);
  }
};

bool several_variants(const Run& run) {
  const auto& first = run.evaluations.front().configuration.variant;
  return std::any_of(run.evaluations.begin(), run.evaluations.end(),
                     [&](const Evaluation& e) { return e.configuration.variant != first; });
}

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

/// As Python's str() writes a value.
std::string python_text(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value.storage())) return *boolean ? "True" : "False";
  return std::holds_alternative<double>(value.storage()) ? value.to_json().dump() : value.to_string();
}

OrderedJson time_of(const Measurement& measurement) {
  switch (measurement.outcome) {
    case Outcome::ok:
      return measurement.time_ms.median;
    case Outcome::compile_error:
      return "CompilationFailedConfig";
    case Outcome::skipped:
      return "InvalidConfig";
    case Outcome::incorrect:
      return "IncorrectConfig";
    case Outcome::timeout:
      return "TimeoutConfig";
    case Outcome::launch_error:
    case Outcome::crashed:
      break;
  }
  return "RuntimeFailedConfig";
}

OrderedJson entry_of(const Evaluation& evaluation, const std::vector<NamedValue>& values,
                     const std::vector<std::string>& names) {
  const auto& measurement = evaluation.measurement;
  OrderedJson entry;
  for (const auto& name : names) entry[name] = OrderedJson(value_in(values, name).to_json());
  entry["time"] = time_of(measurement);
  const double samples_ms = std::accumulate(measurement.samples_ms.begin(), measurement.samples_ms.end(), 0.0);
  if (measurement.outcome == Outcome::ok) entry["times"] = measurement.samples_ms;
  // What the parts do not account for is the framework's, so that the parts add up to the cost.
  const double timed_ms = measurement.outcome == Outcome::ok ? samples_ms : 0;
  entry["compile_time"] = std::min(measurement.compile_ms, std::max(0.0, measurement.cost_s * 1000 - timed_ms));
  entry["verification_time"] = 0;
  entry["benchmark_time"] = timed_ms;
  entry["strategy_time"] = 0;
  entry["framework_time"] = std::max(0.0, measurement.cost_s * 1000 - timed_ms - entry["compile_time"].get<double>());
  return entry;
}

OrderedJson header_of(const Run& run, const Parameters& parameters) {
  OrderedJson header;
  header["device_name"] = run.info.device.name;
  header["kernel_name"] = run.info.problem.empty() ? run.evaluations.front().configuration.variant : run.info.problem;
  header["problem_size"] = OrderedJson::array();
  for (const auto& dim : run.info.dims) header["problem_size"].push_back(dim.value);
  // Beside what Kernel Tuner looks at.
  if (!run.info.scalars.empty()) header["scalars"] = scalars_object(run.info.scalars);
  header["tune_params_keys"] = parameters.names;
  header["tune_params"] = OrderedJson::object();
  for (const auto& name : parameters.names) {
    auto& list = header["tune_params"][name] = OrderedJson::array();
    for (const auto& value : parameters.values.at(name)) list.push_back(OrderedJson(value.to_json()));
  }
  header["objective"] = "time";
  return header;
}

}  // namespace

Result<std::string> kernel_tuner_text(const Run& run) {
  if (run.evaluations.empty()) return bad_input("the run has no evaluation to export");
  const bool with_variant = several_variants(run);
  Parameters parameters;
  for (const auto& evaluation : run.evaluations)
    for (const auto& [name, value] : flat(evaluation.configuration, with_variant)) parameters.add(name, value);
  // One entry a line, as Kernel Tuner appends them.
  std::string text = header_of(run, parameters).dump(0, ' ', false, OrderedJson::error_handler_t::replace);
  text.resize(text.size() - 2);
  text += ",\n\"cache\": {";
  bool first = true;
  for (const auto& evaluation : run.evaluations) {
    const auto values = flat(evaluation.configuration, with_variant);
    std::string key;
    for (const auto& name : parameters.names) key += (key.empty() ? "" : ",") + python_text(value_in(values, name));
    text += first ? "\n" : ",\n";
    first = false;
    const auto dump = [](const OrderedJson& json) {
      return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    };
    text += dump(key) + ": " + dump(entry_of(evaluation, values, parameters.names));
  }
  return text + "}\n}\n";
}

}  // namespace fuseline::tuner
