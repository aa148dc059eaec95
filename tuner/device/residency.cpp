#include "tuner/device/residency.hpp"

#include <algorithm>
#include <limits>

namespace fuseline::tuner {
namespace {

constexpr std::int64_t kQuarters = 4;        ///< Of an SM, each with registers and warps of its own; since 5.0.
constexpr std::int64_t kRegisterUnit = 256;  ///< A warp.
constexpr std::int64_t kReserved = 1024;
constexpr std::int64_t kUnlimited = std::numeric_limits<int>::max();

std::int64_t rounded_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

std::int64_t by_registers(const DeviceLimits& limits, const BlockNeeds& block) {
  if (block.registers <= 0 || limits.registers_per_sm <= 0) return kUnlimited;
  if (limits.registers_per_thread > 0 && block.registers > limits.registers_per_thread) return 0;
  const std::int64_t warp = rounded_up(std::int64_t{block.registers} * 32, kRegisterUnit);
  // A launch is refused as if every quarter held as many warps as the fullest.
  const bool over =
      limits.registers_per_block > 0 && warp * rounded_up(block.warps(), kQuarters) > limits.registers_per_block;
  return over ? 0 : limits.registers_per_sm / kQuarters / warp * kQuarters / block.warps();
}

std::int64_t by_shared_memory(const DeviceLimits& limits, const BlockNeeds& block) {
  if (limits.shared_bytes_per_block > 0 && block.shared_bytes > limits.shared_bytes_per_block) return 0;
  const std::int64_t reserved = limits.compute_major >= 8 ? kReserved : 0;
  const std::int64_t shared = rounded_up(block.shared_bytes + reserved, limits.compute_major >= 8 ? 128 : 256);
  return shared > 0 && limits.shared_bytes_per_sm > 0 ? limits.shared_bytes_per_sm / shared : kUnlimited;
}

std::int64_t by_warps(const DeviceLimits& limits, const BlockNeeds& block) {
  if (limits.max_threads_per_block > 0 && block.threads > limits.max_threads_per_block) return 0;
  return limits.max_threads_per_sm > 0 ? limits.max_threads_per_sm / 32 / block.warps() : kUnlimited;
}

}  // namespace

std::string_view to_string(ResidencyLimit limit) {
  switch (limit) {
    case ResidencyLimit::registers:
      return "registers";
    case ResidencyLimit::shared_memory:
      return "shared memory";
    case ResidencyLimit::warps:
      return "warps";
    case ResidencyLimit::blocks:
      return "blocks";
  }
  return "";
}

Residency residency(const DeviceLimits& limits, const BlockNeeds& block) {
  Residency found;
  if (block.threads <= 0) return found;
  std::int64_t most = kUnlimited;
  const auto bound = [&](std::int64_t blocks, ResidencyLimit limit) {
    if (blocks >= most) return;
    most = blocks;
    found.limit = limit;
  };
  bound(by_registers(limits, block), ResidencyLimit::registers);
  bound(by_shared_memory(limits, block), ResidencyLimit::shared_memory);
  bound(by_warps(limits, block), ResidencyLimit::warps);
  if (limits.max_blocks_per_sm > 0) bound(limits.max_blocks_per_sm, ResidencyLimit::blocks);
  found.blocks = static_cast<int>(most);
  const int warps = limits.max_threads_per_sm / 32;
  if (warps > 0) found.occupancy = static_cast<double>(most * block.warps()) / warps;
  return found;
}

int resident_blocks(const DeviceLimits& limits, const BlockNeeds& block) { return residency(limits, block).blocks; }

}  // namespace fuseline::tuner
