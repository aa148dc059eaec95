// Puts a configuration's launches on the stream. Whatever looks at launches from outside (timer, verifier, counters)
// goes round run().
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "profiler/measure/buffers.hpp"
#include "profiler/measure/loaded_configuration.hpp"

namespace fuseline::profiler {

class Launcher {
 public:
  Launcher(Gpu& gpu, const Buffers& buffers) : gpu_(gpu), buffers_(buffers), workspace_(gpu) {}

  /// To be called before run() of another configuration: places its workspaces; `fresh` also poisons them and sets up
  /// their guard bands.
  [[nodiscard]] DeviceResult<void> prepare(const LoadedConfiguration& configuration, bool fresh) {
    return workspace_.place(configuration.workspace(), fresh);
  }
  /// To be called before every run(), outside of what times or counts it: zeroes the workspaces that want it untimed.
  [[nodiscard]] DeviceResult<void> ready(const LoadedConfiguration& configuration) {
    return zero(configuration, tuner::WorkspaceZero::untimed);
  }
  [[nodiscard]] const std::vector<DeviceRange>& workspace_guards() const { return workspace_.guards(); }

  /// Enqueues the zeroing that counts as work, then all launches in order, on buffer set `set`; does not wait.
  [[nodiscard]] DeviceResult<void> run(const LoadedConfiguration& configuration, int set);
  /// The same, with events[i] recorded before launch i and the last event after the last one.
  [[nodiscard]] DeviceResult<void> run_apart(const LoadedConfiguration& configuration, int set,
                                             std::span<const CUevent> events);
  /// Enqueues the reference: the same, but outputs go to the fp64 buffers.
  [[nodiscard]] DeviceResult<void> run_reference(const LoadedConfiguration& reference);

 private:
  /// The workspaces of the configuration prepared last that are to be zeroed so.
  [[nodiscard]] DeviceResult<void> zero(const LoadedConfiguration& configuration, tuner::WorkspaceZero when);
  [[nodiscard]] DeviceResult<void> launch(const BoundLaunch& bound, int set, bool reference);

  Gpu& gpu_;
  const Buffers& buffers_;
  WorkspaceArena workspace_;
  std::vector<std::uint64_t> slots_;  ///< Pointers and numbers, kept between launches: no allocation in the hot path.
  std::vector<void*> pointers_;
};

}  // namespace fuseline::profiler
