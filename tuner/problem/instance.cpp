// Problems with a shape and a dtype: everything about them is a number.
#include "tuner/problem/instance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {
namespace {

std::string shown_file(const Problem& problem) { return printable(problem.file.string()); }

Result<const ShapePreset*> choose_shape(const Problem& problem, const std::string& name) {
  if (name.empty()) return &problem.shapes.front();
  std::vector<std::string> known;
  for (const ShapePreset& shape : problem.shapes) {
    if (shape.name == name) return &shape;
    known.push_back(shape.name);
  }
  return bad_input(
      fmt::format("{} has no shape \"{}\"{}", problem.name, printable(name), known_names_hint(name, known)));
}

Result<void> override_dimension(const Problem& problem, const Dimension& wanted, std::vector<Dimension>& dims) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < problem.dims.size(); ++i) {
    const DimensionSpec& spec = problem.dims[i];
    known.push_back(spec.name);
    if (spec.name != wanted.name) continue;
    if (wanted.value < spec.minimum || wanted.value > spec.maximum) {
      return bad_input(fmt::format("dimension {} of {} must be within {} and {}, not {}", spec.name, problem.name,
                                   spec.minimum, spec.maximum, wanted.value));
    }
    dims[i].value = wanted.value;
    return {};
  }
  return bad_input(fmt::format("{} has no dimension \"{}\"{}", problem.name, printable(wanted.name),
                               known_names_hint(wanted.name, known)));
}

Result<void> choose_dims(const Problem& problem, const std::string& shape, const std::vector<Dimension>& overrides,
                         ProblemInstance& instance) {
  FUSELINE_TRY(preset, choose_shape(problem, shape));
  instance.shape = preset->name;
  instance.dims = preset->dims;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const bool twice = std::any_of(overrides.begin(), overrides.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](const Dimension& before) { return before.name == overrides[i].name; });
    if (twice) return bad_input(fmt::format("dimension {} is given twice", printable(overrides[i].name)));
    FUSELINE_CHECK(override_dimension(problem, overrides[i], instance.dims));
  }
  if (instance.dims != preset->dims) instance.shape = "custom";
  return {};
}

Result<void> override_scalar(const Problem& problem, const std::string& name, double value, Scalars& scalars) {
  std::vector<std::string> known;
  for (auto& [own, own_value] : scalars) {
    known.push_back(own);
    if (own != name) continue;
    if (!std::isfinite(value))
      return bad_input(fmt::format("scalar {} of {} must be finite, not {}", own, problem.name, value));
    own_value = value;
    return {};
  }
  return bad_input(
      fmt::format("{} has no scalar \"{}\"{}", problem.name, printable(name), known_names_hint(name, known)));
}

Result<void> choose_scalars(const Problem& problem, const Scalars& overrides, ProblemInstance& instance) {
  instance.scalars = problem.scalars;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const auto& [name, value] = overrides[i];
    const bool twice = std::any_of(overrides.begin(), overrides.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](const auto& before) { return before.first == overrides[i].first; });
    if (twice) return bad_input(fmt::format("scalar {} is given twice", printable(name)));
    FUSELINE_CHECK(override_scalar(problem, name, value, instance.scalars));
  }
  return {};
}

Result<void> work_out_scope(const Problem& problem, ProblemInstance& instance) {
  for (const Dimension& dim : instance.dims) instance.scope[dim.name] = static_cast<double>(dim.value);
  for (const auto& [name, value] : instance.scalars) instance.scope[name] = value;
  add_dtype(instance.scope, instance.dtype);
  for (std::size_t i = 0; i < problem.derived.size(); ++i) {
    const Result<std::int64_t> value = evaluate_integer(problem.derived[i].text, instance.scope);
    if (!value) return bad_input(shown_file(problem), fmt::format("/derived/{}/value", i), value.error().reason);
    instance.derived.push_back({problem.derived[i].name, *value});
    instance.scope[problem.derived[i].name] = static_cast<double>(*value);
  }
  return {};
}

