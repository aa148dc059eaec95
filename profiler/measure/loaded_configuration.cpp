#include "profiler/measure/loaded_configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "profiler/cuda/occupancy.hpp"

namespace fuseline::profiler {
namespace {

using tuner::Outcome;

constexpr std::int64_t kDefaultSharedBytes = std::int64_t{48} * 1024;

tl::unexpected<LoadFailure> failure(Outcome outcome, std::string reason) {
  return tl::unexpected(LoadFailure{outcome, std::move(reason), false});
}

tl::unexpected<LoadFailure> failure(const std::string& kernel, const DeviceError& error) {
  return tl::unexpected(
      LoadFailure{Outcome::launch_error, fmt::format("kernel {}: {}", kernel, error.message()), error.context_lost()});
}

std::int64_t threads_of(const tuner::Launch& launch) { return launch.block[0] * launch.block[1] * launch.block[2]; }

struct FunctionFacts {
  int registers = 0, local_bytes = 0, static_shared_bytes = 0, max_threads = 0;
};

DeviceResult<FunctionFacts> facts_of(const Driver& driver, CUfunction function) {
  FunctionFacts facts;
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.registers, CU_FUNC_ATTRIBUTE_NUM_REGS, function));
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.local_bytes, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, function));
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.static_shared_bytes, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function));
  FUSELINE_CU(driver, cuFuncGetAttribute(&facts.max_threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, function));
  return facts;
}

DeviceResult<CUmodule> load_module(const Driver& driver, const std::string& cubin) {
  CUmodule module = nullptr;
  FUSELINE_CU(driver, cuModuleLoadDataEx(&module, cubin.data(), 0, nullptr, nullptr));
  return module;
}

DeviceResult<CUfunction> find_function(const Driver& driver, CUmodule module, const std::string& kernel) {
  CUfunction function = nullptr;
  FUSELINE_CU(driver, cuModuleGetFunction(&function, module, kernel.c_str()));
  return function;
}

DeviceResult<void> allow_shared(const Driver& driver, CUfunction function, std::int64_t dynamic_bytes) {
  FUSELINE_CU(driver, cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                         static_cast<int>(dynamic_bytes)));
  return {};
}

/// What only the compiled kernel can tell: too many registers for the block, static and dynamic shared memory together.
tl::expected<void, LoadFailure> check_kernel(const tuner::ResolvedLaunch& launch, const FunctionFacts& facts,
                                             const tuner::DeviceLimits& limits) {
  const std::int64_t threads = threads_of(launch.launch);
  if (threads > facts.max_threads) {
    return failure(Outcome::launch_error,
                   fmt::format("kernel {}: {} threads a block, but its {} registers a thread allow {}", launch.kernel,
                               threads, facts.registers, facts.max_threads));
  }
  const std::int64_t shared = launch.launch.shared_bytes + facts.static_shared_bytes;
  if (shared > limits.shared_bytes_per_block) {
    return failure(Outcome::skipped, fmt::format("kernel {}: {} bytes of shared memory a block, the device has {}",
                                                 launch.kernel, shared, limits.shared_bytes_per_block));
  }
  return {};
}

tuner::StaticFacts static_facts(const Gpu& gpu, const tuner::Launch& launch, const FunctionFacts& facts) {
  const tuner::DeviceLimits& limits = gpu.info().limits;
  OccupancyQuery query;
  query.threads_per_block = static_cast<int>(threads_of(launch));
  query.registers = facts.registers;
  query.max_threads_per_block = facts.max_threads;
  query.static_shared_bytes = facts.static_shared_bytes;
  query.dynamic_shared_bytes = launch.shared_bytes;
  query.reserved_shared_bytes = static_cast<std::int64_t>(gpu.reserved_shared_bytes());
  const Occupancy answer = occupancy(limits, query);
  tuner::StaticFacts result;
  result.registers = facts.registers;
  result.local_bytes = facts.local_bytes;
  result.static_shared_bytes = facts.static_shared_bytes;
  result.max_threads_per_block = facts.max_threads;
  result.occupancy = answer.fraction;
  result.occupancy_limiter = answer.limiter;
  const double blocks =
      static_cast<double>(launch.grid[0]) * static_cast<double>(launch.grid[1]) * static_cast<double>(launch.grid[2]);
  const double resident = static_cast<double>(answer.blocks_per_sm) * limits.sm_count;
  result.waves = resident > 0 ? blocks / resident : 0;
  return result;
}

std::int64_t spill_bytes_of(const CompileResult& compiled, const std::string& kernel) {
  for (const KernelResources& each : compiled.kernels) {
    if (each.name == kernel) return each.spill_store_bytes + each.spill_load_bytes;
  }
  return 0;
}

}  // namespace

tl::expected<std::vector<BoundArgument>, std::string> bind_arguments(
    const std::vector<std::string>& names, const tuner::Job& job,
    const std::vector<tuner::ResolvedWorkspace>& workspace) {
  std::vector<BoundArgument> bound;
  for (const std::string& name : names) {
    const auto named = [&name](const auto& each) { return each.name == name; };
    const auto tensor = std::find_if(job.tensors.begin(), job.tensors.end(), named);
    const auto scratch = std::find_if(workspace.begin(), workspace.end(), named);
    const auto scalar =
        std::find_if(job.scalars.begin(), job.scalars.end(), [&name](const auto& each) { return each.first == name; });
    if (tensor != job.tensors.end()) {
      bound.push_back({BoundArgument::Kind::tensor, static_cast<std::size_t>(tensor - job.tensors.begin()), 0});
    } else if (scratch != workspace.end()) {
      bound.push_back({BoundArgument::Kind::workspace, static_cast<std::size_t>(scratch - workspace.begin()), 0});
    } else if (scalar != job.scalars.end()) {
      bound.push_back({BoundArgument::Kind::scalar, 0, static_cast<float>(scalar->second)});
    } else {
      return tl::unexpected(fmt::format("argument '{}' is no tensor, workspace or scalar of the problem", name));
    }
  }
  return bound;
}

