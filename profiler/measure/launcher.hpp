// Puts a configuration's launches on the stream. Whatever looks at launches from outside (timer, verifier, counters)
// goes round run().
#pragma once

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
    return workspace_.place(configuration.workspace_bytes(), fresh);
  }
  [[nodiscard]] const std::vector<DeviceRange>& workspace_guards() const { return workspace_.guards(); }

  /// Enqueues all launches in order on buffer set `set`; does not wait.
  [[nodiscard]] DeviceResult<void> run(const LoadedConfiguration& configuration, int set);
  /// Enqueues the reference: the same, but outputs go to the fp64 buffers.
  [[nodiscard]] DeviceResult<void> run_reference(const LoadedConfiguration& reference);

 private:
  [[nodiscard]] DeviceResult<void> launch(const BoundLaunch& bound, int set, bool reference);

  Gpu& gpu_;
  const Buffers& buffers_;
  WorkspaceArena workspace_;
  union Slot {
    CUdeviceptr pointer;
    float value;
  };
  std::vector<Slot> slots_;  ///< Kept between launches: no allocation in the hot path.
  std::vector<void*> pointers_;
};

}  // namespace fuseline::profiler
