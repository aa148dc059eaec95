#include "tuner/package/cpp_example.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "tuner/base/types.hpp"
#include "tuner/package/cpp_expression.hpp"
#include "tuner/package/cpp_text.hpp"
#include "tuner/problem/expression.hpp"
#include "tuner/problem/instance.hpp"

namespace fuseline::tuner {
namespace {

/// Entries of one problem, dtype, shape and set of scalars: they differ in their device.
using Place = std::vector<const OrderedJson*>;

std::vector<Place> places_of(const OrderedJson& wisdom) {
  std::vector<Place> places;
  for (const OrderedJson& entry : wisdom.at("entries")) {
    const auto same = [&](const char* member) { return entry.at(member) == places.back().front()->at(member); };
    if (!places.empty() && same("problem") && same("dtype") && same("dims") && same("scalars")) {
      places.back().push_back(&entry);
    } else {
      places.push_back({&entry});
    }
  }
  return places;
}

Result<std::string> tensor_text(const OrderedJson& tensor, const Scope& scope, const std::string& dtype) {
  const std::string name = member_text(tensor, "dtype") == "T" ? dtype : member_text(tensor, "dtype");
  FUSELINE_TRY(elements, evaluate_integer(member_text(tensor, "elements"), scope));
  const auto known = dtype_from_string(name);
  const bool real = name == "f32" || name == "f16" || name == "bf16" || name == "f64";
  return fmt::format("{{{}, {}, {}, Element::{}, {}}}", cpp_quoted(member_text(tensor, "name")),
                     tensor.at("role") == "output", elements, real ? name : "whole", known ? dtype_bytes(*known) : 1);
}

Result<Scope> scope_of(const OrderedJson& problem, const OrderedJson& entry) {
  Scope scope;
  for (const auto& dim : entry.at("dims").items()) scope[dim.key()] = dim.value().get<double>();
  for (const auto& scalar : entry.at("scalars").items()) scope[scalar.key()] = scalar.value().get<double>();
  const auto dtype = dtype_from_string(member_text(entry, "dtype"));
  if (dtype) add_dtype(scope, *dtype);
  for (const OrderedJson& derived : problem.at("derived")) {
    FUSELINE_TRY(value, evaluate(member_text(derived, "value"), scope));
    scope[member_text(derived, "name")] = value;
  }
  return scope;
}

Result<std::string> function_text(const std::string& function, const Place& place, const OrderedJson& problem) {
  const OrderedJson& entry = *place.front();
  const std::string name = member_text(entry, "problem");
  const std::string dtype = member_text(entry, "dtype");
  FUSELINE_TRY(scope, scope_of(problem, entry));
  std::vector<std::string> tensors, pointers, dims, scalars, measured;
  for (const OrderedJson* tensor : cpp_tensors(problem)) {
    FUSELINE_TRY(text, tensor_text(*tensor, scope, dtype));
    pointers.push_back(fmt::format("t[{}]", tensors.size()));
    tensors.push_back(std::move(text));
  }
  for (const OrderedJson& dim : problem.at("dims"))
    dims.push_back(std::to_string(entry.at("dims").at(member_text(dim, "name")).get<std::int64_t>()));
  for (const auto& scalar : problem.at("scalars").items())
    scalars.push_back(cpp_real(entry.at("scalars").at(scalar.key()).get<double>()));
  for (const OrderedJson* each : place) {
    if (!each->at("measured").get<bool>()) continue;
    measured.push_back(fmt::format("{{{}, {}}}", cpp_quoted(member_text(each->at("device"), "name")),
                                   cpp_real(each->at("time_ms").get<double>())));
  }
  const std::string last = scalars.empty() ? "" : ", scalars";
  std::string text = fmt::format("bool {}(example::Gpu& gpu, double percent) {{\n", function);
  text += fmt::format("  const fuseline_package::{}_sizes sizes = {{{}}};\n", name, fmt::join(dims, ", "));
  if (!scalars.empty())
    text += fmt::format("  const fuseline_package::{}_scalars scalars = {{{}}};\n", name, fmt::join(scalars, ", "));
  text += fmt::format("  example::Case each;\n  each.name = {};\n  each.tensors = {{{}}};\n  each.measured = {{{}}};\n",
                      cpp_quoted(fmt::format("{} {} {}", name, dtype, cpp_sizes_text(entry.at("dims")))),
                      fmt::join(tensors, ",\n                  "), fmt::join(measured, ", "));
  text += fmt::format(
      "  each.prepare = [&](Chosen* chosen) {{\n"
      "    return fuseline_package::{0}_prepare(sizes, Dtype::{1}, chosen{2});\n  }};\n"
      "  each.run = [&](void* const* t, Workspace workspace, Stream stream) {{\n"
      "    return fuseline_package::{0}({3}, sizes, Dtype::{1}, stream, workspace{2});\n  }};\n"
      "  return gpu.show(each, percent);\n}}\n\n",
      name, dtype, last, fmt::join(pointers, ", "));
  return text;
}

}  // namespace

Result<std::string> cpp_example(const OrderedJson& wisdom) {
  std::string text =
      R"(// Runs every operation of fuseline_package at the shapes that were tuned, and prints a line for each:
//   example [PERCENT]
// Ends with 1 where something is wrong, or where a time is further than PERCENT from the one that was measured on this
// GPU when it was tuned; with 77 where there is no GPU.
)"
      // Not in the raw literal: there they would be taken for includes of this tree.
      "#include \"fuseline_package.hpp\"\n\n#include <cstdio>\n#include <cstdlib>\n\n"
      "#include \"example_support.hpp\"\n"
      R"(
namespace {

using example::Element;
using fuseline_package::Chosen;
using fuseline_package::Dtype;
using fuseline_package::Stream;
using fuseline_package::Workspace;

)";
  std::string calls;
  std::size_t number = 0;
  for (const Place& place : places_of(wisdom)) {
    const OrderedJson& entry = *place.front();
    const std::string function =
        fmt::format("{}_{}_{}", member_text(entry, "problem"), member_text(entry, "dtype"), number++);
    FUSELINE_TRY(made, function_text(function, place, wisdom.at("problems").at(member_text(entry, "problem"))));
    text += made;
    calls += fmt::format("  good = {}(gpu, percent) && good;\n", function);
  }
  return text + fmt::format(R"(}}  // namespace

int main(int argc, char** argv) {{
  const double percent = argc > 1 ? std::strtod(argv[1], nullptr) : -1;
  example::Gpu gpu;
  if (!gpu.open()) return 77;
  std::printf("%s\n", gpu.name());
  bool good = true;
{}  return good ? 0 : 1;
}}
)",
                            calls);
}

}  // namespace fuseline::tuner
