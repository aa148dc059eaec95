#include "tuner/mcp/arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner::mcp {
namespace {

OrderedJson array_of(OrderedJson items) { return {{"type", "array"}, {"items", std::move(items)}}; }
OrderedJson object_of(OrderedJson values) { return {{"type", "object"}, {"additionalProperties", std::move(values)}}; }

OrderedJson type_schema(ArgumentType type) {
  OrderedJson text = {{"type", "string"}}, whole = {{"type", "integer"}};
  const OrderedJson value = {{"type", {"string", "number", "boolean"}}};
  switch (type) {
    case ArgumentType::string:
      return text;
    case ArgumentType::string_or_integer:
      return {{"type", {"string", "integer"}}};
    case ArgumentType::integer:
      return whole;
    case ArgumentType::boolean:
      return {{"type", "boolean"}};
    case ArgumentType::strings:
      return array_of(text);
    case ArgumentType::integers:
      return array_of(whole);
    case ArgumentType::integers_by_name:
      return object_of(whole);
    case ArgumentType::numbers_by_name:
      return object_of({{"type", "number"}});
    case ArgumentType::values_by_name:
      return object_of({{"type", {"string", "number", "boolean", "array"}}, {"items", value}});
  }
  return text;
}

bool is_whole(const OrderedJson& json) {
  return json.is_number_integer() &&
         (!json.is_number_unsigned() ||
          json.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}
bool is_small(const OrderedJson& json) {
  return is_whole(json) && json.get<std::int64_t>() >= std::numeric_limits<int>::min() &&
         json.get<std::int64_t>() <= std::numeric_limits<int>::max();
}
bool is_value(const OrderedJson& json) { return json.is_string() || json.is_boolean() || json.is_number(); }

template <class Predicate>
bool all(const OrderedJson& json, const Predicate& holds) {
  return std::all_of(json.begin(), json.end(), holds);
}

/// What the argument must be; empty where it is.
std::string mismatch(const OrderedJson& json, ArgumentType type) {
  const auto say = [](bool holds, const char* wanted) { return holds ? std::string() : std::string(wanted); };
  switch (type) {
    case ArgumentType::string:
      return say(json.is_string(), "a string");
    case ArgumentType::string_or_integer:
      return say(json.is_string() || is_whole(json), "a string or an integer");
    case ArgumentType::integer:
      return say(is_whole(json), "an integer");
    case ArgumentType::boolean:
      return say(json.is_boolean(), "true or false");
    case ArgumentType::strings:
      return say(json.is_array() && all(json, [](const auto& each) { return each.is_string(); }),
                 "an array of strings");
    case ArgumentType::integers:
      return say(json.is_array() && all(json, is_small), "an array of integers");
    case ArgumentType::integers_by_name:
      return say(json.is_object() && all(json, is_whole), "an object of integers, such as {\"N\": 32}");
    case ArgumentType::numbers_by_name:
      return say(json.is_object() && all(json, [](const auto& each) { return each.is_number(); }),
                 "an object of numbers, such as {\"eps\": 1e-6}");
    case ArgumentType::values_by_name:
      return say(json.is_object() && all(json,
                                         [](const auto& each) {
                                           return is_value(each) ||
                                                  (each.is_array() && !each.empty() && all(each, is_value));
                                         }),
                 "an object of values or of arrays of values, such as {\"block\": [128, 256]}");
  }
  return "";
}

std::string value_text(const OrderedJson& json) {
  const auto value = Value::from_json(nlohmann::json(json));
  return value ? value->to_string() : "";
}

Result<void> check_argument(const std::string& name, const OrderedJson& value, const ArgumentSpec& spec) {
  if (const std::string wanted = mismatch(value, spec.type); !wanted.empty())
    return argument_error(name, fmt::format("must be {}, and is {}", wanted, value.type_name()));
  if (spec.choices.empty()) return {};
  const std::string chosen = value.get<std::string>();
  if (std::find(spec.choices.begin(), spec.choices.end(), chosen) != spec.choices.end()) return {};
  return argument_error(name, fmt::format("'{}' is none of {}", printable(chosen), fmt::join(spec.choices, ", ")));
}

}  // namespace

OrderedJson input_schema(const std::vector<ArgumentSpec>& specs) {
  OrderedJson schema;
  schema["type"] = "object";
  schema["properties"] = OrderedJson::object();
  OrderedJson required = OrderedJson::array();
  for (const ArgumentSpec& spec : specs) {
    OrderedJson property = type_schema(spec.type);
    property["description"] = spec.description;
    if (!spec.choices.empty()) property["enum"] = spec.choices;
    schema["properties"][spec.name] = std::move(property);
    if (spec.required) required.push_back(spec.name);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Result<Arguments> Arguments::read(const OrderedJson& json, const std::vector<ArgumentSpec>& specs) {
  if (!json.is_object()) return bad_input("arguments", "", "must be an object");
  Arguments arguments;
  std::vector<std::string> names;
  names.reserve(specs.size());
  for (const ArgumentSpec& spec : specs) names.push_back(spec.name);
  for (const auto& [name, value] : json.items()) {
    const auto spec =
        std::find_if(specs.begin(), specs.end(), [&n = name](const auto& each) { return each.name == n; });
    if (spec == specs.end()) {
      const auto close = closest(name, names);
      return argument_error(
          name, close.empty() ? fmt::format("there is none of that name; there are {}", fmt::join(names, ", "))
                              : fmt::format("there is none of that name; did you mean {}?", fmt::join(close, " or ")));
    }
    if (value.is_null()) continue;
    FUSELINE_CHECK(check_argument(name, value, *spec));
    arguments.json_[name] = value;
  }
  for (const ArgumentSpec& spec : specs) {
    if (spec.required && !arguments.has(spec.name)) return argument_error(spec.name, "is needed");
  }
  return arguments;
}

std::string Arguments::string(const std::string& name, const std::string& fallback) const {
  if (!has(name)) return fallback;
  const OrderedJson& json = json_.at(name);
  return json.is_string() ? json.get<std::string>() : json.dump();
}

std::int64_t Arguments::integer(const std::string& name, std::int64_t fallback) const {
  return has(name) ? json_.at(name).get<std::int64_t>() : fallback;
}

bool Arguments::boolean(const std::string& name, bool fallback) const {
  return has(name) ? json_.at(name).get<bool>() : fallback;
}

std::vector<std::string> Arguments::strings(const std::string& name) const {
  return has(name) ? json_.at(name).get<std::vector<std::string>>() : std::vector<std::string>();
}

std::vector<int> Arguments::integers(const std::string& name) const {
  return has(name) ? json_.at(name).get<std::vector<int>>() : std::vector<int>();
}

std::vector<Dimension> Arguments::dimensions(const std::string& name) const {
  std::vector<Dimension> list;
  if (!has(name)) return list;
  for (const auto& [dimension, value] : json_.at(name).items()) list.push_back({dimension, value.get<std::int64_t>()});
  return list;
}

Scalars Arguments::scalars(const std::string& name) const {
  Scalars list;
  if (!has(name)) return list;
  for (const auto& [scalar, value] : json_.at(name).items()) list.emplace_back(scalar, value.get<double>());
  return list;
}

std::map<std::string, std::vector<std::string>> Arguments::values(const std::string& name) const {
  std::map<std::string, std::vector<std::string>> values;
  if (!has(name)) return values;
  for (const auto& [parameter, value] : json_.at(name).items()) {
    auto& texts = values[parameter];
    if (!value.is_array()) texts.push_back(value_text(value));
    for (const OrderedJson& each : value.is_array() ? value : OrderedJson::array()) texts.push_back(value_text(each));
  }
  return values;
}

tl::unexpected<Error> argument_error(const std::string& name, std::string reason) {
  return bad_input(fmt::format("argument '{}'", printable(name)), "", std::move(reason));
}

Error as_argument_error(Error error) {
  if (error.file.rfind("--", 0) != 0) return error;
  std::string name = error.file.substr(2);
  for (const char* several : {"dim", "param", "scalar", "variant"}) {
    if (name == several) name += "s";
  }
  error.file = fmt::format("argument '{}'", name);
  return error;
}

}  // namespace fuseline::tuner::mcp
