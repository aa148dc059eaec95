// A configuration on the device: its module, its launches with arguments bound to buffers, and what is known before it
// runs.
#pragma once

#include <string>
#include <vector>

#include "profiler/compile/compiler.hpp"
#include "profiler/cuda/gpu.hpp"
#include "tuner/run/measurement.hpp"
#include "tuner/worker/protocol.hpp"

namespace fuseline::profiler {

struct BoundArgument {
  enum class Kind { tensor, workspace, scalar } kind = Kind::tensor;
  std::size_t index = 0;  ///< Of the tensor or workspace.
  float value = 0;        ///< Of the scalar.
};

struct BoundLaunch {
  std::string kernel;
  CUfunction function = nullptr;
  tuner::Launch launch;
  std::vector<BoundArgument> arguments;
};

/// Why a configuration cannot be run.
struct LoadFailure {
  tuner::Outcome outcome = tuner::Outcome::launch_error;
  std::string reason;
  bool context_lost = false;
};

/// Move-only; the module is retired with it.
class LoadedConfiguration {
 public:
  /// Loads the cubin, binds every argument by name and checks the launches against what device and kernels allow.
  /// Failures: skipped where the device lacks something, launch_error otherwise.
  [[nodiscard]] static tl::expected<LoadedConfiguration, LoadFailure> load(
      Gpu& gpu, const tuner::Job& job, const std::vector<tuner::ResolvedLaunch>& launches,
      const std::vector<tuner::ResolvedWorkspace>& workspace, const CompileResult& compiled);
  LoadedConfiguration(LoadedConfiguration&& other) noexcept;
  LoadedConfiguration& operator=(LoadedConfiguration&& other) noexcept;
  LoadedConfiguration(const LoadedConfiguration&) = delete;
  LoadedConfiguration& operator=(const LoadedConfiguration&) = delete;
  ~LoadedConfiguration();

  [[nodiscard]] const std::vector<BoundLaunch>& launches() const { return launches_; }
  [[nodiscard]] const std::vector<std::int64_t>& workspace_bytes() const { return workspace_bytes_; }
  /// Of the first launch; spills are those of all kernels launched.
  [[nodiscard]] const tuner::StaticFacts& facts() const { return facts_; }
  /// "kernel a" or "kernels a, b": for messages.
  [[nodiscard]] std::string kernel_names() const;

 private:
  explicit LoadedConfiguration(Gpu& gpu) : gpu_(&gpu) {}

  Gpu* gpu_;
  CUmodule module_ = nullptr;
  std::vector<BoundLaunch> launches_;
  std::vector<std::int64_t> workspace_bytes_;
  tuner::StaticFacts facts_;
};

/// Binds argument names to tensors, workspaces and scalars. Failure: an unknown name.
[[nodiscard]] tl::expected<std::vector<BoundArgument>, std::string> bind_arguments(
    const std::vector<std::string>& names, const tuner::Job& job,
    const std::vector<tuner::ResolvedWorkspace>& workspace);

/// Checks grid, block and shared bytes against the device alone.
[[nodiscard]] tl::expected<void, LoadFailure> check_launch(const tuner::ResolvedLaunch& launch,
                                                           const tuner::DeviceLimits& limits);

}  // namespace fuseline::profiler
