#include "tuner/base/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "tuner/base/enum_names.hpp"

namespace fuseline::tuner {
namespace {

constexpr EnumNames<Dtype, 8> dtype_names{{{Dtype::f32, "f32"},
                                           {Dtype::f16, "f16"},
                                           {Dtype::bf16, "bf16"},
                                           {Dtype::f64, "f64"},
                                           {Dtype::i32, "i32"},
                                           {Dtype::i64, "i64"},
                                           {Dtype::u64, "u64"},
                                           {Dtype::u8, "u8"}}};

constexpr EnumNames<Outcome, 7> outcome_names{{{Outcome::ok, "ok"},
                                               {Outcome::compile_error, "compile_error"},
                                               {Outcome::launch_error, "launch_error"},
                                               {Outcome::incorrect, "incorrect"},
                                               {Outcome::timeout, "timeout"},
                                               {Outcome::crashed, "crashed"},
                                               {Outcome::skipped, "skipped"}}};

constexpr EnumNames<Predecessor, 4> predecessor_names{{{Predecessor::unsettled, "unsettled"},
                                                       {Predecessor::clean, "clean"},
                                                       {Predecessor::producer, "producer"},
                                                       {Predecessor::itself, "itself"}}};

/// Shortest text that reads back as the same double, and as a double: 2.0 is not 2.
std::string double_text(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string_view to_string(Dtype dtype) { return enum_name(dtype_names, dtype); }
std::optional<Dtype> dtype_from_string(std::string_view text) { return enum_value(dtype_names, text); }

std::int64_t dtype_bytes(Dtype dtype) {
  switch (dtype) {
    case Dtype::f64:
    case Dtype::i64:
    case Dtype::u64:
      return 8;
    case Dtype::f32:
    case Dtype::i32:
      return 4;
    case Dtype::f16:
    case Dtype::bf16:
      return 2;
    case Dtype::u8:
      return 1;
  }
  return 0;
}

std::string_view to_string(Outcome outcome) { return enum_name(outcome_names, outcome); }
std::optional<Outcome> outcome_from_string(std::string_view text) { return enum_value(outcome_names, text); }

std::string_view to_string(Predecessor predecessor) { return enum_name(predecessor_names, predecessor); }
std::optional<Predecessor> predecessor_from_string(std::string_view text) {
  return enum_value(predecessor_names, text);
}

std::optional<double> Value::number() const {
  return std::visit(
      [](const auto& v) -> std::optional<double> {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, SharedText>) {
          return std::nullopt;
        } else {
          return static_cast<double>(v);
        }
      },
      storage_);
}

std::string Value::to_string() const {
  return std::visit(
      [](const auto& v) -> std::string {
        using Held = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<Held, SharedText>) {
          return v;
        } else if constexpr (std::is_same_v<Held, bool>) {
          return v ? "true" : "false";
        } else if constexpr (std::is_same_v<Held, double>) {
          return double_text(v);
        } else {
          return std::to_string(v);
        }
      },
      storage_);
}

nlohmann::json Value::to_json() const {
  return std::visit(
      [](const auto& v) {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, SharedText>) {
          return nlohmann::json(v.str());
        } else {
          return nlohmann::json(v);
        }
      },
      storage_);
}

std::optional<Value> Value::from_json(const nlohmann::json& json) {
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_string()) return Value(json.get<std::string>());
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Value(json.get<double>());
  }
  if (json.is_number_integer()) return Value(json.get<std::int64_t>());
  if (json.is_number_float()) return Value(json.get<double>());
  return std::nullopt;
}

std::string Configuration::key() const {
  std::string text = variant;
  for (const NamedValue& entry : values) {
    if (!text.empty()) text += ' ';
    text += entry.name + "=" + entry.value.to_string();
  }
  return text;
}

const NamedValue* Configuration::find(const std::string& parameter) const {
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const NamedValue& each) { return each.name == parameter; });
  return found == values.end() ? nullptr : &*found;
}

nlohmann::json Configuration::values_json() const {
  nlohmann::json json = nlohmann::json::object();
  for (const NamedValue& entry : values) json[entry.name.str()] = entry.value.to_json();
  return json;
}

}  // namespace fuseline::tuner
