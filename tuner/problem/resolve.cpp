// From a configuration to what the worker needs: defines, launches, workspace.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <optional>

#include "tuner/base/text.hpp"
#include "tuner/problem/arguments.hpp"
#include "tuner/problem/image_check.hpp"
#include "tuner/problem/instance.hpp"
#include "tuner/problem/loading.hpp"
#include "tuner/problem/name_pattern.hpp"
#include "tuner/problem/source_files.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {
namespace {

std::string shown_file(const std::filesystem::path& file) { return printable(file.string()); }

/// A C++ literal of type double.
std::string real_literal(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string define_text(const Value& value) {
  if (const bool* flag = std::get_if<bool>(&value.storage())) return *flag ? "1" : "0";
  if (const double* real = std::get_if<double>(&value.storage())) return real_literal(*real);
  return value.to_string();
}

/// The configuration in the manifest's order. Errors: another variant's, a parameter missing, unknown, given twice, or
/// without that value.
Result<Configuration> checked(const Variant& variant, const Configuration& configuration) {
  const auto fail = [&](const std::string& reason) {
    return bad_input(shown_file(variant.file), "/parameters",
                     fmt::format("configuration \"{}\": {}", printable(configuration.key()), reason));
  };
  if (configuration.variant != variant.name) return fail(fmt::format("is not one of variant \"{}\"", variant.name));
  Configuration ordered{variant.name, {}};
  for (const ParameterSpec& parameter : variant.parameters) {
    const NamedValue* named = configuration.find(parameter.name);
    if (named == nullptr) return fail(fmt::format("parameter \"{}\" is missing", parameter.name));
    const auto& offered = parameter.full_values;
    if (std::find(offered.begin(), offered.end(), named->value) == offered.end()) {
      return fail(fmt::format("parameter \"{}\" has no value {}", parameter.name, printable(named->value.to_string())));
    }
    ordered.values.push_back(*named);
  }
  if (configuration.values.size() != ordered.values.size()) return fail("has other parameters than the manifest");
  return ordered;
}

void add_parameters(const Variant& variant, const Configuration& configuration, Scope& scope) {
  for (std::size_t p = 0; p < variant.parameters.size(); ++p) {
    const ParameterSpec& parameter = variant.parameters[p];
    const Value& chosen = configuration.values[p].value;
    if (const std::optional<double> number = chosen.number()) scope[parameter.name] = *number;
    for (std::size_t i = 0; i < parameter.full_values.size(); ++i) {
      const Value& value = parameter.full_values[i];
      if (!value.is_string()) continue;
      scope[parameter.name + "." + value.to_string()] = static_cast<double>(i);
      if (value == chosen) scope[parameter.name] = static_cast<double>(i);
    }
  }
}

Result<void> add_derived(const Variant& variant, Scope& scope) {
  for (std::size_t i = 0; i < variant.derived.size(); ++i) {
    const Result<double> value = evaluate(variant.derived[i].text, scope);
    if (!value) return bad_input(shown_file(variant.file), fmt::format("/derived/{}/value", i), value.error().reason);
    scope[variant.derived[i].name] = *value;
  }
  return {};
}

Result<std::vector<ResolvedWorkspace>> size_workspace(const Variant& variant, const Scope& scope, Dtype dtype) {
  constexpr std::int64_t kMaximumElements = std::int64_t{1} << 44;
  std::vector<ResolvedWorkspace> workspace;
  for (std::size_t i = 0; i < variant.workspace.size(); ++i) {
    const WorkspaceSpec& spec = variant.workspace[i];
    const std::string path = fmt::format("/workspace/{}/elements", i);
    const Result<std::int64_t> elements = evaluate_integer(spec.elements, scope, 0);
    if (!elements) return bad_input(shown_file(variant.file), path, elements.error().reason);
    if (*elements > kMaximumElements)
      return bad_input(shown_file(variant.file), path, fmt::format("{} elements are more than 2^44", *elements));
    const Dtype element = spec.dtype == "T" ? dtype : dtype_from_string(spec.dtype).value_or(Dtype::f32);
    workspace.push_back({spec.name, *elements * dtype_bytes(element), spec.zero});
  }
  return workspace;
}

/// What of a launch is over the limits of a device; a limit that is not known (0) bounds nothing.
std::string over_limits(const Launch& launch, const DeviceLimits& device) {
  const std::int64_t threads = launch.block[0] * launch.block[1] * launch.block[2];
  const auto over = [](std::int64_t wanted, std::int64_t most, const char* what) {
    return most > 0 && wanted > most ? fmt::format("{} {} a block are over the {} there", wanted, what, most) : "";
  };
  if (std::string shared = over(launch.shared_bytes, device.shared_bytes_per_block, "bytes of shared memory");
      !shared.empty())
    return shared;
  if (std::string block = over(threads, device.max_threads_per_block, "threads"); !block.empty()) return block;
  for (std::size_t axis = 0; axis < std::size(kGridLimits); ++axis) {
    if (launch.grid[axis] > kGridLimits[axis])
      return fmt::format("{} blocks along axis {} of a grid are over the {} there", launch.grid[axis], axis,
                         kGridLimits[axis]);
  }
  return "";
}

/// Geometry and arguments of launches whose place in `file` is `path`; kernels are named as the file does.
Result<std::vector<ResolvedLaunch>> resolve_launches(const std::vector<LaunchSpec>& specs, const Scope& scope,
                                                     const std::string& file, const std::string& path) {
  FUSELINE_TRY(geometry, resolve_geometry(specs, scope, file, path));
  std::vector<ResolvedLaunch> launches;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    FUSELINE_TRY(args, resolve_arguments(specs[i].args, scope, file, fmt::format("{}/{}/args", path, i)));
    launches.push_back({specs[i].kernel, geometry[i], std::move(args), specs[i].cooperative});
  }
  return launches;
}

/// Puts the configuration's values into the names of kernels.
Result<void> name_kernels(const Variant& variant, const std::map<std::string, std::string>& values,
                          std::vector<ResolvedLaunch>& launches) {
  const std::vector<std::string> known = placeholders(variant, true);
  for (std::size_t i = 0; i < launches.size(); ++i) {
    const Result<NamePattern> pattern = NamePattern::parse(launches[i].kernel, known);
    if (!pattern)
      return bad_input(shown_file(variant.file), fmt::format("/launches/{}/kernel", i), pattern.error().reason);
    launches[i].kernel = pattern->fill(values);
  }
  return {};
}

std::vector<std::string> variant_defines(const Variant& variant, const Configuration& configuration, const Scope& scope,
                                         const ProblemInstance& instance) {
  std::vector<std::string> defines = instance_defines(instance);
  for (const NamedValue& named : configuration.values)
    defines.push_back(fmt::format("-DPARAM_{}={}", named.name, define_text(named.value)));
  for (const NamedExpression& derived : variant.derived) {
    constexpr double kWhole = 9007199254740992.0;  // 2^53: from there on every double is whole.
    const double value = scope.at(derived.name);
    const bool whole = std::fabs(value) <= kWhole && std::trunc(value) == value;
    defines.push_back(fmt::format("-DDERIVED_{}={}", derived.name,
                                  whole ? std::to_string(static_cast<std::int64_t>(value)) : real_literal(value)));
  }
  return defines;
}

/// Where the form is not text to be compiled: holds what was resolved against its image.
Result<void> check_resolved_image(const Variant& variant, const ResolvedConfiguration& resolved,
                                  const DeviceLimits& device) {
  const auto image = variant.images.find(resolved.source_name);
  if (image == variant.images.end()) return {};
  if (!image->second) return bad_input(shown_file(variant.file), "/source", image->second.error().message());
  return check_image(*image->second, resolved, device, shown_file(variant.file));
}

}  // namespace

