// Occupancy as one need of a block varies, against the rules of the CUDA C++ Programming Guide for 8.9 and 9.0. What
// residency() says of single points is held to NVIDIA's calculator in tests/profiler/occupancy_test.cpp.
#include "tuner/device/occupancy.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "tuner/base/files.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::int64_t kKibibyte = 1024;

DeviceLimits limits_of(const char* name) { return find_target(data_folder(), name)->limits; }

double occupancy_at(const std::vector<OccupancyStep>& steps, std::int64_t amount) {
  const OccupancyStep* step = step_at(steps, amount);
  return step == nullptr ? -1 : step->residency.occupancy;
}

TEST(OccupancySteps, RegistersGoInEights) {
  // 64 K registers, blocks of 256: 8 warps, each a multiple of 256 registers, so 8 a thread.
  const auto steps = occupancy_steps(limits_of("h200"), {256, 32, 0}, BlockNeed::registers);
  EXPECT_DOUBLE_EQ(occupancy_at(steps, 32), 1.0);  // 65,536 / 8,192 = 8 blocks of 64 warps.
  EXPECT_DOUBLE_EQ(occupancy_at(steps, 33), 0.75);
  EXPECT_DOUBLE_EQ(occupancy_at(steps, 40), 0.75);  // 65,536 / 10,240 = 6.
  EXPECT_DOUBLE_EQ(occupancy_at(steps, 41), 0.625);
  EXPECT_DOUBLE_EQ(occupancy_at(steps, 255), 0.125);
  EXPECT_EQ(step_at(steps, 256), nullptr);
  EXPECT_EQ(steps.front().from, 1);
  EXPECT_EQ(steps.front().to, 32);
  // An SM of 8.9 holds 48 warps and so is full up to 40.
  const auto ada = occupancy_steps(limits_of("rtx4090"), {256, 32, 0}, BlockNeed::registers);
  EXPECT_DOUBLE_EQ(occupancy_at(ada, 40), 1.0);
  EXPECT_DOUBLE_EQ(occupancy_at(ada, 41), 40.0 / 48);
}

TEST(OccupancySteps, SharedMemoryGoesIn128BytesBesideTheDriversKibibyte) {
  const auto steps = occupancy_steps(limits_of("rtx4090"), {256, 32, 0}, BlockNeed::shared_memory);
  // Six blocks of 8 warps are full: 102,400 / 6 = 17,066, less 1,024 and down to a multiple of 128.
  EXPECT_DOUBLE_EQ(occupancy_at(steps, 16000), 1.0);
  EXPECT_DOUBLE_EQ(occupancy_at(steps, 16001), 40.0 / 48);
  EXPECT_DOUBLE_EQ(occupancy_at(steps, kKibibyte * 99), 8.0 / 48);
  EXPECT_EQ(step_at(steps, kKibibyte * 99 + 1), nullptr);
  const auto hopper = occupancy_steps(limits_of("h200"), {256, 32, 0}, BlockNeed::shared_memory);
  EXPECT_DOUBLE_EQ(occupancy_at(hopper, kKibibyte * 28), 7.0 / 8);  // 233,472 / 29,696 = 7.86.
  EXPECT_EQ(step_at(hopper, kKibibyte * 28)->residency.limit, ResidencyLimit::shared_memory);
}

TEST(OccupancySteps, BlocksGoInWarpsAndTheirNumberIsLimited) {
  const auto hopper = occupancy_steps(limits_of("h200"), {256, 32, 0}, BlockNeed::threads);
  EXPECT_DOUBLE_EQ(occupancy_at(hopper, 32), 0.5) << "32 blocks of one warp";
  EXPECT_EQ(step_at(hopper, 32)->residency.limit, ResidencyLimit::blocks);
  EXPECT_DOUBLE_EQ(occupancy_at(hopper, 33), 1.0) << "32 of two";
  EXPECT_DOUBLE_EQ(occupancy_at(hopper, 1024), 1.0);
  const auto ada = occupancy_steps(limits_of("rtx4090"), {256, 32, 0}, BlockNeed::threads);
  EXPECT_DOUBLE_EQ(occupancy_at(ada, 32), 0.5) << "24 blocks of one warp, of 48";
  EXPECT_DOUBLE_EQ(occupancy_at(ada, 1024), 32.0 / 48) << "two do not fit 1,536 threads";
}

TEST(OccupancySteps, NameTheNearestValueThatHasMore) {
  const auto registers = occupancy_steps(limits_of("h200"), {256, 48, 0}, BlockNeed::registers);
  ASSERT_NE(nearest_higher(registers, 48), nullptr);
  EXPECT_EQ(nearest_higher(registers, 48)->to, 40);
  EXPECT_EQ(nearest_higher(registers, 32), nullptr);
  const auto threads = occupancy_steps(limits_of("rtx4090"), {1024, 32, 0}, BlockNeed::threads);
  ASSERT_NE(nearest_higher(threads, 1024), nullptr);
  EXPECT_EQ(nearest_higher(threads, 1024)->to, 768) << "two of 24 warps; from 769 threads on one block alone fits";
  EXPECT_TRUE(occupancy_steps(DeviceLimits{}, {256, 32, 0}, BlockNeed::registers).empty());
}

/// Each step is what residency() says at both of its ends, and the next differs.
TEST(OccupancySteps, CoverEveryValueOnce) {
  for (const char* name : {"h200", "rtx4090", "t4"}) {
    const DeviceLimits limits = limits_of(name);
    for (const BlockNeeds& block : {BlockNeeds{96, 77, 5000}, BlockNeeds{512, 128, 40960}}) {
      const auto steps = occupancy_steps(limits, block, BlockNeed::shared_memory);
      ASSERT_FALSE(steps.empty());
      EXPECT_EQ(steps.front().from, 0);
      EXPECT_EQ(steps.back().to, limits.shared_bytes_per_block);
      for (std::size_t i = 0; i < steps.size(); ++i) {
        for (const std::int64_t bytes : {steps[i].from, steps[i].to}) {
          EXPECT_EQ(residency(limits, {block.threads, block.registers, bytes}).blocks, steps[i].residency.blocks)
              << name << " " << bytes;
        }
        EXPECT_EQ(steps[i].from, i == 0 ? 0 : steps[i - 1].to + 1);
      }
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
