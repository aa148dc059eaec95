// What occupancy would be if one need of a block were another: registers, shared memory, or threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tuner/device/residency.hpp"

namespace fuseline::tuner {

/// What is varied; the others stay as the block has them.
enum class BlockNeed { registers, shared_memory, threads };
[[nodiscard]] std::string_view to_string(BlockNeed need);  ///< "registers a thread", "shared memory a block", ...
/// Of a block: registers a thread, bytes, threads.
[[nodiscard]] std::int64_t amount_of(const BlockNeeds& block, BlockNeed need);

/// All values from `from` to `to`, both included, give the same residency.
struct OccupancyStep {
  std::int64_t from = 0, to = 0;
  Residency residency;
};
/// Every value that a launch may have, from the least, in steps as registers, warps and shared memory are given out
/// (rules: residency()). Up to the device's limits of a block; a value that cannot be launched beside the other needs
/// has no blocks. Empty where the device's limit is not known.
[[nodiscard]] std::vector<OccupancyStep> occupancy_steps(const DeviceLimits& limits, const BlockNeeds& block,
                                                         BlockNeed varied);
/// The step that holds `amount`; null where none does.
[[nodiscard]] const OccupancyStep* step_at(const std::vector<OccupancyStep>& steps, std::int64_t amount);
/// The nearest step with more occupancy than the one that holds `amount`; null where there is none.
[[nodiscard]] const OccupancyStep* nearest_higher(const std::vector<OccupancyStep>& steps, std::int64_t amount);

}  // namespace fuseline::tuner
