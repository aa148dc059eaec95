#include "tuner/base/json_fields.hpp"

#include <fmt/format.h>

#include <limits>

namespace fuseline::tuner {
namespace {

std::optional<double> special_number(const std::string& text) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "inf") return kInfinity;
  if (text == "-inf") return -kInfinity;
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

}  // namespace

nlohmann::json real_json(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

nlohmann::json reals_json(const std::vector<double>& values) {
  auto json = nlohmann::json::array();
  for (const double value : values) json.push_back(real_json(value));
  return json;
}

nlohmann::json reals_json(const std::map<std::string, double>& values) {
  auto json = nlohmann::json::object();
  for (const auto& [name, value] : values) json[name] = real_json(value);
  return json;
}

nlohmann::json named_reals_json(const std::vector<std::pair<std::string, double>>& values) {
  auto json = nlohmann::json::array();
  for (const auto& [name, value] : values) json.push_back(nlohmann::json::array({name, real_json(value)}));
  return json;
}

std::string dump_line(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> read_value(const JsonView& view, std::string& out) {
  if (!view.json().is_string()) return view.fail("expected a string");
  out = view.json().get_ref<const std::string&>();
  return {};
}

Result<void> read_value(const JsonView& view, bool& out) {
  if (!view.json().is_boolean()) return view.fail("expected true or false");
  out = view.json().get<bool>();
  return {};
}

Result<void> read_value(const JsonView& view, double& out) {
  const auto& json = view.json();
  if (json.is_number()) {
    out = json.get<double>();
    return {};
  }
  if (json.is_null()) {
    out = std::numeric_limits<double>::quiet_NaN();
    return {};
  }
  const auto special = json.is_string() ? special_number(json.get_ref<const std::string&>()) : std::nullopt;
  if (!special) return view.fail("expected a number");
  out = *special;
  return {};
}

Result<void> read_value(const JsonView& view, std::int64_t& out) {
  const auto& json = view.json();
  if (!json.is_number_integer()) return view.fail("expected an integer");
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return view.fail("integer out of range");
  }
  out = json.get<std::int64_t>();
  return {};
}

Result<void> read_value(const JsonView& view, std::uint64_t& out) {
  const auto& json = view.json();
  if (!json.is_number_integer()) return view.fail("expected an integer");
  if (!json.is_number_unsigned() && json.get<std::int64_t>() < 0)
    return view.fail("expected an integer that is not negative");
  out = json.get<std::uint64_t>();
  return {};
}

Result<void> read_value(const JsonView& view, int& out) {
  std::int64_t value = 0;
  FUSELINE_CHECK(read_value(view, value));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
    return view.fail("integer out of range");
  out = static_cast<int>(value);
  return {};
}

Result<void> read_value(const JsonView& view, std::pair<std::string, double>& out) {
  FUSELINE_CHECK(check_array(view, 2));
  if (view.json().size() != 2) return view.fail("expected a name and a number");
  FUSELINE_CHECK(read_value(element(view, 0), out.first));
  return read_value(element(view, 1), out.second);
}

Result<void> check_array(const JsonView& view, std::size_t maximum) {
  if (!view.json().is_array()) return view.fail("expected an array");
  if (view.json().size() > maximum)
    return view.fail(fmt::format("{} elements, more than the {} allowed", view.json().size(), maximum));
  return {};
}

Result<void> check_object(const JsonView& view, std::size_t maximum) {
  if (!view.json().is_object()) return view.fail("expected an object");
  if (view.json().size() > maximum)
    return view.fail(fmt::format("{} members, more than the {} allowed", view.json().size(), maximum));
  return {};
}

JsonView element(const JsonView& view, std::size_t index) {
  return {view.json()[index], view.file(), fmt::format("{}/{}", view.path(), index)};
}

JsonView member(const JsonView& view, const std::string& name) {
  return {view.json().at(name), view.file(), view.path() + "/" + name};
}

}  // namespace fuseline::tuner
