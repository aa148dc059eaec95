#include "profiler/measure/loaded_configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "profiler/cuda/module.hpp"
#include "profiler/cuda/occupancy.hpp"
#include "tuner/problem/variant.hpp"

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

Occupancy occupancy_of(const Gpu& gpu, const tuner::Launch& launch, const FunctionFacts& facts) {
  OccupancyQuery query;
  query.threads_per_block = static_cast<int>(threads_of(launch));
  query.registers = facts.registers;
  query.max_threads_per_block = facts.max_threads;
  query.static_shared_bytes = facts.static_shared_bytes;
  query.dynamic_shared_bytes = launch.shared_bytes;
  query.reserved_shared_bytes = static_cast<std::int64_t>(gpu.reserved_shared_bytes());
  return occupancy(gpu.info().limits, query);
}

double blocks_of(const tuner::Launch& launch) {
  return static_cast<double>(launch.grid[0]) * static_cast<double>(launch.grid[1]) *
         static_cast<double>(launch.grid[2]);
}

tuner::StaticFacts static_facts(const tuner::Launch& launch, const FunctionFacts& facts, const Occupancy& answer,
                                double resident_blocks) {
  tuner::StaticFacts result;
  result.registers = facts.registers;
  result.local_bytes = facts.local_bytes;
  result.static_shared_bytes = facts.static_shared_bytes;
  result.max_threads_per_block = facts.max_threads;
  result.occupancy = answer.fraction;
  result.occupancy_limiter = answer.limiter;
  result.waves = resident_blocks > 0 ? blocks_of(launch) / resident_blocks : 0;
  return result;
}

/// A cooperative grid whose blocks are not all on the device at once would wait for ever.
tl::expected<void, LoadFailure> check_cooperative(const Gpu& gpu, const tuner::ResolvedLaunch& launch,
                                                  double resident_blocks) {
  if (!launch.cooperative) return {};
  if (!gpu.cooperative_launch())
    return failure(Outcome::skipped,
                   fmt::format("kernel {}: a cooperative launch, which the device does not have", launch.kernel));
  if (blocks_of(launch.launch) <= resident_blocks) return {};
  return failure(
      Outcome::skipped,
      fmt::format("kernel {}: a cooperative launch of {:.0f} blocks, of which the device holds {:.0f} at once",
                  launch.kernel, blocks_of(launch.launch), resident_blocks));
}

/// Where no compiler's log tells, all local memory counts as spilled.
std::int64_t spill_bytes_of(const std::vector<KernelResources>& resources, const std::string& symbol,
                            const FunctionFacts& facts) {
  for (const KernelResources& each : resources) {
    if (each.name == symbol) return each.spill_store_bytes + each.spill_load_bytes;
  }
  return facts.local_bytes;
}

}  // namespace

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
    const std::vector<tuner::ResolvedWorkspace>& workspace, const CompileResult& image) {
  LoadedConfiguration loaded(gpu);
  if (launches.empty()) return failure(Outcome::launch_error, "the configuration launches nothing");
  for (const tuner::ResolvedWorkspace& each : workspace) {
    if (each.bytes < 0)
      return failure(Outcome::launch_error, fmt::format("workspace {} has a negative size", each.name));
  }
  loaded.workspace_ = workspace;
  for (const tuner::ResolvedLaunch& launch : launches) FUSELINE_CHECK(check_launch(launch, gpu.info().limits));
  FUSELINE_CHECK(loaded.load_image(image));
  for (const tuner::ResolvedLaunch& launch : launches) FUSELINE_CHECK(loaded.add(launch, job, image));
  return loaded;
}

tl::expected<void, LoadFailure> LoadedConfiguration::load_image(const CompileResult& image) {
  const bool ptx = image.form == tuner::KernelForm::ptx;
  const auto begin = std::chrono::steady_clock::now();
  auto loaded = ptx ? assemble_ptx(gpu_->driver(), image.image) : load_cubin(gpu_->driver(), image.image);
  if (loaded) {
    module_ = loaded->module;
    resources_ = ptx ? parse_assembler_log(loaded->log) : image.kernels;
    assembler_log_ = std::move(loaded->log);
    if (ptx) assemble_ms_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return {};
  }
  const ModuleFailure& failed = loaded.error();
  LoadFailure why{Outcome::launch_error, failed.error.message(), failed.error.context_lost(), failed.log};
  if (ptx && !why.context_lost && failed.error.code != CUDA_ERROR_OUT_OF_MEMORY) {
    why.outcome = Outcome::compile_error;
    if (std::string error = first_error(failed.log); !error.empty()) why.reason = std::move(error);
  }
  return tl::unexpected(std::move(why));
}

