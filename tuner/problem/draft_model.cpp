#include "tuner/problem/draft_model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

/// What elements a pointer is to; of vectors of such too. Empty: of no tensor.
KernelType element_type(const KernelParameter& pointer) {
  const KernelType& type = pointer.type;
  if (is_floating_element(type) || type == "f64" || type == "i32" || type == "u8") return type;
  constexpr std::array<std::pair<std::string_view, const char*>, 4> kVectors = {
      {{"float4", "f32"}, {"float2", "f32"}, {"bfloat162", "bf16"}, {"half2", "f16"}}};
  for (const auto& [vector, element] : kVectors) {
    if (type.empty() && pointer.text.find(vector) != std::string::npos) return element;
  }
  return {};
}

/// A dtype that the pointers settle; empty where they are of T.
Result<std::vector<Dtype>> dtypes_of(const DraftParts& parts, const DraftRequest& request) {
  const std::vector<Dtype>& asked = request.choices.dtypes;
  std::vector<Dtype> fixed;
  for (const DraftTensor& tensor : parts.tensors) {
    const KernelType type = element_type(tensor.parameter);
    if (type == "T") return asked.empty() ? std::vector{Dtype::f32} : asked;
    if (tensor.role == "output" && is_floating_element(type) && fixed.empty())
      fixed.push_back(dtype_from_string(type).value_or(Dtype::f32));
  }
  if (fixed.empty()) fixed.push_back(Dtype::f32);
  if (!asked.empty() && asked != fixed)
    return bad_input("--dtype", "",
                     fmt::format("the kernel's pointers are of {}, and of no type that --dtype could change (T, or a "
                                 "template's type)",
                                 to_string(fixed.front())));
  return fixed;
}

OrderedJson tensor_json(const DraftTensor& tensor, const DraftArray& array, const DraftParts& parts) {
  OrderedJson one = {{"name", tensor.name},
                     {"role", tensor.role},
                     {"dtype", array.dtype},
                     {"shape", array.of.tensor.shape_text()},
                     {"elements", parts.sized(array.of.tensor.elements())}};
  if (tensor.role == "input") one["fill"] = {{"kind", "file"}, {"path", array.file}};
  return one;
}

}  // namespace

Result<void> add_model_parts(DraftParts& parts, const KernelMatch& match, const DraftRequest& request, Draft& draft) {
  for (const std::string& open : match.open) draft.decisions.push_back({request.file, "", open});
  draft.guesses = match.guesses;
  for (const DraftTensor& tensor : parts.tensors) {
    const KernelType type = element_type(tensor.parameter);
    if (type.empty())
      draft.decisions.push_back(
          {request.file, "",
           fmt::format("\"{}\" is a pointer to what no tensor has: T, float, __half, __nv_bfloat16, double, int and "
                       "unsigned char can be",
                       printable(tensor.parameter.text))});
    if (!tensor.matched) continue;
    draft.arrays.push_back({*tensor.matched, fmt::format("data/{}.{{shape}}.{{dtype}}.npy", tensor.name), type});
  }
  const auto outputs =
      std::count_if(draft.arrays.begin(), draft.arrays.end(), [](const DraftArray& array) { return array.of.output; });
  if (match.open.empty() && (outputs == 0 || outputs == static_cast<std::ptrdiff_t>(draft.arrays.size())))
    draft.decisions.push_back({request.file, "",
                               "the kernel has no input, or no output: what it changes in place is "
                               "neither"});
  FUSELINE_TRY(dtypes, dtypes_of(parts, request));
  draft.dtypes = std::move(dtypes);
  if (parts.dims.empty())
    parts.dims.push_back({parts.free_name("elements"), request.model->outputs.front().elements()});
  return {};
}

OrderedJson model_problem(DraftParts& parts, const DraftRequest& request, const Draft& draft) {
  const Model& model = *request.model;
  const std::string source = printable(std::filesystem::path(request.file).filename().string());
  OrderedJson json = {{"schema", "fuseline/problem/1"},
                      {"name", request.name},
                      {"title", request.name},
                      {"description", fmt::format("The kernel of {}, with {} as its reference.", source,
                                                  printable(std::filesystem::path(model.file).filename().string()))},
                      {"source", source}};
  json["dims"] = OrderedJson::array();
  OrderedJson sizes = OrderedJson::object();
  for (const DraftDim& dim : parts.dims) {
    const std::int64_t value = dim.value.value_or(1);
    json["dims"].push_back({{"name", dim.name}, {"description", ""}, {"min", value}, {"max", value}});
    sizes[dim.name] = value;
  }
  json["shapes"] = OrderedJson::array();
  for (const std::string& draw : request.draws)
    json["shapes"].push_back({{"name", draw}, {"description", "as the model draws it"}, {"dims", sizes}});
  json["dtypes"] = OrderedJson::array();
  OrderedJson tolerance = OrderedJson::object();
  for (const Dtype dtype : draft.dtypes) {
    const std::string name(to_string(dtype));
    json["dtypes"].push_back(name);
    const auto allowed = request.choices.tolerance.find(dtype);
    if (allowed == request.choices.tolerance.end()) continue;
    tolerance[name] = {{"absolute", allowed->second.absolute}, {"relative", allowed->second.relative}};
  }
  if (!parts.scalars.empty()) json["scalars"] = parts.scalars;
  json["tensors"] = OrderedJson::array();
  OrderedJson files = OrderedJson::object();
  auto array = draft.arrays.begin();
  for (const DraftTensor& tensor : parts.tensors) {
    if (!tensor.matched) continue;
    json["tensors"].push_back(tensor_json(tensor, *array, parts));
    if (array->of.output) files[tensor.name] = array->file;
    ++array;
  }
  json["flops"] = 0;
  json["tolerance"] = std::move(tolerance);
  json["reference"] = {{"files", std::move(files)}};
  if (!model.spread.empty())
    parts.guesses.push_back(
        fmt::format("{}, all of one value in the model, {} drawn within 0.25 of it, so that a "
                    "kernel without {} is not right",
                    fmt::join(model.spread, ", "), model.spread.size() == 1 ? "is" : "are",
                    model.spread.size() == 1 ? "it" : "them"));
  return json;
}

}  // namespace fuseline::tuner
