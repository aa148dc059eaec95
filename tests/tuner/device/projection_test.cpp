#include "tuner/device/projection.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/environment_variable.hpp"

namespace fuseline::tuner {
namespace {

/// An H200 as fuseline devices finds it, and an RTX 4090 by its sheet.
class Projections : public ::testing::Test {
 protected:
  Projections() {
    const Target sheet = find_target(FUSELINE_SOURCE_DIR, "h200").value();
    device_.name = "NVIDIA H200";
    device_.limits = sheet.limits;
    device_.dram_peak_gbps = sheet.dram_gbps;
    device_.ceilings = Ceilings{4283, 4465, 8740, 65071, ""};
    target_ = find_target(FUSELINE_SOURCE_DIR, "rtx4090").value();
    work_.time_ms = 0.5036;
    work_.flops = 1e10;
    work_.compulsory_bytes = 2'147'484'160;
    work_.dram_bytes = 2.12e9;
    work_.instructions = 1.86e8;
    work_.copy_gbps = 4273;
    work_.sm_mhz = 1965;
    work_.blocks = 65536;
    work_.block = {128, 32, 0};
  }

  Projection result() const { return project(work_, device_, target_).value(); }

  EnvironmentVariable data_{"FUSELINE_DATA", FUSELINE_SOURCE_DIR};
  DeviceInfo device_;
  Target target_;
  ObservedWork work_;
};

TEST_F(Projections, AtTheRateOfCopiesTheBytesMovedDecide) {
  const Projection projection = result();
  EXPECT_NEAR(projection.time_ms, 2.12e9 / 921e6, 0.03);
  EXPECT_EQ(projection.bound, ProjectionBound::dram);
  EXPECT_TRUE(projection.streaming.measured);
  EXPECT_EQ(projection.data, ProjectionData::fast);
  EXPECT_LT(projection.low_ms, projection.time_ms);
  EXPECT_GT(projection.high_ms, projection.time_ms);
  work_.dram_bytes *= 1.2;
  work_.time_ms *= 1.2;
  EXPECT_NEAR(result().time_ms / projection.time_ms, 1.2, 0.01) << "not the compulsory bytes";
}

TEST_F(Projections, NeverBeatsTheDataSheet) {
  work_.time_ms = 0.1;
  EXPECT_DOUBLE_EQ(result().time_ms, result().floor_ms);
  EXPECT_GE(result().low_ms, result().floor_ms);
}

TEST_F(Projections, WhatIssuesAllTheTimeFollowsTheSmsAndTheirClock) {
  work_.dram_bytes = 1e7;
  work_.compulsory_bytes = 1e7;
  work_.instructions = 0.9 * 132 * 4 * 1965e6 * work_.time_ms * 1e-3;
  const Projection projection = result();
  EXPECT_EQ(projection.bound, ProjectionBound::issue);
  EXPECT_NEAR(projection.time_ms, 0.5036 * 132 * 1965 / (128 * 2520.0), 0.02);
}

TEST_F(Projections, WhatWaitsGoesWithTheWarpsThatTheTargetHolds) {
  work_.dram_bytes = 1e7;
  work_.compulsory_bytes = 1e7;
  work_.instructions = 1e6;
  const Projection first = result();
  EXPECT_EQ(first.bound, ProjectionBound::waiting);
  work_.block.shared_bytes = std::int64_t{48} * 1024;  // Four on an H200's SM, two on an RTX 4090's.
  work_.dram_bytes = 0;                                // Without counters nothing is put down to DRAM.
  EXPECT_GT(result().time_ms, first.time_ms * 1.3);
}

TEST_F(Projections, LessDataAndAnotherArchitectureMakeTheIntervalWider) {
  const ObservedWork at_first = work_;
  const Projection fast = result();
  work_.time_ms = 0.6;
  const Projection counted = result();
  work_.dram_bytes = work_.instructions = 0;
  work_.compulsory_bytes = 2.12e9;
  const Projection alone = result();
  EXPECT_EQ(alone.data, ProjectionData::time);
  EXPECT_GT(std::log(alone.high_ms / alone.low_ms), std::log(counted.high_ms / counted.low_ms));
  work_.special_instructions = work_.dram_bytes = 1;
  EXPECT_EQ(result().data, ProjectionData::full);
  target_.limits.compute_major = 9;
  target_.limits.compute_minor = 0;
  work_ = at_first;
  EXPECT_LT(result().high_ms / result().time_ms, fast.high_ms / fast.time_ms);
}

TEST_F(Projections, ARateThatIsEstimatedMakesTheIntervalWider) {
  const Projection measured = result();
  target_.copy_gbps = 0;
  EXPECT_FALSE(result().streaming.measured);
  EXPECT_GT(result().high_ms / result().time_ms, measured.high_ms / measured.time_ms);
}

TEST_F(Projections, LaunchesTakeTheSameEverywhere) {
  work_.compulsory_bytes = work_.dram_bytes = 1e6;
  work_.time_ms = 0.01;
  work_.flops = 0;
  work_.instructions = 0;
  const double one = result().time_ms;
  work_.launches = 2;
  EXPECT_LT(result().time_ms, one) << "more of the time is launches, which are not scaled";
}

TEST_F(Projections, ALastWaveThatIsPartlyFullCounts) {
  work_.dram_bytes = work_.compulsory_bytes = 1e7;
  work_.instructions = 132 * 4 * 1965e6 * work_.time_ms * 1e-3;
  work_.block = {1024, 32, 0};
  work_.blocks = 132 * 2 * 2;  // Two waves; on the RTX 4090, one block an SM, 4.125.
  const double full = result().time_ms;
  work_.blocks = 128 * 4 * 33;  // 132 waves there; 64 here.
  EXPECT_GT(full / result().time_ms, 1.1);
}

TEST_F(Projections, ThereIsNoneForTheDeviceItselfNorForWhatDoesNotFit) {
  device_.name = target_.device_names.front();
  EXPECT_FALSE(project(work_, device_, target_));
  device_.name = "NVIDIA H200";
  work_.block.shared_bytes = std::int64_t{150} * 1024;
  EXPECT_FALSE(project(work_, device_, target_)) << "an SM of the target has 100 KiB";
  work_.block.shared_bytes = 0;
  work_.copy_gbps = 0;
  EXPECT_FALSE(project(work_, device_, target_));
}

TEST(Residency, IsWhatNvidiasCalculatorSays) {
  const EnvironmentVariable data("FUSELINE_DATA", FUSELINE_SOURCE_DIR);
  const DeviceLimits h200 = find_target(FUSELINE_SOURCE_DIR, "h200").value().limits;
  const DeviceLimits ada = find_target(FUSELINE_SOURCE_DIR, "rtx4090").value().limits;
  EXPECT_EQ(resident_blocks(h200, {128, 122, 0}), 4) << "16 warps: 25 %, as recorded for layernorm_gelu_scale f32";
  EXPECT_EQ(resident_blocks(h200, {1024, 32, 0}), 2);
  EXPECT_EQ(resident_blocks(ada, {1024, 32, 0}), 1);
  EXPECT_EQ(resident_blocks(ada, {128, 32, std::int64_t{48} * 1024}), 2);
  EXPECT_EQ(resident_blocks(ada, {128, 32, std::int64_t{100} * 1024}), 0);
  EXPECT_EQ(resident_blocks(ada, {2048, 32, 0}), 0);
  EXPECT_EQ(resident_blocks(ada, {0, 0, 0}), 0);
  EXPECT_EQ(resident_blocks(h200, {32, 104, 0}), 16) << "four warps of 3,328 registers in each quarter of 16,384";
}

TEST(Residency, NamesWhatLimitsIt) {
  const EnvironmentVariable data("FUSELINE_DATA", FUSELINE_SOURCE_DIR);
  const DeviceLimits ada = find_target(FUSELINE_SOURCE_DIR, "rtx4090").value().limits;
  const auto limit = [&](const BlockNeeds& block) { return to_string(residency(ada, block).limit); };
  EXPECT_EQ(limit({128, 122, 0}), "registers");
  EXPECT_EQ(limit({128, 32, std::int64_t{48} * 1024}), "shared memory");
  EXPECT_EQ(limit({256, 32, 0}), "warps");
  EXPECT_EQ(limit({32, 32, 0}), "blocks");
  EXPECT_EQ(limit({2048, 0, 0}), "warps");
  EXPECT_DOUBLE_EQ(residency(ada, {256, 64, 0}).occupancy, 32.0 / 48);
  EXPECT_EQ(residency(ada, {256, 64, 0}).limiter(), "registers");
  EXPECT_DOUBLE_EQ(residency(ada, {256, 40, 0}).occupancy, 1);
  EXPECT_EQ(residency(ada, {256, 40, 0}).limiter(), "") << "every warp fits";
  EXPECT_DOUBLE_EQ(residency(DeviceLimits{}, {256, 64, 0}).occupancy, 0) << "the most that an SM holds is not known";
}

}  // namespace
}  // namespace fuseline::tuner
