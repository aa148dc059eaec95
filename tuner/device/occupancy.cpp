#include "tuner/device/occupancy.hpp"

#include <algorithm>

namespace fuseline::tuner {
namespace {

/// Of how much one more makes no difference, and the most that a block may have.
struct Grain {
  std::int64_t unit = 1, least = 0, most = 0;
};

Grain grain_of(const DeviceLimits& limits, BlockNeed need) {
  switch (need) {
    case BlockNeed::registers:
      return {1, 1, limits.registers_per_thread};
    case BlockNeed::shared_memory:
      return {128, 0, limits.shared_bytes_per_block};
    case BlockNeed::threads:
      return {32, 1, limits.max_threads_per_block};
  }
  return {};
}

BlockNeeds with(BlockNeeds block, BlockNeed need, std::int64_t amount) {
  if (need == BlockNeed::registers) block.registers = static_cast<int>(amount);
  if (need == BlockNeed::shared_memory) block.shared_bytes = amount;
  if (need == BlockNeed::threads) block.threads = static_cast<int>(amount);
  return block;
}

bool alike(const Residency& a, const Residency& b) {
  return a.blocks == b.blocks && a.limiter() == b.limiter() && a.occupancy == b.occupancy;
}

}  // namespace

std::string_view to_string(BlockNeed need) {
  switch (need) {
    case BlockNeed::registers:
      return "registers a thread";
    case BlockNeed::shared_memory:
      return "shared memory a block";
    case BlockNeed::threads:
      return "threads a block";
  }
  return "";
}

std::int64_t amount_of(const BlockNeeds& block, BlockNeed need) {
  switch (need) {
    case BlockNeed::registers:
      return block.registers;
    case BlockNeed::shared_memory:
      return block.shared_bytes;
    case BlockNeed::threads:
      return block.threads;
  }
  return 0;
}

std::vector<OccupancyStep> occupancy_steps(const DeviceLimits& limits, const BlockNeeds& block, BlockNeed varied) {
  const Grain grain = grain_of(limits, varied);
  std::vector<OccupancyStep> steps;
  if (limits.max_threads_per_sm <= 0) return steps;
  for (std::int64_t from = grain.least; from <= grain.most;) {
    // A whole unit is taken of what is begun: its last value stands for all.
    const std::int64_t to = std::min(grain.most, (from + grain.unit - 1) / grain.unit * grain.unit);
    const Residency found = residency(limits, with(block, varied, to));
    if (!steps.empty() && alike(steps.back().residency, found)) {
      steps.back().to = to;
    } else {
      steps.push_back({from, to, found});
    }
    from = to + 1;
  }
  return steps;
}

const OccupancyStep* step_at(const std::vector<OccupancyStep>& steps, std::int64_t amount) {
  const auto found = std::find_if(steps.begin(), steps.end(), [amount](const OccupancyStep& step) {
    return step.from <= amount && amount <= step.to;
  });
  return found == steps.end() ? nullptr : &*found;
}

const OccupancyStep* nearest_higher(const std::vector<OccupancyStep>& steps, std::int64_t amount) {
  const OccupancyStep* own = step_at(steps, amount);
  if (own == nullptr) return nullptr;
  const auto distance = [amount](const OccupancyStep& step) {
    return step.to < amount ? amount - step.to : step.from - amount;
  };
  const OccupancyStep* nearest = nullptr;
  for (const OccupancyStep& step : steps) {
    if (step.residency.occupancy <= own->residency.occupancy) continue;
    if (nearest == nullptr || distance(step) < distance(*nearest)) nearest = &step;
  }
  return nearest;
}

}  // namespace fuseline::tuner
