// The files that a variant's kernels are made from.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"
#include "tuner/problem/kernel_source.hpp"
#include "tuner/problem/name_pattern.hpp"
#include "tuner/problem/variant.hpp"

namespace fuseline::tuner {

/// Placeholders that names of sources may hold beside parameters: {sm} and {dtype}.
inline constexpr const char* kArchitecturePlaceholder = "sm";
inline constexpr const char* kDtypePlaceholder = "dtype";
/// Of kernels' names in CUDA text: {T}.
inline constexpr const char* kTypePlaceholder = "T";

/// Reads form, source_name, sources and images of a manifest at `root`; the parameters were read. Errors are placed at
/// "/form" and "/source". A name with a placeholder may stand for no file at all: a configuration finds that out.
[[nodiscard]] Result<void> read_sources(const JsonView& root, Variant& variant);

/// What {T} stands for.
[[nodiscard]] const char* kernel_type(Dtype dtype);
/// What the placeholders of a variant's names stand for in one configuration.
[[nodiscard]] std::map<std::string, std::string> placeholder_values(const Variant& variant,
                                                                    const Configuration& configuration, Dtype dtype,
                                                                    const DeviceLimits& device);
/// Names that source_name (`kernel` false) or the kernels of a variant may hold in braces.
[[nodiscard]] std::vector<std::string> placeholders(const Variant& variant, bool kernel);

/// Name of the file that a configuration uses. Error: it is not there.
[[nodiscard]] Result<std::string> source_of(const Variant& variant, const std::map<std::string, std::string>& values);

}  // namespace fuseline::tuner
