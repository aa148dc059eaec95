#include "profiler/measure/timer.hpp"

#include <gtest/gtest.h>

namespace fuseline::profiler {
namespace {

tuner::StoppingRule rule() {
  tuner::StoppingRule made;
  made.minimum_samples = 10;
  made.maximum_samples = 25;
  made.maximum_ms = 50;
  return made;
}

TEST(Batches, FillUpToTheMinimumThenGoOnByTens) {
  EXPECT_EQ(next_batch(3, 1.5, 0.5, rule()), 7U);
  EXPECT_EQ(next_batch(10, 5, 0.5, rule()), 10U);
  EXPECT_EQ(next_batch(20, 10, 0.5, rule()), 5U);
  EXPECT_EQ(next_batch(25, 12, 0.5, rule()), 0U);
}

TEST(Batches, OfLongSamplesAreSmall) {
  EXPECT_EQ(next_batch(3, 30, 10, rule()), 2U);
  EXPECT_EQ(next_batch(3, 300, 100, rule()), 1U);
}

TEST(Batches, WithoutAnEstimateAreWhole) { EXPECT_EQ(next_batch(0, 0, 0, rule()), 10U); }

TEST(Batches, ShortLaunchesWaitUntilAllAreQueued) {
  EXPECT_EQ(batch_delay_ns(10, 0.5), 0U);
  EXPECT_GE(batch_delay_ns(10, 0.01), 100'000U);
  EXPECT_LE(batch_delay_ns(1'000'000, 0.01), 2'000'000U);
}

}  // namespace
}  // namespace fuseline::profiler
