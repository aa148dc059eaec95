// One kernel source for a problem, with its parameters, constraints and launches; read from a manifest.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tuner/device/device.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

struct ParameterSpec {
  std::string name;
  std::string description;
  std::vector<Value> values;  ///< The staged space; order is meaningful unless the values are strings.
  std::vector<Value>
      full_values;  ///< Values of the full space (--full); equals `values` where the manifest names none.
};

struct ConstraintSpec {
  std::string text;    ///< Expression; a configuration is valid where it is not zero.
  std::string reason;  ///< A clause for people.
};

/// Scratch memory that a variant needs beside the problem's tensors.
struct WorkspaceSpec {
  std::string name;
  std::string dtype;
  std::string elements;  ///< Expression, parameters allowed.
};

struct Variant {
  std::string name;
  std::string description;
  std::vector<ParameterSpec> parameters;
  std::vector<NamedExpression> derived;
  std::vector<ConstraintSpec> constraints;
  std::vector<WorkspaceSpec> workspace;
  std::vector<LaunchSpec> launches;       ///< Run in order; the first names the launch that results show.
  double minimum_compute_capability = 0;  ///< Such as 9.0.
  std::vector<std::string> compile_options;
  std::filesystem::path file;  ///< The manifest.
  std::string source;          ///< Text of the .cu file.
  std::string source_name;     ///< Its file name.
};

/// Everything needed to build and launch one configuration: what the worker receives.
struct ResolvedLaunch {
  std::string kernel;
  Launch launch;
  std::vector<std::string> args;
};
struct ResolvedWorkspace {
  std::string name;
  std::int64_t bytes = 0;
};
struct ResolvedConfiguration {
  Configuration configuration;
  std::vector<std::string> defines;  ///< "-DPARAM_block=256", "-DDIM_W=64", ...: sorted groups, stable order.
  std::vector<std::string> compile_options;
  std::vector<ResolvedLaunch> launches;
  std::vector<ResolvedWorkspace> workspace;
};

/// Reads and validates a manifest (schema "variant") and its source. The source must lie in the manifest's folder.
[[nodiscard]] Result<Variant> load_variant(const std::filesystem::path& file, const Problem& problem);

/// Constants and variables that a variant's expressions see for this instance and device: the instance's scope and
/// device.sm_count, device.max_threads_per_block, device.max_threads_per_sm, device.shared_bytes_per_block,
/// device.shared_bytes_per_sm, device.registers_per_sm, device.l2_bytes, device.compute_capability (such as 8.9).
[[nodiscard]] Scope variant_scope(const ProblemInstance& instance, const DeviceLimits& device);

/// Whether the device has the compute capability that a variant needs.
[[nodiscard]] bool supports(const DeviceLimits& device, const Variant& variant);
/// Blocks along the axes of a grid, on every device.
inline constexpr std::int64_t kGridLimits[] = {2147483647, 65535, 65535};

/// Works out derived values, launches, workspace and defines of one configuration.
/// Defines: DIM_<name> for dimensions and derived dimensions, SCALAR_<name>, PARAM_<name> (an integer, 0/1, a real, or
/// the bare identifier of a string value), FUSELINE_DTYPE_<F32|F16|BF16>=1.
[[nodiscard]] Result<ResolvedConfiguration> resolve(const Variant& variant, const Configuration& configuration,
                                                    const ProblemInstance& instance, const DeviceLimits& device);

/// Why a configuration is not in the space of `device`: a compute capability that it lacks, a launch over its limits,
/// or the reason of the first constraint that is not met with its numbers. Empty where it is. Whether a compiler would
/// spill there is not known from this. Errors: as resolve().
[[nodiscard]] Result<std::string> misfit(const Variant& variant, const Configuration& configuration,
                                         const ProblemInstance& instance, const DeviceLimits& device);

/// The defines that every source of this instance gets (the reference too): DIM_*, SCALAR_*, FUSELINE_DTYPE_*.
[[nodiscard]] std::vector<std::string> instance_defines(const ProblemInstance& instance);
/// The reference's launches with their geometry worked out.
[[nodiscard]] Result<std::vector<ResolvedLaunch>> resolve_reference(const ProblemInstance& instance,
                                                                    const DeviceLimits& device);

}  // namespace fuseline::tuner
