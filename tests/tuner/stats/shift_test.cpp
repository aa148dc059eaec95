#include "tuner/stats/shift.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

namespace fuseline::tuner {
namespace {

/// Times of about 1 ms with noise of `noise`, each times `factor` of its position.
std::vector<double> times(std::uint64_t seed, std::size_t count, double noise,
                          const std::function<double(std::size_t)>& factor) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(1, noise);
  std::vector<double> values;
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) values.push_back(normal(random) * factor(i));
  return values;
}

double unmoved(std::size_t) { return 1; }

/// Share of `seeds` series that count as shifted.
double found(std::size_t count, double noise, const std::function<double(std::size_t)>& factor) {
  constexpr std::uint64_t seeds = 400;
  double counted = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto shift = largest_shift(times(seed, count, noise, factor));
    counted += shift && shift->counts() ? 1 : 0;
  }
  return counted / seeds;
}

/// As the method is written down.
double k_of_pairs(const std::vector<double>& values) {
  double k = 0;
  for (std::size_t t = 4; t + 4 <= values.size(); ++t) {
    double u = 0;
    for (std::size_t i = 0; i < t; ++i) {
      for (std::size_t j = t; j < values.size(); ++j) u += (values[j] > values[i]) - (values[j] < values[i]);
    }
    k = std::max(k, std::abs(u));
  }
  return k;
}

TEST(LargestShift, IsThatOfTheSumOverPairs) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<double> values = times(seed, 30, 0.02, unmoved);
    for (double& value : values) value = std::round(value * 100);  // Many are equal.
    const double n = 30, k = k_of_pairs(values);
    EXPECT_NEAR(largest_shift(values)->p, std::min(1.0, 2 * std::exp(-6 * k * k / (n * n * n + n * n))), 1e-12) << seed;
  }
}

TEST(LargestShift, OfConstantNoiseIsAsRareAsPSays) {
  for (const std::size_t count : {25, 100}) {
    int clear = 0;
    for (std::uint64_t seed = 0; seed < 2000; ++seed)
      clear += largest_shift(times(seed, count, 0.05, unmoved))->p < 0.01 ? 1 : 0;
    EXPECT_LE(clear, 2000 * 0.015) << count;
  }
  EXPECT_EQ(found(25, 0.003, unmoved), 0) << "clear by chance now and then, and never as large as one percent";
  EXPECT_EQ(found(100, 0.01, unmoved), 0);
}

TEST(LargestShift, FindsAJumpOfThreePercentAndItsPlace) {
  const auto jump = [](std::size_t i) { return i < 10 ? 1.0 : 1.03; };
  EXPECT_GT(found(25, 0.003, jump), 0.99);
  const auto shift = largest_shift(times(1, 25, 0.003, jump));
  ASSERT_TRUE(shift);
  EXPECT_NEAR(static_cast<double>(shift->at), 10, 1);
  EXPECT_NEAR(shift->relative, 0.03, 0.005);
  const auto faster = largest_shift(times(1, 25, 0.003, [&](std::size_t i) { return 1 / jump(i); }));
  EXPECT_TRUE(faster->counts());
  EXPECT_NEAR(faster->relative, -0.03, 0.005);
}

TEST(LargestShift, FindsALinearDriftOfThreePercent) {
  const auto drift = [](std::size_t i) { return 1 + 0.03 * static_cast<double>(i) / 24; };
  EXPECT_GT(found(25, 0.003, drift), 0.99);
  EXPECT_NEAR(largest_shift(times(1, 25, 0.001, drift))->relative, 0.015, 0.004) << "halves are half of it apart";
}

TEST(LargestShift, IsNotMovedByOutliers) {
  EXPECT_EQ(found(25, 0.003, [](std::size_t i) { return i == 20 || i == 21 ? 3.0 : 1.0; }), 0);
  EXPECT_EQ(found(25, 0.003, [](std::size_t i) { return i > 21 ? 3.0 : 1.0; }), 0) << "the last three";
}

TEST(LargestShift, OfLessThanOnePercentDoesNotCount) {
  const auto shift = largest_shift(times(1, 50, 0.0005, [](std::size_t i) { return i < 25 ? 1.0 : 1.006; }));
  EXPECT_LT(shift->p, 1e-4);
  EXPECT_FALSE(shift->counts());
}

TEST(LargestShift, IsNoneUnderSixteenSamplesWhereItCouldNotBeClear) {
  std::vector<double> values;
  for (std::size_t n = 0; n < 40; ++n) {
    const auto shift = largest_shift(values);
    EXPECT_EQ(shift.has_value(), n >= 16) << n;
    if (shift) {
      EXPECT_TRUE(shift->counts()) << n << " in the clearest order there is";
    }
    values.push_back(static_cast<double>(n) + 1);
  }
}

TEST(LargestShift, CountsThePlacesOfWhatIsLeftOut) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values(20, 1.0);
  values.insert(values.begin(), {nan, nan});
  values.insert(values.end(), 20, 1.1);
  values.push_back(std::numeric_limits<double>::infinity());
  const auto shift = largest_shift(values);
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->at, 22U);
  EXPECT_NEAR(shift->relative, 0.1, 1e-12);
  EXPECT_FALSE(largest_shift(std::vector<double>(40, nan)));
}

TEST(LargestShift, OfEqualTimesIsNone) {
  const auto shift = largest_shift(std::vector<double>(30, 0.5));
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->relative, 0);
  EXPECT_FALSE(shift->counts());
  EXPECT_EQ(largest_shift(std::vector<double>(30, 0.0))->relative, 0) << "a recording may say anything";
}

}  // namespace
}  // namespace fuseline::tuner
