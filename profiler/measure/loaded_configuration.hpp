// A configuration on the device: its module, its launches with arguments bound to buffers, and what is known before it
// runs.
#pragma once

#include <string>
#include <vector>

#include "profiler/compile/compiler.hpp"
#include "profiler/cuda/gpu.hpp"
#include "profiler/measure/arguments.hpp"
#include "tuner/run/measurement.hpp"

namespace fuseline::profiler {

struct BoundLaunch {
  std::string kernel;  ///< As the manifest calls it.
  CUfunction function = nullptr;
  tuner::Launch launch;
  std::vector<BoundArgument> arguments;
  bool cooperative = false;
  tuner::StaticFacts facts;  ///< Without spills: those are of all launches.
};

/// Why a configuration cannot be run.
struct LoadFailure {
  tuner::Outcome outcome = tuner::Outcome::launch_error;
  std::string reason;
  bool context_lost = false;
  std::string log = {};  ///< Of the driver's assembler.
};

/// Move-only; the module is retired with it.
class LoadedConfiguration {
 public:
  /// Loads the image, binds every argument and checks the launches against what device and kernels allow and take.
  /// Failures: compile_error where the driver cannot assemble PTX, skipped where the device lacks something,
  /// launch_error otherwise.
  [[nodiscard]] static tl::expected<LoadedConfiguration, LoadFailure> load(
      Gpu& gpu, const tuner::Job& job, const std::vector<tuner::ResolvedLaunch>& launches,
      const std::vector<tuner::ResolvedWorkspace>& workspace, const CompileResult& image);
  LoadedConfiguration(LoadedConfiguration&& other) noexcept;
  LoadedConfiguration& operator=(LoadedConfiguration&& other) noexcept;
  LoadedConfiguration(const LoadedConfiguration&) = delete;
  LoadedConfiguration& operator=(const LoadedConfiguration&) = delete;
  ~LoadedConfiguration();

  [[nodiscard]] const std::vector<BoundLaunch>& launches() const { return launches_; }
  [[nodiscard]] const std::vector<tuner::ResolvedWorkspace>& workspace() const { return workspace_; }
  /// Of that launch; spills are those of all kernels launched.
  [[nodiscard]] tuner::StaticFacts facts(std::size_t launch) const;
  /// What assembling PTX took and said; 0 and empty for a cubin.
  [[nodiscard]] double assemble_ms() const { return assemble_ms_; }
  [[nodiscard]] const std::string& assembler_log() const { return assembler_log_; }
  /// "kernel a" or "kernels a, b": for messages.
  [[nodiscard]] std::string kernel_names() const;

 private:
  explicit LoadedConfiguration(Gpu& gpu) : gpu_(&gpu) {}
  [[nodiscard]] tl::expected<void, LoadFailure> load_image(const CompileResult& image);
  [[nodiscard]] tl::expected<void, LoadFailure> add(const tuner::ResolvedLaunch& launch, const tuner::Job& job,
                                                    const CompileResult& image);

  Gpu* gpu_;
  CUmodule module_ = nullptr;
  std::vector<KernelResources> resources_;  ///< As far as a compiler's log tells them.
  std::vector<BoundLaunch> launches_;
  std::vector<tuner::ResolvedWorkspace> workspace_;
  std::int64_t spill_bytes_ = 0;
  double assemble_ms_ = 0;
  std::string assembler_log_;
};

/// Checks grid, block and shared bytes against the device alone.
[[nodiscard]] tl::expected<void, LoadFailure> check_launch(const tuner::ResolvedLaunch& launch,
                                                           const tuner::DeviceLimits& limits);

}  // namespace fuseline::profiler
