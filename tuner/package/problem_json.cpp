#include "tuner/package/problem_json.hpp"

#include <fmt/format.h>

#include "tuner/base/text.hpp"
#include "tuner/formats/parts.hpp"

namespace fuseline::tuner {
namespace {

/// "[a, b]" at the beginning of `text`, which is left after it. Empty where there is none.
std::optional<std::vector<std::string>> take_list(std::string_view& text) {
  const std::size_t end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  std::string_view inside = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = inside.find(',');
    const std::string_view part = trimmed(inside.substr(0, comma));
    if (part.empty()) return std::nullopt;
    parts.emplace_back(part);
    if (comma == std::string_view::npos) return parts;
    inside.remove_prefix(comma + 1);
  }
}

OrderedJson named_expressions(const std::vector<NamedExpression>& list) {
  OrderedJson json = OrderedJson::array();
  for (const NamedExpression& each : list) json.push_back({{"name", each.name}, {"value", each.text}});
  return json;
}

Result<OrderedJson> tensor_json(const Problem& problem, std::size_t index) {
  const TensorSpec& tensor = problem.tensors[index];
  const auto layout = tensor_layout(tensor.shape_text);
  if (!layout) {
    return bad_input(printable(problem.file.string()), fmt::format("/tensors/{}/shape", index),
                     fmt::format("a package finds dimensions by the shapes of tensors, and '{}' is none such as [N, C]",
                                 printable(tensor.shape_text)));
  }
  OrderedJson json = {{"name", tensor.name},
                      {"role", tensor.role == TensorRole::input ? "input" : "output"},
                      {"dtype", tensor.dtype},
                      {"shape", layout->shape},
                      {"elements", tensor.elements}};
  if (!layout->strides.empty()) json["strides"] = layout->strides;
  if (tensor.absolute_of_largest > 0) json["absolute_of_largest"] = tensor.absolute_of_largest;
  return json;
}

OrderedJson launch_json(const LaunchSpec& launch) {
  OrderedJson args = OrderedJson::array();
  for (const ArgumentSpec& argument : launch.args)
    args.push_back({{std::string(to_string(argument.kind)), argument.text}});
  return {{"kernel", launch.kernel},
          {"grid", launch.grid},
          {"block", launch.block},
          {"shared_bytes", launch.shared_bytes},
          {"cooperative", launch.cooperative},
          {"args", std::move(args)}};
}

}  // namespace

std::optional<TensorLayout> tensor_layout(std::string_view shape_text) {
  TensorLayout layout;
  std::string_view text = trimmed(shape_text);
  auto shape = take_list(text);
  if (!shape) return std::nullopt;
  layout.shape = std::move(*shape);
  text = trimmed(text);
  if (text.empty()) return layout;
  constexpr std::string_view kStrides = ", strides ";
  if (!text.starts_with(kStrides)) return std::nullopt;
  text.remove_prefix(kStrides.size());
  auto strides = take_list(text);
  if (!strides || strides->size() != layout.shape.size() || !trimmed(text).empty()) return std::nullopt;
  layout.strides = std::move(*strides);
  return layout;
}

std::string formula_file(const std::string& problem) { return fmt::format("sources/{}/torch.py", problem); }

std::filesystem::path formula_source(const Problem& problem) { return problem.kernel_folder / "torch.py"; }

Result<OrderedJson> problem_json(const Problem& problem) {
  OrderedJson dims = OrderedJson::array();
  for (const DimensionSpec& dim : problem.dims)
    dims.push_back({{"name", dim.name}, {"minimum", dim.minimum}, {"maximum", dim.maximum}});
  OrderedJson dtypes = OrderedJson::array();
  for (const Dtype dtype : problem.dtypes) dtypes.push_back(to_string(dtype));
  OrderedJson tensors = OrderedJson::array();
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    FUSELINE_TRY(tensor, tensor_json(problem, i));
    tensors.push_back(std::move(tensor));
  }
  OrderedJson tolerance = OrderedJson::object();
  for (const auto& [dtype, allowed] : problem.tolerance)
    tolerance[std::string(to_string(dtype))] = {{"absolute", allowed.absolute}, {"relative", allowed.relative}};
  OrderedJson json = {{"title", problem.title},
                      {"formula", problem.formula},
                      {"source", problem.source},
                      {"dims", std::move(dims)},
                      {"derived", named_expressions(problem.derived)},
                      {"requires", problem.requires_},
                      {"dtypes", std::move(dtypes)},
                      {"scalars", scalars_object(problem.scalars)},
                      {"tensors", std::move(tensors)},
                      {"tolerance", std::move(tolerance)}};
  std::error_code ignored;
  if (std::filesystem::exists(formula_source(problem), ignored)) json["torch"] = formula_file(problem.name);
  return json;
}

OrderedJson variant_json(const Variant& variant) {
  OrderedJson parameters = OrderedJson::array();
  for (const ParameterSpec& parameter : variant.parameters) {
    OrderedJson values = OrderedJson::array();
    for (const Value& value : parameter.full_values) values.push_back(OrderedJson(value.to_json()));
    parameters.push_back({{"name", parameter.name}, {"values", std::move(values)}});
  }
  OrderedJson constraints = OrderedJson::array();
  for (const ConstraintSpec& constraint : variant.constraints)
    constraints.push_back({{"require", constraint.text}, {"reason", constraint.reason}});
  OrderedJson workspace = OrderedJson::array();
  for (const WorkspaceSpec& each : variant.workspace) {
    workspace.push_back({{"name", each.name},
                         {"dtype", each.dtype},
                         {"elements", each.elements},
                         {"zero", std::string(to_string(each.zero))}});
  }
  OrderedJson launches = OrderedJson::array();
  for (const LaunchSpec& launch : variant.launches) launches.push_back(launch_json(launch));
  return {{"form", to_string(variant.form)},
          {"source", variant.source_name},
          {"parameters", std::move(parameters)},
          {"derived", named_expressions(variant.derived)},
          {"constraints", std::move(constraints)},
          {"minimum_compute_capability", variant.minimum_compute_capability},
          {"compile_options", variant.compile_options},
          {"workspace", std::move(workspace)},
          {"launches", std::move(launches)}};
}

}  // namespace fuseline::tuner