Result<void> check_requirements(const Problem& problem, const ProblemInstance& instance) {
  for (std::size_t i = 0; i < problem.requires_.size(); ++i) {
    const std::string path = fmt::format("/requires/{}", i);
    const Result<double> met = evaluate(problem.requires_[i], instance.scope);
    if (!met) return bad_input(shown_file(problem), path, met.error().reason);
    if (*met != 0) continue;
    std::string dims;
    for (const Dimension& dim : instance.dims)
      dims += fmt::format("{}{} = {}", dims.empty() ? "" : ", ", dim.name, dim.value);
    return bad_input(
        shown_file(problem), path,
        fmt::format("{} needs \"{}\", which {} does not meet", problem.name, printable(problem.requires_[i]), dims));
  }
  return {};
}

/// How many elements of the tensor sized last, number `i`, have to be moved.
Result<std::int64_t> used_elements(const Problem& problem, const ProblemInstance& instance, std::size_t i) {
  const std::int64_t elements = instance.tensors.back().elements;
  if (problem.tensors[i].used.empty()) return elements;
  const std::string path = fmt::format("/tensors/{}/used", i);
  const Result<std::int64_t> used = evaluate_integer(problem.tensors[i].used, instance.scope, 1);
  if (!used) return bad_input(shown_file(problem), path, used.error().reason);
  if (*used > elements)
    return bad_input(shown_file(problem), path, fmt::format("{} elements of {} cannot be used", *used, elements));
  return *used;
}

Result<void> size_tensors(const Problem& problem, ProblemInstance& instance) {
  constexpr std::int64_t kMaximumElements = std::int64_t{1} << 44;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    const TensorSpec& spec = problem.tensors[i];
    const std::string path = fmt::format("/tensors/{}/elements", i);
    const Result<std::int64_t> elements = evaluate_integer(spec.elements, instance.scope, 1);
    if (!elements) return bad_input(shown_file(problem), path, elements.error().reason);
    if (*elements > kMaximumElements)
      return bad_input(shown_file(problem), path, fmt::format("{} elements are more than 2^44", *elements));
    const Dtype dtype = spec.dtype == "T" ? instance.dtype : dtype_from_string(spec.dtype).value_or(Dtype::f32);
    instance.tensors.push_back({spec.name, spec.role, dtype, *elements, spec.fill, {}, spec.absolute_of_largest});
    FUSELINE_TRY(used, used_elements(problem, instance, i));
    (spec.role == TensorRole::output ? instance.output_bytes : instance.input_bytes) += used * dtype_bytes(dtype);
  }
  instance.compulsory_bytes = instance.input_bytes + instance.output_bytes;
  return {};
}

Result<void> choose_dtype(const Problem& problem, Dtype dtype, ProblemInstance& instance) {
  std::vector<std::string> offered;
  for (const Dtype known : problem.dtypes) offered.emplace_back(to_string(known));
  const std::string name(to_string(dtype));
  if (std::find(offered.begin(), offered.end(), name) == offered.end()) {
    return bad_input(fmt::format("{} is not offered in {}{}", problem.name, name, known_names_hint(name, offered)));
  }
  instance.dtype = dtype;
  if (const auto tolerance = problem.tolerance.find(dtype); tolerance != problem.tolerance.end())
    instance.tolerance = tolerance->second;
  return {};
}

/// What device.* means, once: names and values cannot drift apart.
std::vector<std::pair<std::string, double>> device_numbers(const DeviceLimits& device) {
  return {
      {"device.sm_count", device.sm_count},
      {"device.max_threads_per_block", device.max_threads_per_block},
      {"device.max_threads_per_sm", device.max_threads_per_sm},
      {"device.max_blocks_per_sm", device.max_blocks_per_sm},
      {"device.shared_bytes_per_block", static_cast<double>(device.shared_bytes_per_block)},
      {"device.shared_bytes_per_sm", static_cast<double>(device.shared_bytes_per_sm)},
      {"device.registers_per_sm", static_cast<double>(device.registers_per_sm)},
      {"device.l2_bytes", static_cast<double>(device.l2_bytes)},
      {"device.compute_capability", device.compute_major + device.compute_minor / 10.0},
  };
}

}  // namespace

