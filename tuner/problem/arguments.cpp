#include "tuner/problem/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<ArgumentSpec> read_named(const JsonView& view, const LaunchNames& names) {
  FUSELINE_TRY(name, view.string());
  if (has(names.buffers, name)) return ArgumentSpec{ArgumentKind::buffer, name};
  if (has(names.scalars, name)) return ArgumentSpec{ArgumentKind::f32, name};
  std::vector<std::string> known = names.buffers;
  known.insert(known.end(), names.scalars.begin(), names.scalars.end());
  return view.fail(
      fmt::format("unknown tensor, workspace or scalar \"{}\"{}", printable(name), known_names_hint(name, known)));
}

/// {"i32": "n"}
Result<ArgumentSpec> read_number(const JsonView& view, const LaunchNames& names) {
  if (view.json().size() != 1) return view.fail("an argument is one of i32, u32, i64, u64, f32 and f64");
  const std::string text = view.json().begin().key();
  const auto kind = argument_kind_from_string(text);
  if (!kind || *kind == ArgumentKind::buffer)
    return view.fail(fmt::format("there is no argument \"{}\"; known: i32, u32, i64, u64, f32, f64", printable(text)));
  FUSELINE_TRY(value, view.at(text));
  FUSELINE_CHECK(check_expression(value, names.expressions));
  FUSELINE_TRY(expression, read_expression(value));
  return ArgumentSpec{*kind, std::move(expression)};
}

/// A whole number as it is written: an expression's numbers are exact to 2^53 only.
std::optional<std::int64_t> literal(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::int64_t> resolve_integer(const ArgumentSpec& spec, const Scope& scope) {
  std::int64_t value = 0;
  if (const auto written = literal(spec.text)) {
    value = *written;
  } else {
    FUSELINE_TRY(worked_out, evaluate_integer(spec.text, scope, -(std::int64_t{1} << 53)));
    value = worked_out;
  }
  const IntegerRange range = integer_range(spec.kind);
  if (value < range.lowest || value > range.highest)
    return bad_input(
        "", "", fmt::format("\"{}\" is {}, which no {} can be", printable(spec.text), value, to_string(spec.kind)));
  return value;
}

Result<double> resolve_real(const ArgumentSpec& spec, const Scope& scope) {
  FUSELINE_TRY(value, evaluate(spec.text, scope));
  if (spec.kind == ArgumentKind::f32 && std::fabs(value) > double{std::numeric_limits<float>::max()})
    return bad_input("", "", fmt::format("\"{}\" is {}, which no f32 can be", printable(spec.text), value));
  return value;
}

Result<ResolvedArgument> resolve_argument(const ArgumentSpec& spec, const Scope& scope) {
  ResolvedArgument argument{spec.kind, spec.text, 0, 0};
  if (is_integer(spec.kind)) {
    FUSELINE_TRY(value, resolve_integer(spec, scope));
    argument.integer = value;
  } else if (spec.kind != ArgumentKind::buffer) {
    FUSELINE_TRY(value, resolve_real(spec, scope));
    argument.real = value;
  }
  return argument;
}

}  // namespace

Result<std::vector<ArgumentSpec>> read_arguments(const JsonView& list, const LaunchNames& names) {
  FUSELINE_TRY(count, list.array_size());
  std::vector<ArgumentSpec> arguments;
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(item, list.at(i));
    FUSELINE_TRY(argument, item.json().is_object() ? read_number(item, names) : read_named(item, names));
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

Result<std::vector<ResolvedArgument>> resolve_arguments(const std::vector<ArgumentSpec>& specs, const Scope& scope,
                                                        const std::string& file, const std::string& path) {
  std::vector<ResolvedArgument> arguments;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    Result<ResolvedArgument> argument = resolve_argument(specs[i], scope);
    if (!argument) return bad_input(file, fmt::format("{}/{}", path, i), argument.error().reason);
    arguments.push_back(std::move(*argument));
  }
  return arguments;
}

}  // namespace fuseline::tuner
