#include "profiler/measure/launcher.hpp"

namespace fuseline::profiler {

DeviceResult<void> Launcher::zero(const LoadedConfiguration& configuration, tuner::WorkspaceZero when) {
  const auto& workspace = configuration.workspace();
  for (std::size_t i = 0; i < workspace.size(); ++i) {
    if (workspace[i].zero != when || workspace[i].bytes == 0) continue;
    FUSELINE_CU(gpu_.driver(),
                cuMemsetD8Async(workspace_.pointer(i), 0, static_cast<std::size_t>(workspace[i].bytes), gpu_.stream()));
  }
  return {};
}

DeviceResult<void> Launcher::run(const LoadedConfiguration& configuration, int set) {
  FUSELINE_CHECK(zero(configuration, tuner::WorkspaceZero::timed));
  for (const BoundLaunch& bound : configuration.launches()) FUSELINE_CHECK(launch(bound, set, false));
  return {};
}

DeviceResult<void> Launcher::run_apart(const LoadedConfiguration& configuration, int set,
                                       std::span<const CUevent> events) {
  FUSELINE_CHECK(zero(configuration, tuner::WorkspaceZero::timed));
  for (std::size_t i = 0; i < configuration.launches().size(); ++i) {
    FUSELINE_CHECK(gpu_.record(events[i]));
    FUSELINE_CHECK(launch(configuration.launches()[i], set, false));
  }
  return gpu_.record(events.back());
}

DeviceResult<void> Launcher::run_reference(const LoadedConfiguration& reference) {
  for (const BoundLaunch& bound : reference.launches()) FUSELINE_CHECK(launch(bound, 0, true));
  return {};
}

DeviceResult<void> Launcher::launch(const BoundLaunch& bound, int set, bool reference) {
  slots_.resize(bound.arguments.size());
  pointers_.resize(bound.arguments.size());
  for (std::size_t i = 0; i < bound.arguments.size(); ++i) {
    const BoundArgument& argument = bound.arguments[i];
    switch (argument.kind) {
      case BoundArgument::Kind::tensor: {
        const bool output = buffers_.tensors()[argument.index].role == tuner::TensorRole::output;
        slots_[i] = reference && output ? buffers_.reference(argument.index) : buffers_.tensor(argument.index, set);
        break;
      }
      case BoundArgument::Kind::workspace:
        slots_[i] = workspace_.pointer(argument.index);
        break;
      case BoundArgument::Kind::number:
        slots_[i] = argument.value;
        break;
    }
    pointers_[i] = &slots_[i];
  }
  const auto extent = [](std::int64_t value) { return static_cast<unsigned>(value); };
  const tuner::Launch& geometry = bound.launch;
  if (bound.cooperative) {
    FUSELINE_CU(gpu_.driver(),
                cuLaunchCooperativeKernel(bound.function, extent(geometry.grid[0]), extent(geometry.grid[1]),
                                          extent(geometry.grid[2]), extent(geometry.block[0]),
                                          extent(geometry.block[1]), extent(geometry.block[2]),
                                          extent(geometry.shared_bytes), gpu_.stream(), pointers_.data()));
    return {};
  }
  FUSELINE_CU(gpu_.driver(), cuLaunchKernel(bound.function, extent(geometry.grid[0]), extent(geometry.grid[1]),
                                            extent(geometry.grid[2]), extent(geometry.block[0]),
                                            extent(geometry.block[1]), extent(geometry.block[2]),
                                            extent(geometry.shared_bytes), gpu_.stream(), pointers_.data(), nullptr));
  return {};
}

}  // namespace fuseline::profiler