Result<ProblemInstance> instantiate(const Problem& problem, const std::string& shape,
                                    const std::vector<Dimension>& overrides, Dtype dtype, const Scalars& scalars) {
  ProblemInstance instance;
  instance.problem = &problem;
  FUSELINE_CHECK(choose_dtype(problem, dtype, instance));
  FUSELINE_CHECK(choose_dims(problem, shape, overrides, instance));
  FUSELINE_CHECK(choose_scalars(problem, scalars, instance));
  FUSELINE_CHECK(work_out_scope(problem, instance));
  FUSELINE_CHECK(check_requirements(problem, instance));
  FUSELINE_CHECK(size_tensors(problem, instance));
  const Result<double> flops = evaluate(problem.flops, instance.scope);
  if (!flops) return bad_input(shown_file(problem), "/flops", flops.error().reason);
  if (*flops < 0)
    return bad_input(shown_file(problem), "/flops", fmt::format("{} operations are less than none", *flops));
  instance.flops = *flops;
  return instance;
}

Result<std::pair<std::string, double>> scalar_from_text(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return bad_input(fmt::format("'{}' sets no scalar: write eps=1e-6", printable(text)));
  std::pair<std::string, double> scalar{text.substr(0, equals), 0};
  const std::string number = text.substr(equals + 1);
  const char* end = number.data() + number.size();
  const auto [at, error] = std::from_chars(number.data(), end, scalar.second);
  if (at != end || error == std::errc::invalid_argument)
    return bad_input(fmt::format("'{}' is no number, in {}", printable(number), printable(text)));
  if (error != std::errc())
    return bad_input(fmt::format("'{}' is a number that no double holds, in {}", printable(number), printable(text)));
  return scalar;
}

std::string scalars_text(const Scalars& scalars) {
  std::string text;
  for (const auto& [name, value] : scalars)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", printable(name), value);
  return text;
}

Scalars changed_scalars(const Problem& problem, const Scalars& values) {
  Scalars changed;
  std::copy_if(values.begin(), values.end(), std::back_inserter(changed), [&](const auto& scalar) {
    return std::find(problem.scalars.begin(), problem.scalars.end(), scalar) == problem.scalars.end();
  });
  return changed;
}

const std::vector<std::pair<std::string, double>>& dtype_constants() {
  static const std::vector<std::pair<std::string, double>> constants = [] {
    std::vector<std::pair<std::string, double>> all;
    for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16})
      all.emplace_back(fmt::format("dtype.{}", to_string(dtype)), static_cast<double>(all.size()));
    return all;
  }();
  return constants;
}

const std::vector<std::string>& dtype_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = {"dtype_bytes", "dtype"};
    for (const auto& [name, value] : dtype_constants()) all.push_back(name);
    return all;
  }();
  return names;
}

void add_dtype(Scope& scope, Dtype dtype) {
  scope["dtype_bytes"] = static_cast<double>(dtype_bytes(dtype));
  for (const auto& [name, value] : dtype_constants()) {
    scope[name] = value;
    if (name == fmt::format("dtype.{}", to_string(dtype))) scope["dtype"] = value;
  }
}

const std::vector<std::string>& device_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (auto& [name, value] : device_numbers({})) all.push_back(name);
    return all;
  }();
  return names;
}

void add_device(Scope& scope, const DeviceLimits& device) {
  for (const auto& [name, value] : device_numbers(device)) scope[name] = value;
}

Scope variant_scope(const ProblemInstance& instance, const DeviceLimits& device) {
  Scope scope = instance.scope;
  add_device(scope, device);
  return scope;
}

}  // namespace fuseline::tuner
