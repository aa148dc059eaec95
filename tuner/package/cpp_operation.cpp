#include "tuner/package/cpp_operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

#include "tuner/base/text.hpp"
#include "tuner/base/types.hpp"
#include "tuner/package/cpp_expression.hpp"
#include "tuner/package/cpp_text.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/problem/kernel_source.hpp"

namespace fuseline::tuner {
namespace {

/// Names that every variant of a problem sees.
CppNames instance_names(const OrderedJson& problem) {
  CppNames names;
  const auto add = [&](const std::string& name) { names[name] = {"n." + name + "_", true}; };
  for (const OrderedJson& dim : problem.at("dims")) add(member_text(dim, "name"));
  for (const auto& scalar : problem.at("scalars").items()) add(scalar.key());
  add("dtype_bytes");
  add("dtype");
  for (const auto& [name, value] : dtype_constants()) names[name] = {cpp_real(value), false};
  return names;
}

void add_device(CppNames& names) {
  for (const char* limit :
       {"compute_capability", "sm_count", "max_threads_per_block", "max_threads_per_sm", "max_blocks_per_sm",
        "shared_bytes_per_block", "shared_bytes_per_sm", "registers_per_sm", "l2_bytes"})
    names[std::string("device.") + limit] = {std::string("given.device.") + limit, false};
}

/// The body of one function: statements that end it where something does not fit.
class Body {
 public:
  explicit Body(CppNames& names) : names_(names) {}

