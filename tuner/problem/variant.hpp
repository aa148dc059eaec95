// One kernel source for a problem, with its parameters, constraints and launches; read from a manifest.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tuner/device/device.hpp"
#include "tuner/problem/kernel_image.hpp"
#include "tuner/problem/kernel_source.hpp"
#include "tuner/problem/problem.hpp"
#include "tuner/problem/resolved.hpp"

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
  std::string dtype;     ///< "T" (the sweep's dtype) or a Dtype name.
  std::string elements;  ///< Expression, parameters allowed; more than 2^31 are allowed.
  WorkspaceZero zero = WorkspaceZero::never;
};

struct Variant {
  std::string name;
  std::string description;
  std::vector<ParameterSpec> parameters;
  std::vector<NamedExpression> derived;
  std::vector<ConstraintSpec> constraints;
  std::vector<WorkspaceSpec> workspace;
  std::vector<LaunchSpec> launches;         ///< Run in order.
  std::optional<std::size_t> shown_launch;  ///< The launch that results show; nothing: the longest measured.
  /// Expression: bytes of loads that a thread of the launch shown has under way at a time; empty: not known.
  std::string bytes_in_flight;
  double minimum_compute_capability = 0;  ///< Such as 9.0.
  std::vector<std::string> compile_options;
  std::filesystem::path file;  ///< The manifest.
  KernelForm form = KernelForm::cuda;
  /// As the manifest writes it: a file of its folder. {parameter} stands for the value as in Configuration::key(), {sm}
  /// for the device's architecture such as 90.
  std::string source_name;
  /// Every file that source_name may stand for, by its name as source_name would write it; never null.
  std::map<std::string, std::shared_ptr<const std::string>> sources;
  /// Of every source of form ptx or cubin: what it says of its kernels, or why it cannot be read.
  std::map<std::string, Result<KernelImage>> images;
};

/// Reads and validates a manifest (schema "variant") and its sources, which must lie in the manifest's folder. Where
/// neither the source's nor a kernel's name holds a placeholder, launches are held against the image too.
[[nodiscard]] Result<Variant> load_variant(const std::filesystem::path& file, const Problem& problem);

/// The one of that name. Error: none has it.
[[nodiscard]] Result<const Variant*> find_variant(const std::vector<Variant>& variants, const std::string& name);

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
/// the bare identifier of a string value), DERIVED_<name> for the variant's derived values (an integer where it is
/// whole, else a real), FUSELINE_DTYPE_<F32|F16|BF16>=1; none where the form is not cuda.
/// Errors: a number out of range; the configuration's file is missing; its image lacks a kernel, takes other arguments,
/// wants more shared memory than the device has, or is for another architecture.
[[nodiscard]] Result<ResolvedConfiguration> resolve(const Variant& variant, const Configuration& configuration,
                                                    const ProblemInstance& instance, const DeviceLimits& device);

/// Why a configuration is not in the space of `device`: a compute capability that it lacks, a launch over its limits,
/// or the reason of the first constraint that is not met with its numbers. Empty where it is. Whether a compiler would
/// spill there is not known from this. Errors: as resolve().
[[nodiscard]] Result<std::string> misfit(const Variant& variant, const Configuration& configuration,
                                         const ProblemInstance& instance, const DeviceLimits& device);

/// Bytes of loads that a thread has under way at a time, as the manifest says; nothing where it does not. Errors: as
/// resolve(); an expression that fails or is negative.
[[nodiscard]] Result<std::optional<double>> bytes_in_flight(const Variant& variant, const Configuration& configuration,
                                                            const ProblemInstance& instance,
                                                            const DeviceLimits& device);

/// The defines that every source of this instance gets (the reference too): DIM_*, SCALAR_*, FUSELINE_DTYPE_*.
[[nodiscard]] std::vector<std::string> instance_defines(const ProblemInstance& instance);
/// The reference's launches with their geometry worked out.
[[nodiscard]] Result<std::vector<ResolvedLaunch>> resolve_reference(const ProblemInstance& instance,
                                                                    const DeviceLimits& device);

}  // namespace fuseline::tuner