std::vector<std::string> instance_defines(const ProblemInstance& instance) {
  std::vector<std::string> defines;
  std::string dtype(to_string(instance.dtype));
  for (char& c : dtype) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  defines.push_back(fmt::format("-DFUSELINE_DTYPE_{}=1", dtype));
  for (const Dimension& dim : instance.dims) defines.push_back(fmt::format("-DDIM_{}={}", dim.name, dim.value));
  for (const Dimension& dim : instance.derived) defines.push_back(fmt::format("-DDIM_{}={}", dim.name, dim.value));
  for (const auto& [name, value] : instance.scalars)
    defines.push_back(fmt::format("-DSCALAR_{}={}", name, real_literal(value)));
  return defines;
}

Result<ResolvedConfiguration> resolve(const Variant& variant, const Configuration& configuration,
                                      const ProblemInstance& instance, const DeviceLimits& device) {
  ResolvedConfiguration resolved;
  FUSELINE_TRY(ordered, checked(variant, configuration));
  resolved.configuration = std::move(ordered);
  Scope scope = variant_scope(instance, device);
  add_parameters(variant, resolved.configuration, scope);
  FUSELINE_CHECK(add_derived(variant, scope));
  const auto names = placeholder_values(variant, resolved.configuration, instance.dtype, device);
  resolved.form = variant.form;
  FUSELINE_TRY(source_name, source_of(variant, names));
  resolved.source_name = std::move(source_name);
  FUSELINE_TRY(launches, resolve_launches(variant.launches, scope, shown_file(variant.file), "/launches"));
  resolved.launches = std::move(launches);
  resolved.shown_launch = variant.shown_launch;
  FUSELINE_CHECK(name_kernels(variant, names, resolved.launches));
  FUSELINE_TRY(workspace, size_workspace(variant, scope, instance.dtype));
  resolved.workspace = std::move(workspace);
  if (variant.form == KernelForm::cuda)
    resolved.defines = variant_defines(variant, resolved.configuration, scope, instance);
  resolved.compile_options = variant.compile_options;
  FUSELINE_CHECK(check_resolved_image(variant, resolved, device));
  return resolved;
}

