#include "tuner/device/residency.hpp"

#include <algorithm>
#include <limits>

namespace fuseline::tuner {
namespace {

constexpr std::int64_t kRegisterUnit = 256;  ///< A warp.
constexpr std::int64_t kReserved = 1024, kSharedUnit = 128;

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

int resident_blocks(const DeviceLimits& limits, const BlockNeeds& block) {
  if (block.threads <= 0) return 0;
  if (limits.max_threads_per_block > 0 && block.threads > limits.max_threads_per_block) return 0;
  std::int64_t most = limits.max_blocks_per_sm > 0 ? limits.max_blocks_per_sm : std::numeric_limits<int>::max();
  if (limits.max_threads_per_sm > 0)
    most = std::min<std::int64_t>(most, limits.max_threads_per_sm / 32 / block.warps());
  if (block.registers > 0 && limits.registers_per_sm > 0) {
    if (limits.registers_per_thread > 0 && block.registers > limits.registers_per_thread) return 0;
    const std::int64_t warp = rounded_up(std::int64_t{block.registers} * 32, kRegisterUnit);
    if (limits.registers_per_block > 0 && warp * block.warps() > limits.registers_per_block) return 0;
    most = std::min(most, limits.registers_per_sm / warp / block.warps());
  }
  if (limits.shared_bytes_per_block > 0 && block.shared_bytes > limits.shared_bytes_per_block) return 0;
  const std::int64_t reserved = limits.compute_major >= 8 ? kReserved : 0;
  const std::int64_t shared = rounded_up(block.shared_bytes + reserved, kSharedUnit);
  if (shared > 0 && limits.shared_bytes_per_sm > 0) most = std::min(most, limits.shared_bytes_per_sm / shared);
  return static_cast<int>(most);
}

}  // namespace fuseline::tuner
