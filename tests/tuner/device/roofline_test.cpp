#include "tuner/device/roofline.hpp"

#include <gtest/gtest.h>

namespace fuseline::tuner {
namespace {

TEST(Roofline, PointBelowTheRidgeHangsFromTheBandwidth) {
  // 1 GiB read and 1 GiB written in 0.55 ms, ten operations for eight bytes, under 4,200 GB/s and 66.9 TFLOP/s.
  const double bytes = 2.0 * (1 << 30), flops = bytes / 8 * 10;
  const RooflinePoint point = roofline_point(flops, bytes, 0.55, 4200, 66900);
  EXPECT_DOUBLE_EQ(point.intensity, 1.25);
  EXPECT_DOUBLE_EQ(point.roof_gflops, 1.25 * 4200);
  EXPECT_NEAR(point.gflops, 4880.6, 0.1);
  EXPECT_NEAR(point.gflops / point.roof_gflops, achieved_gbps(bytes, 0.55) / 4200, 1e-12)
      << "share of the roof is share of the bandwidth";
}

TEST(Roofline, PointBeyondTheRidgeIsBoundByCompute) {
  EXPECT_EQ(roofline_point(1e12, 1e9, 20, 1000, 80000).roof_gflops, 80000);
  EXPECT_EQ(roofline_point(80e9, 1e9, 20, 1000, 80000).roof_gflops, 80000) << "on the ridge";
}

TEST(Roofline, UnknownCeilingDoesNotLimit) {
  EXPECT_EQ(roofline_point(1e9, 1e9, 1, 0, 80000).roof_gflops, 80000);
  EXPECT_EQ(roofline_point(1e12, 1e9, 1, 1000, 0).roof_gflops, 1e6);
  EXPECT_EQ(floor_ms(1e12, 1e9, 1000, 0), 1.0);
  EXPECT_EQ(floor_ms(1e12, 1e9, 0, 0), 0.0);
}

TEST(Roofline, NothingIsDividedByZero) {
  const RooflinePoint point = roofline_point(1e9, 0, 0, 1000, 80000);
  EXPECT_EQ(point.intensity, 0);
  EXPECT_EQ(point.gflops, 0);
  EXPECT_EQ(achieved_gbps(1e9, 0), 0);
}

TEST(Roofline, FloorIsTheLongerOfMovingAndComputing) {
  EXPECT_DOUBLE_EQ(floor_ms(1e9, 1e9, 1000, 80000), 1.0);
  EXPECT_DOUBLE_EQ(floor_ms(160e9, 1e9, 1000, 80000), 2.0);
}

TEST(Roofline, FloorOfLayerNormIsThatOfCopying) {
  EXPECT_NEAR(floor_ms(0, 2.0 * (1 << 30), 4245, 66900), 0.506, 0.0005);
}

TEST(ReachableBandwidth, IsTheCopysUnlessReadingPrevails) {
  EXPECT_DOUBLE_EQ(reachable_gbps(1000, 1100, 0.5), 1000);
  EXPECT_DOUBLE_EQ(reachable_gbps(1000, 1100, 0.2), 1000);
  EXPECT_DOUBLE_EQ(reachable_gbps(1000, 1100, 1), 1100);
  EXPECT_NEAR(reachable_gbps(1000, 1100, 0.75), 1047.6, 0.1);
  EXPECT_DOUBLE_EQ(reachable_gbps(1000, 0, 1), 1000) << "reading was not measured";
  EXPECT_DOUBLE_EQ(reachable_gbps(0, 1100, 1), 0) << "the copy was not measured";
}

}  // namespace
}  // namespace fuseline::tuner
