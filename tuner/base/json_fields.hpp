// Members of JSON objects to and from C++ fields, for messages and stored records: bounded, and never throwing on what
// others wrote.
//
// read_value(view, field) is an overload set that each module extends for its own types; argument-dependent lookup
// finds them. JSON has no infinities nor NaN: they are written as the strings "inf", "-inf" and "nan" and read back
// (null reads as NaN too).
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tuner/base/boxed.hpp"
#include "tuner/base/json.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::tuner {

/// Most elements of one list or object that a message or record may have.
inline constexpr std::size_t kMaximumElements = std::size_t{1} << 20;

/// A number, or the string that stands for one that JSON cannot write.
[[nodiscard]] nlohmann::json real_json(double value);
[[nodiscard]] nlohmann::json reals_json(const std::vector<double>& values);
[[nodiscard]] nlohmann::json reals_json(const std::map<std::string, double>& values);
/// [["scale", 2.0], ["eps", 1e-05]]: in the order given.
[[nodiscard]] nlohmann::json named_reals_json(const std::vector<std::pair<std::string, double>>& values);
/// One line of text; bytes that are not UTF-8 become U+FFFD. Never throws.
[[nodiscard]] std::string dump_line(const nlohmann::json& json);

[[nodiscard]] Result<void> read_value(const JsonView& view, std::string& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, bool& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, double& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, int& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, std::int64_t& out);
[[nodiscard]] Result<void> read_value(const JsonView& view, std::uint64_t& out);  ///< std::size_t too.
[[nodiscard]] Result<void> read_value(const JsonView& view, std::pair<std::string, double>& out);

/// Fails unless `view` is an array (or, in the second, an object) of at most `maximum` elements.
[[nodiscard]] Result<void> check_array(const JsonView& view, std::size_t maximum = kMaximumElements);
[[nodiscard]] Result<void> check_object(const JsonView& view, std::size_t maximum = kMaximumElements);
/// The element at `index` of an array, or the member `name` of an object, which must exist.
[[nodiscard]] JsonView element(const JsonView& view, std::size_t index);
[[nodiscard]] JsonView member(const JsonView& view, const std::string& name);

template <class T>
[[nodiscard]] Result<void> read_value(const JsonView& view, std::vector<T>& out) {
  FUSELINE_CHECK(check_array(view));
  std::vector<T> values(view.json().size());
  for (std::size_t i = 0; i < values.size(); ++i) FUSELINE_CHECK(read_value(element(view, i), values[i]));
  out = std::move(values);
  return {};
}

template <class T>
[[nodiscard]] Result<void> read_value(const JsonView& view, std::map<std::string, T>& out) {
  FUSELINE_CHECK(check_object(view));
  std::map<std::string, T> values;
  for (const auto& item : view.json().items()) {
    FUSELINE_CHECK(
        read_value(JsonView(item.value(), view.file(), view.path() + json_step(item.key())), values[item.key()]));
  }
  out = std::move(values);
  return {};
}

template <class T>
[[nodiscard]] Result<void> read_value(const JsonView& view, std::optional<T>& out) {
  if (view.json().is_null()) {
    out.reset();
    return {};
  }
  T value{};
  FUSELINE_CHECK(read_value(view, value));
  out = std::move(value);
  return {};
}

template <class T>
[[nodiscard]] Result<void> read_value(const JsonView& view, Boxed<T>& out) {
  std::optional<T> value;
  FUSELINE_CHECK(read_value(view, value));
  out = std::move(value);
  return {};
}

/// Reads the members of one object into fields and keeps the first error. Unknown members are ignored.
class FieldReader {
 public:
  explicit FieldReader(const JsonView& view) : view_(view), result_(check_object(view)) {}

  /// A missing member leaves `out` as it is.
  template <class T>
  FieldReader& optional(const char* name, T& out) {
    if (result_ && view_.json().contains(name)) result_ = read_value(member(view_, name), out);
    return *this;
  }
  template <class T>
  FieldReader& required(const char* name, T& out) {
    if (result_ && !view_.json().contains(name)) result_ = view_.fail(std::string("member '") + name + "' is missing");
    return optional(name, out);
  }
  /// An enumeration by its text; `parse` returns an optional. A missing member leaves `out` as it is.
  template <class T, class Parse>
  FieldReader& named(const char* name, T& out, Parse parse) {
    std::string text;
    if (!result_ || !view_.json().contains(name)) return *this;
    optional(name, text);
    if (!result_) return *this;
    if (const auto value = parse(text)) {
      out = *value;
    } else {
      result_ = member(view_, name).fail("'" + printable(text.substr(0, 64)) + "' is not known here");
    }
    return *this;
  }
  [[nodiscard]] Result<void> result() const { return result_; }

 private:
  JsonView view_;
  Result<void> result_;
};

}  // namespace fuseline::tuner
