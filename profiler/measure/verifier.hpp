// Compares what a configuration left in its outputs with the reference, on the device, and looks for writes where none
// belong.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "profiler/measure/buffers.hpp"
#include "profiler/measure/launcher.hpp"
#include "profiler/measure/support_kernels.hpp"
#include "tuner/run/measurement.hpp"

namespace fuseline::profiler {

/// What one check found.
struct CheckResult {
  tuner::Verification verification;
  std::uint64_t unwritten = 0;
  std::uint64_t elements = 0;   ///< Of all outputs.
  bool inputs_changed = false;  ///< Only looked at where asked for.
  double gpu_ms = 0;

  [[nodiscard]] bool correct() const {
    return verification.mismatches == 0 && !verification.guard_overwritten && !inputs_changed;
  }
  /// What is wrong, in one line; empty where correct.
  [[nodiscard]] std::string reason() const;
};

/// Joins the results of a tensor's blocks into `check`. Exposed for tests.
void join_blocks(CheckResult& check, const BlockComparison* blocks, std::size_t count, const std::string& tensor);

class Verifier {
 public:
  /// Runs the reference into its fp64 buffers and checks that it wrote every element; null: its values are there.
  /// Waits for the device.
  [[nodiscard]] static DeviceResult<std::unique_ptr<Verifier>> create(Gpu& gpu, SupportKernels& support,
                                                                      Buffers& buffers, Launcher& launcher,
                                                                      const LoadedConfiguration* reference,
                                                                      const tuner::Tolerance& tolerance);

  /// First run of a configuration: poisons set 0, launches once and checks everything, inputs too. Waits. `launch_ms`
  /// is the launch alone.
  [[nodiscard]] DeviceResult<CheckResult> verify(const LoadedConfiguration& configuration, double& launch_ms);
  /// Checks the outputs and guards of `set` as they are. Waits.
  [[nodiscard]] DeviceResult<CheckResult> check(int set);
  /// After something wrote where it should not: every buffer as it was at first.
  [[nodiscard]] DeviceResult<void> restore() { return buffers_.restore(); }

 private:
  Verifier(Gpu& gpu, SupportKernels& support, Buffers& buffers, Launcher& launcher)
      : gpu_(gpu), support_(support), buffers_(buffers), launcher_(launcher) {}
  [[nodiscard]] DeviceResult<void> allocate();
  [[nodiscard]] DeviceResult<void> compute_reference(const LoadedConfiguration& reference);
  /// Of the inputs as they are, and of the poison in the reference where one was run.
  [[nodiscard]] DeviceResult<void> look_at_first(bool computed);
  /// Works tolerances_ out.
  [[nodiscard]] DeviceResult<void> look_at_largest(const tuner::Tolerance& tolerance);
  [[nodiscard]] DeviceResult<void> enqueue_checks(int set, bool inputs);
  [[nodiscard]] DeviceResult<void> enqueue_checksum(int set);
  [[nodiscard]] DeviceResult<void> upload_guards(int set);
  [[nodiscard]] CheckResult collect(bool inputs) const;

  Gpu& gpu_;
  SupportKernels& support_;
  Buffers& buffers_;
  Launcher& launcher_;
  std::vector<std::size_t> outputs_;          ///< Positions of the output tensors.
  std::vector<tuner::Tolerance> tolerances_;  ///< One an output.
  DeviceMemory results_;                      ///< Flags, then room for kMaximumCompareBlocks comparisons an output.
  PinnedMemory host_;                         ///< Its copy.
  DeviceMemory ranges_;                       ///< Guard bands to look at.
  PinnedMemory host_ranges_;
  unsigned range_count_ = 0;
  std::uint64_t input_sum_ = 0;  ///< Checksum of intact inputs.
};

}  // namespace fuseline::profiler