bool supports(const DeviceLimits& device, const Variant& variant) {
  // Ten times the capability as an integer: 8.9 is 89.
  return device.compute_major * 10 + device.compute_minor >= std::lround(variant.minimum_compute_capability * 10);
}

Result<std::string> misfit(const Variant& variant, const Configuration& configuration, const ProblemInstance& instance,
                           const DeviceLimits& device) {
  FUSELINE_TRY(ordered, checked(variant, configuration));
  if (!supports(device, variant)) {
    return fmt::format("it needs compute capability {:.1f}, and {} is there", variant.minimum_compute_capability,
                       device.compute_capability());
  }
  Scope scope = variant_scope(instance, device);
  add_parameters(variant, ordered, scope);
  FUSELINE_CHECK(add_derived(variant, scope));
  FUSELINE_TRY(geometry, resolve_geometry(variant.launches, scope, shown_file(variant.file), "/launches"));
  for (const Launch& launch : geometry) {
    if (auto over = over_limits(launch, device); !over.empty()) return over;
  }
  for (std::size_t i = 0; i < variant.constraints.size(); ++i) {
    const Result<double> met = evaluate(variant.constraints[i].text, scope);
    if (!met) return bad_input(shown_file(variant.file), fmt::format("/constraints/{}/require", i), met.error().reason);
    if (*met == 0) return variant.constraints[i].reason;
  }
  return std::string();
}

Result<std::optional<double>> bytes_in_flight(const Variant& variant, const Configuration& configuration,
                                              const ProblemInstance& instance, const DeviceLimits& device) {
  if (variant.bytes_in_flight.empty()) return std::nullopt;
  FUSELINE_TRY(ordered, checked(variant, configuration));
  Scope scope = variant_scope(instance, device);
  add_parameters(variant, ordered, scope);
  FUSELINE_CHECK(add_derived(variant, scope));
  const auto place = [&](const std::string& reason) {
    return bad_input(shown_file(variant.file), "/bytes_in_flight", reason);
  };
  const Result<double> bytes = evaluate(variant.bytes_in_flight, scope);
  if (!bytes) return place(bytes.error().reason);
  if (*bytes < 0) return place(fmt::format("{} bytes are less than none", *bytes));
  return *bytes;
}

Result<std::vector<ResolvedLaunch>> resolve_reference(const ProblemInstance& instance, const DeviceLimits& device) {
  const Problem& problem = *instance.problem;
  const Scope scope = variant_scope(instance, device);
  return resolve_launches(problem.reference_launches, scope, shown_file(problem.file), "/reference/launches");
}

}  // namespace fuseline::tuner