  /// out.STEP(BEFORE EXPRESSION, AFTER), or its text where it is one.
  Result<void> step(const std::string& call, const std::string& expression, const std::string& after = "") {
    FUSELINE_TRY(translated, cpp_expression(expression, names_));
    text_ += fmt::format("  if (!out.{}{}{}, {})) return{};\n", call, translated, after, cpp_quoted(expression), end_);
    return {};
  }
  Result<void> meets(const std::string& expression, const std::string& reason) {
    FUSELINE_TRY(translated, cpp_expression(expression, names_));
    text_ += fmt::format("  if (!out.meets({}, {}, {})) return{};\n", translated, cpp_quoted(expression),
                         cpp_quoted(reason), end_);
    return {};
  }
  void line(const std::string& statement) { text_ += "  " + statement + "\n"; }
  /// What a return gives.
  void returns(const std::string& value) { end_ = " " + value; }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  CppNames& names_;
  std::string text_;
  std::string end_;
};

/// NAME_sizes_of(): dims, scalars and what follows from them.
Result<std::string> instance_text(const std::string& name, const OrderedJson& problem, CppNames& names) {
  std::string members;
  Body body(names);
  body.returns("false");
  std::size_t position = 0;
  const auto member = [&](const std::string& each) { members += fmt::format("  Number {}_;\n", each); };
  for (const OrderedJson& dim : problem.at("dims")) {
    member(member_text(dim, "name"));
    body.line(fmt::format("n.{}_ = static_cast<double>(given.dims[{}]);", member_text(dim, "name"), position++));
  }
  position = 0;
  for (const auto& scalar : problem.at("scalars").items()) {
    member(scalar.key());
    body.line(fmt::format("n.{}_ = given.scalars[{}];", scalar.key(), position++));
  }
  member("dtype_bytes");
  body.line("n.dtype_bytes_ = given.dtype_bytes;");
  member("dtype");
  body.line("n.dtype_ = given.dtype;");
  for (const OrderedJson& derived : problem.at("derived")) {
    const std::string each = member_text(derived, "name");
    member(each);
    FUSELINE_CHECK(body.step(fmt::format("whole(n.{}_, 0, ", each), member_text(derived, "value")));
    names[each] = {fmt::format("n.{}_", each), true};
  }
  for (const OrderedJson& required : problem.at("requires")) {
    const auto text = required.get<std::string>();
    FUSELINE_CHECK(body.meets(text, fmt::format("\"{}\" is not met", text)));
  }
  return fmt::format(
      "struct {0}_values {{\n{1}}};\n\n"
      "bool {0}_instance([[maybe_unused]] const Case& given, [[maybe_unused]] Resolution& out, {0}_values& n) {{\n{2}"
      "  return true;\n}}\n\n"
      "void {0}_check(const Case& given, Resolution& out) {{\n  {0}_values n;\n"
      "  if ({0}_instance(given, out, n)) out.done();\n}}\n\n",
      name, members, body.text());
}

Result<void> add_argument(Body& body, const OrderedJson& argument, const std::vector<std::string>& buffers) {
  const auto item = argument.items().begin();
  const auto text = item.value().get<std::string>();
  if (item.key() == "buffer") {
    const auto found = std::find(buffers.begin(), buffers.end(), text);
    if (found == buffers.end())
      return bad_input(fmt::format("the argument '{}' is no tensor or workspace", printable(text)));
    body.line(fmt::format("if (!out.buffer({})) return;  // {}", found - buffers.begin(), text));
    return {};
  }
  const auto kind = argument_kind_from_string(item.key());
  if (!kind) return bad_input(fmt::format("there is no argument of kind '{}'", printable(item.key())));
  // As it is written: an expression's numbers are exact to 2^53 only.
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (is_integer(*kind) && code == std::errc() && end == text.data() + text.size()) {
    // C++ has no literal of the least number.
    const bool least = number == std::numeric_limits<std::int64_t>::min();
    body.line(fmt::format("if (!out.literal(Kind::{}, {}LL{})) return;", item.key(), least ? number + 1 : number,
                          least ? " - 1" : ""));
    return {};
  }
  return body.step(fmt::format("{}(Kind::{}, ", is_integer(*kind) ? "integer" : "real", item.key()), text);
}

Result<void> add_launch(Body& body, const OrderedJson& launch, const std::vector<std::string>& buffers) {
  body.line(fmt::format("out.launch({});  // {}", launch.at("cooperative").get<bool>(),
                        printable(member_text(launch, "kernel"))));
  for (const char* extent : {"grid", "block"}) {
    int axis = 0;
    for (const OrderedJson& each : launch.at(extent))
      FUSELINE_CHECK(body.step(fmt::format("{}({}, ", extent, axis++), each.get<std::string>()));
  }
  FUSELINE_CHECK(body.step("shared(", member_text(launch, "shared_bytes")));
  for (const OrderedJson& argument : launch.at("args")) FUSELINE_CHECK(add_argument(body, argument, buffers));
  return {};
}

Result<void> add_workspace(Body& body, const OrderedJson& workspace) {
  const std::string dtype = member_text(workspace, "dtype");
  const auto known = dtype_from_string(dtype);
  const std::string bytes = dtype == "T" || !known ? "given.dtype_bytes" : fmt::format("{}.0", dtype_bytes(*known));
  const bool zeroed = member_text(workspace, "zero") != "never";
  return body.step("scratch(", member_text(workspace, "elements"), fmt::format(", {}, {}", bytes, zeroed));
}

void add_parameters(Body& body, const OrderedJson& variant, CppNames& names) {
  std::size_t position = 0;
  for (const OrderedJson& parameter : variant.at("parameters")) {
    const std::string name = member_text(parameter, "name");
    body.line(fmt::format("[[maybe_unused]] const Number {}_ = given.parameters[{}];", name, position++));
    names[name] = {name + "_", true};
    std::size_t place = 0;
    for (const OrderedJson& value : parameter.at("values")) {
      if (value.is_string())
        names[name + "." + value.get<std::string>()] = {cpp_real(static_cast<double>(place)), false};
      ++place;
    }
  }
}

std::vector<std::string> buffers_of(const OrderedJson& problem, const OrderedJson& variant) {
  std::vector<std::string> buffers;
  for (const char* role : {"input", "output"}) {
    for (const OrderedJson& tensor : problem.at("tensors")) {
      if (tensor.at("role") == role) buffers.push_back(member_text(tensor, "name"));
    }
  }
  for (const OrderedJson& workspace : variant.at("workspace")) buffers.push_back(member_text(workspace, "name"));
  return buffers;
}

Result<std::string> variant_text(const std::string& problem_name, const OrderedJson& problem,
                                 const std::string& variant_name, const OrderedJson& variant, CppNames names,
                                 const std::vector<CppMacro>& macros) {
  add_device(names);
  Body body(names);
  body.line(fmt::format("{}_values n;", problem_name));
  body.line(fmt::format("if (!{}_instance(given, out, n)) return;", problem_name));
  if (const double least = variant.at("minimum_compute_capability").get<double>(); least > 0)
    body.line(fmt::format("if (!out.needs_capability({})) return;", cpp_real(least)));
  add_parameters(body, variant, names);
  for (const OrderedJson& derived : variant.at("derived")) {
    const std::string each = member_text(derived, "name");
    body.line(fmt::format("Number {}_;", each));
    FUSELINE_CHECK(body.step(fmt::format("value({}_, ", each), member_text(derived, "value")));
    names[each] = {each + "_", true};
  }
  const std::vector<std::string> buffers = buffers_of(problem, variant);
  for (const OrderedJson& launch : variant.at("launches")) FUSELINE_CHECK(add_launch(body, launch, buffers));
  body.line("if (!out.within_limits()) return;");
  for (const OrderedJson& constraint : variant.at("constraints"))
    FUSELINE_CHECK(body.meets(member_text(constraint, "require"), member_text(constraint, "reason")));
  for (const OrderedJson& workspace : variant.at("workspace")) FUSELINE_CHECK(add_workspace(body, workspace));
  for (const CppMacro& macro : macros) body.line(fmt::format("out.macro({});  // {}", macro.value, macro.name));
  body.line("out.done();");
  return fmt::format("void {}_in_{}(const Case& given, Resolution& out) {{\n{}}}\n\n", problem_name, variant_name,
                     body.text());
}

}  // namespace

std::vector<CppMacro> cpp_macros(const OrderedJson& problem, const OrderedJson& variant) {
  std::vector<CppMacro> macros;
  const auto add = [&](const char* prefix, const std::string& name, const char* kind, const char* scope) {
    macros.push_back({prefix + name, kind, {}, scope + name + "_"});
  };
  for (const OrderedJson& dim : problem.at("dims")) add("DIM_", member_text(dim, "name"), "whole", "n.");
  for (const OrderedJson& derived : problem.at("derived")) add("DIM_", member_text(derived, "name"), "whole", "n.");
  for (const auto& scalar : problem.at("scalars").items()) add("SCALAR_", scalar.key(), "real", "n.");
  for (const OrderedJson& parameter : variant.at("parameters")) {
    const OrderedJson& values = parameter.at("values");
    const auto any = [&](auto is) { return std::any_of(values.begin(), values.end(), is); };
    const bool word = any([](const OrderedJson& value) { return value.is_string(); });
    const bool real = any([](const OrderedJson& value) { return value.is_number_float(); });
    add("PARAM_", member_text(parameter, "name"), word ? "word" : real ? "either" : "whole", "");
    if (word) {
      for (const OrderedJson& value : values) macros.back().words.push_back(value.get<std::string>());
    }
  }
  for (const OrderedJson& derived : variant.at("derived")) add("DERIVED_", member_text(derived, "name"), "either", "");
  return macros;
}

Result<double> cpp_parameter(const OrderedJson& parameter, const OrderedJson& value) {
  const OrderedJson& values = parameter.at("values");
  const auto found = std::find(values.begin(), values.end(), value);
  if (found == values.end()) {
    return bad_input(fmt::format("the parameter {} has no value {}", printable(member_text(parameter, "name")),
                                 printable(value.dump())));
  }
  if (value.is_string()) return static_cast<double>(found - values.begin());
  return value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0) : value.get<double>();
}

Result<std::string> cpp_operation(const std::string& name, const OrderedJson& problem,
                                  const std::map<std::string, std::vector<CppMacro>>& macros) {
  CppNames names = instance_names(problem);
  std::string text = fmt::format("// {}\n\n", name);
  FUSELINE_TRY(instance, instance_text(name, problem, names));
  text += instance;
  for (const auto& variant : problem.at("variants").items()) {
    FUSELINE_TRY(of_variant,
                 variant_text(name, problem, variant.key(), variant.value(), names, macros.at(variant.key())));
    text += of_variant;
  }
  return text;
}

}  // namespace fuseline::tuner