tl::expected<void, LoadFailure> check_launch(const tuner::ResolvedLaunch& launch, const tuner::DeviceLimits& limits) {
  static constexpr std::array<std::int64_t, 3> block_limits = {1024, 1024, 64};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int64_t grid = launch.launch.grid[axis];
    const std::int64_t block = launch.launch.block[axis];
    if (grid < 1 || grid > tuner::kGridLimits[axis]) {
      return failure(Outcome::launch_error, fmt::format("kernel {}: grid extent {} on axis {} is not in 1..{}",
                                                        launch.kernel, grid, axis, tuner::kGridLimits[axis]));
    }
    if (block < 1 || block > block_limits[axis]) {
      return failure(Outcome::launch_error, fmt::format("kernel {}: block extent {} on axis {} is not in 1..{}",
                                                        launch.kernel, block, axis, block_limits[axis]));
    }
  }
  if (threads_of(launch.launch) > limits.max_threads_per_block) {
    return failure(Outcome::skipped, fmt::format("kernel {}: {} threads a block, the device allows {}", launch.kernel,
                                                 threads_of(launch.launch), limits.max_threads_per_block));
  }
  if (launch.launch.shared_bytes < 0 || launch.launch.shared_bytes > limits.shared_bytes_per_block) {
    return failure(Outcome::skipped,
                   fmt::format("kernel {}: {} bytes of dynamic shared memory a block, the device has {}", launch.kernel,
                               launch.launch.shared_bytes, limits.shared_bytes_per_block));
  }
  return {};
}

tl::expected<LoadedConfiguration, LoadFailure> LoadedConfiguration::load(
    Gpu& gpu, const tuner::Job& job, const std::vector<tuner::ResolvedLaunch>& launches,
    const std::vector<tuner::ResolvedWorkspace>& workspace, const CompileResult& compiled) {
  const Driver& driver = gpu.driver();
  LoadedConfiguration loaded(gpu);
  if (launches.empty()) return failure(Outcome::launch_error, "the configuration launches nothing");
  for (const tuner::ResolvedWorkspace& each : workspace) {
    if (each.bytes < 0)
      return failure(Outcome::launch_error, fmt::format("workspace {} has a negative size", each.name));
    loaded.workspace_bytes_.push_back(each.bytes);
  }
  auto module = load_module(driver, compiled.cubin);
  if (!module) return failure(launches.front().kernel, module.error());
  loaded.module_ = *module;
  for (const tuner::ResolvedLaunch& launch : launches) {
    FUSELINE_CHECK(check_launch(launch, gpu.info().limits));
    auto arguments = bind_arguments(launch.args, job, workspace);
    if (!arguments)
      return failure(Outcome::launch_error, fmt::format("kernel {}: {}", launch.kernel, arguments.error()));
    const auto function = find_function(driver, loaded.module_, launch.kernel);
    if (!function) return failure(launch.kernel, function.error());
    const auto facts = facts_of(driver, *function);
    if (!facts) return failure(launch.kernel, facts.error());
    FUSELINE_CHECK(check_kernel(launch, *facts, gpu.info().limits));
    if (launch.launch.shared_bytes + facts->static_shared_bytes > kDefaultSharedBytes) {
      if (auto allowed = allow_shared(driver, *function, launch.launch.shared_bytes); !allowed)
        return failure(launch.kernel, allowed.error());
    }
    if (loaded.launches_.empty()) loaded.facts_ = static_facts(gpu, launch.launch, *facts);
    const bool counted = std::any_of(loaded.launches_.begin(), loaded.launches_.end(),
                                     [&](const BoundLaunch& each) { return each.kernel == launch.kernel; });
    if (!counted) loaded.facts_.spill_bytes += spill_bytes_of(compiled, launch.kernel);
    loaded.launches_.push_back({launch.kernel, *function, launch.launch, std::move(*arguments)});
  }
  return loaded;
}

std::string LoadedConfiguration::kernel_names() const {
  std::string names = launches_.size() == 1 ? "kernel " : "kernels ";
  for (std::size_t i = 0; i < launches_.size(); ++i) names += (i == 0 ? "" : ", ") + launches_[i].kernel;
  return names;
}

LoadedConfiguration::LoadedConfiguration(LoadedConfiguration&& other) noexcept
    : gpu_(other.gpu_),
      module_(std::exchange(other.module_, nullptr)),
      launches_(std::move(other.launches_)),
      workspace_bytes_(std::move(other.workspace_bytes_)),
      facts_(std::move(other.facts_)) {}

LoadedConfiguration& LoadedConfiguration::operator=(LoadedConfiguration&& other) noexcept {
  std::swap(gpu_, other.gpu_);
  std::swap(module_, other.module_);
  std::swap(launches_, other.launches_);
  std::swap(workspace_bytes_, other.workspace_bytes_);
  std::swap(facts_, other.facts_);
  return *this;
}

LoadedConfiguration::~LoadedConfiguration() {
  if (module_ != nullptr) gpu_->retire(module_);
}

}  // namespace fuseline::profiler