tl::expected<void, LoadFailure> LoadedConfiguration::add(const tuner::ResolvedLaunch& launch, const tuner::Job& job,
                                                         const CompileResult& image) {
  const Driver& driver = gpu_->driver();
  const auto refused = [&launch](const std::string& reason) {
    return failure(Outcome::launch_error, fmt::format("kernel {}: {}", launch.kernel, reason));
  };
  auto arguments = bind_arguments(launch.args, job, workspace_);
  if (!arguments) return refused(arguments.error());
  const std::string symbol = image.symbol(launch.kernel);
  const auto function = find_function(driver, module_, symbol);
  if (!function) return failure(launch.kernel, function.error());
  if (const auto expected = parameter_bytes(driver, *function, image, symbol)) {
    if (const auto fits = check_arguments(*arguments, *expected); !fits) return refused(fits.error());
  }
  const auto facts = facts_of(driver, *function);
  if (!facts) return failure(launch.kernel, facts.error());
  FUSELINE_CHECK(check_kernel(launch, *facts, gpu_->info().limits));
  const Occupancy answer = occupancy_of(*gpu_, launch.launch, *facts);
  const double resident_blocks = static_cast<double>(answer.blocks_per_sm) * gpu_->info().limits.sm_count;
  FUSELINE_CHECK(check_cooperative(*gpu_, launch, resident_blocks));
  if (launch.launch.shared_bytes + facts->static_shared_bytes > kDefaultSharedBytes) {
    if (auto allowed = allow_shared(driver, *function, launch.launch.shared_bytes); !allowed)
      return failure(launch.kernel, allowed.error());
  }
  const bool counted = std::any_of(launches_.begin(), launches_.end(),
                                   [&](const BoundLaunch& each) { return each.kernel == launch.kernel; });
  if (!counted) spill_bytes_ += spill_bytes_of(resources_, symbol, *facts);
  launches_.push_back({launch.kernel, *function, launch.launch, std::move(*arguments), launch.cooperative,
                       static_facts(launch.launch, *facts, answer, resident_blocks)});
  return {};
}

tuner::StaticFacts LoadedConfiguration::facts(std::size_t launch) const {
  tuner::StaticFacts facts = launches_[launch].facts;
  facts.spill_bytes = spill_bytes_;
  return facts;
}

std::string LoadedConfiguration::kernel_names() const {
  std::string names = launches_.size() == 1 ? "kernel " : "kernels ";
  for (std::size_t i = 0; i < launches_.size(); ++i) names += (i == 0 ? "" : ", ") + launches_[i].kernel;
  return names;
}

LoadedConfiguration::LoadedConfiguration(LoadedConfiguration&& other) noexcept
    : gpu_(other.gpu_),
      module_(std::exchange(other.module_, nullptr)),
      resources_(std::move(other.resources_)),
      launches_(std::move(other.launches_)),
      workspace_(std::move(other.workspace_)),
      spill_bytes_(other.spill_bytes_),
      assemble_ms_(other.assemble_ms_),
      assembler_log_(std::move(other.assembler_log_)) {}

LoadedConfiguration& LoadedConfiguration::operator=(LoadedConfiguration&& other) noexcept {
  std::swap(gpu_, other.gpu_);
  std::swap(module_, other.module_);
  std::swap(resources_, other.resources_);
  std::swap(launches_, other.launches_);
  std::swap(workspace_, other.workspace_);
  std::swap(spill_bytes_, other.spill_bytes_);
  std::swap(assemble_ms_, other.assemble_ms_);
  std::swap(assembler_log_, other.assembler_log_);
  return *this;
}

LoadedConfiguration::~LoadedConfiguration() {
  if (module_ != nullptr) gpu_->retire(module_);
}

}  // namespace fuseline::profiler
