#include "tuner/space/variant_space.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "tuner/base/text.hpp"
#include "tuner/problem/loading.hpp"

namespace fuseline::tuner {
namespace {

std::string shown_file(const Variant& variant) { return printable(variant.file.string()); }

/// Ten times the capability as an integer: 8.9 is 89.
int tenths(double capability) { return static_cast<int>(std::lround(capability * 10)); }

std::string capability_text(int in_tenths) { return fmt::format("{}.{}", in_tenths / 10, in_tenths % 10); }

Error unknown_variant(const CatalogEntry& entry, const std::string& name, const std::vector<std::string>& known) {
  return bad_input(fmt::format("{} has no variant \"{}\"{}", entry.problem.name, printable(name),
                               known_names_hint(name, known)))
      .value();
}

Result<const Variant*> named_variant(const CatalogEntry& entry, const std::string& name, const DeviceLimits& device) {
  std::vector<std::string> known;
  for (const Variant& variant : entry.variants) {
    known.push_back(variant.name);
    if (variant.name != name) continue;
    if (supports(device, variant)) return &variant;
    return bad_input(fmt::format("variant \"{}\" needs compute capability {}, and the device has {}.{}", name,
                                 capability_text(tenths(variant.minimum_compute_capability)), device.compute_major,
                                 device.compute_minor));
  }
  return tl::unexpected(unknown_variant(entry, name, known));
}

Result<std::vector<const Variant*>> choose_variants(const CatalogEntry& entry, const DeviceLimits& device,
                                                    const SpaceSelection& selection) {
  std::vector<const Variant*> chosen;
  for (const std::string& name : selection.variants) {
    FUSELINE_TRY(variant, named_variant(entry, name, device));
    if (std::find(chosen.begin(), chosen.end(), variant) == chosen.end()) chosen.push_back(variant);
  }
  if (!selection.variants.empty()) return chosen;
  for (const Variant& variant : entry.variants) {
    if (supports(device, variant)) chosen.push_back(&variant);
  }
  if (chosen.empty()) {
    return bad_input(fmt::format("no variant of {} runs on compute capability {}.{}", entry.problem.name,
                                 device.compute_major, device.compute_minor));
  }
  return chosen;
}

/// True where `text`, as typed, means `value`.
bool means(const std::string& text, const Value& value) {
  if (text == value.to_string()) return true;
  const std::optional<double> number = value.number();
  if (!number || std::holds_alternative<bool>(value.storage())) return false;
  double typed = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), typed);
  return status == std::errc() && end == text.data() + text.size() && typed == *number;
}

const ParameterSpec* find_parameter(const Variant& variant, const std::string& name) {
  const auto found = std::find_if(variant.parameters.begin(), variant.parameters.end(),
                                  [&](const ParameterSpec& p) { return p.name == name; });
  return found == variant.parameters.end() ? nullptr : &*found;
}

const std::vector<Value>& offered(const ParameterSpec& parameter, bool full) {
  return full ? parameter.full_values : parameter.values;
}

bool has_value(const std::vector<Value>& values, const std::string& text) {
  return std::any_of(values.begin(), values.end(), [&](const Value& value) { return means(text, value); });
}

/// The error for a value that no chosen variant offers.
tl::unexpected<Error> unknown_value(const std::vector<const Variant*>& variants, const std::string& name,
                                    const std::string& text, bool full) {
  std::vector<std::string> known;
  bool only_full = false;
  for (const Variant* variant : variants) {
    const ParameterSpec* parameter = find_parameter(*variant, name);
    if (parameter == nullptr) continue;
    only_full = only_full || has_value(parameter->full_values, text);
    for (const Value& value : offered(*parameter, full)) {
      if (std::find(known.begin(), known.end(), value.to_string()) == known.end()) known.push_back(value.to_string());
    }
  }
  if (only_full)
    return bad_input(
        fmt::format("parameter \"{}\" has the value {} in the full space only (--full)", name, printable(text)));
  return bad_input(
      fmt::format("parameter \"{}\" has no value \"{}\"{}", name, printable(text), known_names_hint(text, known)));
}

/// Every name and every value that the user narrows by must be found in some chosen variant.
Result<void> check_selection(const CatalogEntry& entry, const std::vector<const Variant*>& variants,
                             const SpaceSelection& selection) {
  std::set<std::string> names;
  for (const Variant* variant : variants) {
    for (const ParameterSpec& parameter : variant->parameters) names.insert(parameter.name);
  }
  for (const auto& [name, texts] : selection.parameters) {
    if (names.count(name) == 0) {
      const std::string hint = known_names_hint(name, {names.begin(), names.end()});
      return bad_input(
          fmt::format("no chosen variant of {} has a parameter \"{}\"{}", entry.problem.name, printable(name), hint));
    }
    if (texts.empty()) return bad_input(fmt::format("no value is given for parameter \"{}\"", name));
    for (const std::string& text : texts) {
      const bool found = std::any_of(variants.begin(), variants.end(), [&, name = name](const Variant* variant) {
        const ParameterSpec* parameter = find_parameter(*variant, name);
        return parameter != nullptr && has_value(offered(*parameter, selection.full), text);
      });
      if (!found) return unknown_value(variants, name, text, selection.full);
    }
  }
  return {};
}

