#include "profiler/cuda/occupancy.hpp"

#include <gtest/gtest.h>

#include "tuner/device/residency.hpp"

namespace fuseline::profiler {
namespace {

tuner::DeviceLimits h200() {
  tuner::DeviceLimits limits;
  limits.sm_count = 132;
  limits.compute_major = 9;
  limits.max_threads_per_sm = 2048;
  limits.max_blocks_per_sm = 32;
  limits.shared_bytes_per_sm = std::int64_t{228} * 1024;
  limits.shared_bytes_per_block = std::int64_t{227} * 1024;
  return limits;
}

tuner::DeviceLimits rtx4090() {
  tuner::DeviceLimits limits = h200();
  limits.sm_count = 128;
  limits.compute_major = 8;
  limits.compute_minor = 9;
  limits.max_threads_per_sm = 1536;
  limits.max_blocks_per_sm = 24;
  limits.shared_bytes_per_sm = std::int64_t{100} * 1024;
  limits.shared_bytes_per_block = std::int64_t{99} * 1024;
  return limits;
}

OccupancyQuery query(int threads, int registers, std::int64_t dynamic_shared = 0) {
  OccupancyQuery made;
  made.threads_per_block = threads;
  made.registers = registers;
  made.dynamic_shared_bytes = dynamic_shared;
  return made;
}

// Expected values: NVIDIA's occupancy calculator (Nsight Compute), 64 K registers, allocation units of 256 registers a
// warp.
TEST(Occupancy, FullWhereNothingLimitsButWarps) {
  const Occupancy answer = occupancy(h200(), query(256, 32));
  EXPECT_EQ(answer.blocks_per_sm, 8);
  EXPECT_DOUBLE_EQ(answer.fraction, 1.0);
}

TEST(Occupancy, RegistersLimit) {
  const Occupancy answer = occupancy(h200(), query(256, 64));
  EXPECT_EQ(answer.blocks_per_sm, 4);
  EXPECT_DOUBLE_EQ(answer.fraction, 0.5);
  EXPECT_EQ(answer.limiter, "registers");
}

TEST(Occupancy, SharedMemoryLimits) {
  // 99 KiB and the driver's 1 KiB a block: two fit into 228 KiB.
  const Occupancy answer = occupancy(h200(), query(128, 32, std::int64_t{99} * 1024));
  EXPECT_EQ(answer.blocks_per_sm, 2);
  EXPECT_EQ(answer.limiter, "shared memory");
}

TEST(Occupancy, SmallBlocksAreLimitedByTheirNumber) {
  const Occupancy answer = occupancy(h200(), query(32, 32));
  EXPECT_EQ(answer.blocks_per_sm, 32);
  EXPECT_DOUBLE_EQ(answer.fraction, 0.5);
  EXPECT_EQ(answer.limiter, "blocks");
}

TEST(Occupancy, TheTargetHoldsFewerThreads) {
  EXPECT_EQ(occupancy(rtx4090(), query(512, 40)).blocks_per_sm, 3);
  EXPECT_DOUBLE_EQ(occupancy(rtx4090(), query(512, 40)).fraction, 1.0);
  EXPECT_EQ(occupancy(rtx4090(), query(1024, 32)).blocks_per_sm, 1);
}

TEST(Occupancy, WhatDoesNotFitIsZero) {
  EXPECT_EQ(occupancy(rtx4090(), query(128, 32, std::int64_t{200} * 1024)).blocks_per_sm, 0);
  tuner::DeviceLimits unknown;
  EXPECT_EQ(occupancy(unknown, query(128, 32)).fraction, 0);
}

TEST(Occupancy, OfDevicesThatAreNotThereIsTheSame) {
  tuner::DeviceLimits turing = rtx4090();
  turing.compute_major = 7;
  turing.compute_minor = 5;
  turing.max_threads_per_sm = 1024;
  turing.max_blocks_per_sm = 16;
  turing.shared_bytes_per_sm = turing.shared_bytes_per_block = std::int64_t{64} * 1024;
  for (const tuner::DeviceLimits& limits : {h200(), rtx4090(), turing}) {
    for (int threads = 32; threads <= 1024; threads += 32) {
      for (int registers = 16; registers <= 255; ++registers) {
        for (const std::int64_t shared : {0, 200, 5000, 17000, 48000, 64000}) {
          OccupancyQuery asked = query(threads, registers, shared);
          if (limits.compute_major < 8) asked.reserved_shared_bytes = 0;
          const Occupancy expected = occupancy(limits, asked);
          const tuner::Residency found = tuner::residency(limits, {threads, registers, shared});
          ASSERT_EQ(found.blocks, expected.blocks_per_sm)
              << limits.sm() << " " << threads << " threads " << registers << " registers " << shared << " bytes";
          ASSERT_DOUBLE_EQ(found.occupancy, expected.fraction);
          if (found.blocks > 0) {
            ASSERT_EQ(to_string(found.limit), expected.limiter) << threads << " " << registers << " " << shared;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace fuseline::profiler