std::vector<Value> narrowed(const ParameterSpec& parameter, const SpaceSelection& selection) {
  std::vector<Value> values = offered(parameter, selection.full);
  const auto wanted = selection.parameters.find(parameter.name);
  if (wanted == selection.parameters.end()) return values;
  std::erase_if(values, [&](const Value& value) {
    return std::none_of(wanted->second.begin(), wanted->second.end(),
                        [&](const std::string& text) { return means(text, value); });
  });
  return values;
}

/// "(a)*(b)": the product of the expressions.
std::string product_of(const std::vector<std::string>& texts) {
  std::string product;
  for (const std::string& text : texts) product += fmt::format("{}({})", product.empty() ? "" : "*", text);
  return product;
}

/// What the device cannot launch is not in its space. A limit that is not known (0) constrains nothing.
void add_device_limits(const Variant& variant, const DeviceLimits& device, std::vector<SpaceConstraint>& constraints) {
  for (std::size_t i = 0; i < variant.launches.size(); ++i) {
    const LaunchSpec& launch = variant.launches[i];
    const std::string path = fmt::format("/launches/{}", i);
    const auto limit = [&](const std::string& text, std::int64_t most, const std::string& member,
                           const std::string& what) {
      if (most > 0)
        constraints.push_back(
            {fmt::format("({}) <= {}", text, most), fmt::format("{} at most {}", what, most), path + member});
    };
    limit(product_of(launch.block), device.max_threads_per_block, "/block", "threads a block on this device:");
    limit(launch.shared_bytes, device.shared_bytes_per_block, "/shared_bytes", "shared bytes a block on this device:");
    for (std::size_t axis = 0; axis < launch.grid.size(); ++axis) {
      limit(launch.grid[axis], kGridLimits[axis], fmt::format("/grid/{}", axis), "blocks along this axis of a grid:");
    }
  }
}

SubSpaceSpec spec_of(const Variant& variant, const ProblemInstance& instance, const DeviceLimits& device,
                     const SpaceSelection& selection) {
  SubSpaceSpec spec;
  spec.variant = variant.name;
  spec.file = shown_file(variant);
  const Scope scope = variant_scope(instance, device);
  spec.constants.assign(scope.begin(), scope.end());
  for (const ParameterSpec& parameter : variant.parameters) {
    spec.parameters.push_back(
        {parameter.name, narrowed(parameter, selection), !parameter.full_values.front().is_string()});
    // All values, so that a constraint may name one that the user left out.
    for (std::size_t i = 0; i < parameter.full_values.size(); ++i) {
      const Value& value = parameter.full_values[i];
      if (value.is_string())
        spec.constants.emplace_back(parameter.name + "." + value.to_string(), static_cast<double>(i));
    }
  }
  for (const NamedExpression& derived : variant.derived) spec.derived.emplace_back(derived.name, derived.text);
  for (const ConstraintSpec& constraint : variant.constraints)
    spec.constraints.push_back({constraint.text, constraint.reason});
  add_device_limits(variant, device, spec.constraints);
  return spec;
}

}  // namespace

SubSpaceSpec variant_spec(const Variant& variant, const ProblemInstance& instance, const DeviceLimits& device) {
  return spec_of(variant, instance, device, {});
}

Result<std::shared_ptr<const Space>> variant_space(const CatalogEntry& entry, const ProblemInstance& instance,
                                                   const DeviceLimits& device, const SpaceSelection& selection,
                                                   const SpaceLimits& limits) {
  FUSELINE_TRY(variants, choose_variants(entry, device, selection));
  FUSELINE_CHECK(check_selection(entry, variants, selection));
  std::vector<SubSpaceSpec> specs;
  for (const Variant* variant : variants) {
    SubSpaceSpec spec = spec_of(*variant, instance, device, selection);
    // Another variant has the value that the user asked for, and this one does not.
    const bool without = std::any_of(spec.parameters.begin(), spec.parameters.end(),
                                     [](const Parameter& p) { return p.values.empty(); });
    if (!without) specs.push_back(std::move(spec));
  }
  if (specs.empty())
    return bad_input(fmt::format("no variant of {} has all the values asked for together", entry.problem.name));
  return build_space(specs, limits);
}

Result<void> check_names(const CatalogEntry& entry, const SpaceSelection& selection) {
  std::vector<const Variant*> variants;
  for (const std::string& name : selection.variants) {
    std::vector<std::string> known;
    for (const Variant& variant : entry.variants) {
      known.push_back(variant.name);
      if (variant.name == name) variants.push_back(&variant);
    }
    if (std::find(known.begin(), known.end(), name) == known.end())
      return tl::unexpected(unknown_variant(entry, name, known));
  }
  if (selection.variants.empty()) {
    for (const Variant& variant : entry.variants) variants.push_back(&variant);
  }
  return check_selection(entry, variants, selection);
}

VariantCounts count_constraints(const Variant& variant, const ProblemInstance& instance, const DeviceLimits& device,
                                bool full) {
  // Every count is a space of its own: each may take a part of what building one may.
  constexpr SpaceLimits kLimits{std::uint64_t{1} << 40, std::uint64_t{1} << 22, std::uint64_t{1} << 22};
  const SubSpaceSpec spec = spec_of(variant, instance, device, {{}, {}, full});
  VariantCounts counts;
  for (const Parameter& parameter : spec.parameters) counts.raw_size *= static_cast<double>(parameter.values.size());
  const auto left = sizes_after_constraints(spec, kLimits);
  for (std::size_t i = 0; i < left.size(); ++i)
    counts.constraints.push_back({spec.constraints[i].text, spec.constraints[i].reason, left[i]});
  return counts;
}

}  // namespace fuseline::tuner
