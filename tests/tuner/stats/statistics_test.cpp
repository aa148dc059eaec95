#include "tuner/stats/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

namespace fuseline::tuner {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> draw(std::size_t n, const std::function<double()>& next) {
  std::vector<double> values(n);
  std::generate(values.begin(), values.end(), next);
  return values;
}

std::vector<double> exponential_times(std::mt19937_64& random, std::size_t n) {
  std::exponential_distribution<double> exponential;
  return draw(n, [&] { return exponential(random); });
}

/// Share of `trials` simulated samples of size n whose interval holds the true median.
double coverage(std::size_t n, double confidence, double true_median, int trials, const std::function<double()>& next) {
  int covered = 0;
  for (int i = 0; i < trials; ++i) {
    const Interval interval = median_interval(draw(n, next), confidence);
    covered += interval.low <= true_median && true_median <= interval.high ? 1 : 0;
  }
  return static_cast<double>(covered) / trials;
}

TEST(Quantile, InterpolatesAsTypeSeven) {
  // R: quantile(c(10, 1, 4, 7), c(0, .1, .25, .5, .9, 1), type = 7)
  const std::vector<double> values{10, 1, 4, 7};
  const std::pair<double, double> expected[] = {{0.0, 1.0}, {0.1, 1.9}, {0.25, 3.25},
                                                {0.5, 5.5}, {0.9, 9.1}, {1.0, 10.0}};
  for (const auto& [q, value] : expected) EXPECT_NEAR(quantile(values, q), value, 1e-12) << q;
}

TEST(Quantile, OneValueIsEveryQuantile) {
  const std::vector<double> values{3.5};
  for (const double q : {0.0, 0.3, 1.0}) EXPECT_EQ(quantile(values, q), 3.5);
}

TEST(Quantile, ApproachesThatOfTheDistribution) {
  std::mt19937_64 random(7);
  const std::vector<double> values = exponential_times(random, 200000);
  for (const double q : {0.1, 0.25, 0.5, 0.75, 0.9}) EXPECT_NEAR(quantile(values, q), -std::log(1 - q), 0.02) << q;
}

TEST(Quantile, LeavesNanOutAndIsNanOfNothing) {
  EXPECT_EQ(median(std::vector<double>{nan, 1, nan, 3, 2}), 2);
  EXPECT_TRUE(std::isnan(median(std::vector<double>{})));
  EXPECT_TRUE(std::isnan(median(std::vector<double>{nan})));
}

TEST(Median, IsTheMiddleOfOddAndTheMeanOfTheMiddlePairOfEven) {
  EXPECT_EQ(median(std::vector<double>{9, 1, 5}), 5);
  EXPECT_EQ(median(std::vector<double>{9, 1, 5, 6}), 5.5);
}

TEST(Summarize, GivesQuartilesMinimumAndCount) {
  const Summary summary = summarize(std::vector<double>{5, 1, 4, 2, 3});
  EXPECT_EQ(summary.median, 3);
  EXPECT_EQ(summary.minimum, 1);
  EXPECT_EQ(summary.p25, 2);
  EXPECT_EQ(summary.p75, 4);
  EXPECT_EQ(summary.samples, 5u);
  EXPECT_EQ(summarize(std::vector<double>{}).samples, 0u);
}

TEST(MedianStandardError, IsTheSpreadOfMediansOfNormals) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal(10, 2);
  constexpr std::size_t n = 101;
  constexpr int trials = 4000;
  std::vector<double> medians;
  double estimated = 0;
  for (int i = 0; i < trials; ++i) {
    const std::vector<double> values = draw(n, [&] { return normal(random); });
    medians.push_back(median(values));
    estimated += median_standard_error(values) / trials;
  }
  double variance = 0;
  for (const double m : medians) variance += (m - 10) * (m - 10) / trials;
  EXPECT_NEAR(estimated, std::sqrt(variance), 0.04 * std::sqrt(variance));
  EXPECT_NEAR(estimated, 2 * 1.2533 / std::sqrt(double{n}), 0.01);
}

TEST(MedianStandardError, IsNotMovedByAFewOutliers) {
  std::vector<double> values(400);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1 + 1e-5 * static_cast<double>(i);
  const double before = median_standard_error(values);
  values[3] = values[17] = 1000;  // A time slice lost to another process.
  EXPECT_NEAR(median_standard_error(values), before, 0.02 * before);
}

TEST(MedianStandardError, IsInfiniteForFewerThanFourValues) {
  EXPECT_TRUE(std::isinf(median_standard_error(std::vector<double>{1, 1, 1})));
  EXPECT_EQ(median_standard_error(std::vector<double>{1, 1, 1, 1}), 0);
}

TEST(MedianInterval, UsesTheOrderStatisticsOfTheTables) {
  // Ranks for 95 %: n = 6: 1 and 6; n = 10: 2 and 9; n = 20: 6 and 15; n = 50: 18 and 33.
  const std::pair<std::size_t, std::size_t> ranks[] = {{6, 1}, {10, 2}, {20, 6}, {50, 18}};
  for (const auto& [n, low] : ranks) {
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) values[n - 1 - i] = static_cast<double>(i + 1);
    const Interval interval = median_interval(values, 0.95);
    EXPECT_EQ(interval.low, static_cast<double>(low)) << n;
    EXPECT_EQ(interval.high, static_cast<double>(n + 1 - low)) << n;
  }
}

TEST(MedianInterval, CoversTheMedianAsOftenAsItSays) {
  std::mt19937_64 random(13);
  std::exponential_distribution<double> exponential;
  std::normal_distribution<double> normal;
  const auto skewed = [&] { return exponential(random); };
  const auto symmetric = [&] { return normal(random); };
  for (const std::size_t n : {std::size_t{7}, std::size_t{15}, std::size_t{60}}) {
    for (const double confidence : {0.8, 0.95}) {
      const double of_skewed = coverage(n, confidence, std::log(2.0), 4000, skewed);
      const double of_symmetric = coverage(n, confidence, 0.0, 4000, symmetric);
      EXPECT_GE(of_skewed, confidence - 0.012) << n;
      EXPECT_GE(of_symmetric, confidence - 0.012) << n;
      if (n == 60) {
        EXPECT_LE(of_skewed, confidence + 0.05) << "the interval is needlessly wide";
      }
    }
  }
}

TEST(MedianInterval, IsUnboundedWhereTheValuesAreTooFew) {
  const Interval five = median_interval(std::vector<double>{1, 2, 3, 4, 5}, 0.95);
  EXPECT_TRUE(std::isinf(five.low) && five.low < 0);
  EXPECT_TRUE(std::isinf(five.high) && five.high > 0);
  EXPECT_TRUE(std::isinf(median_interval(std::vector<double>{}, 0.5).low));
}

TEST(MedianInterval, HoldsForSamplesWherePowersOfTwoUnderflow) {
  std::vector<double> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i + 1);
  const Interval interval = median_interval(values, 0.95);
  EXPECT_NEAR(interval.low, 2500.5 - 1.96 * std::sqrt(5000.0) / 2, 2);
  EXPECT_NEAR(interval.high, 2500.5 + 1.96 * std::sqrt(5000.0) / 2, 2);
}

TEST(EnoughSamples, WantsTheMinimumEvenOfSteadyTimes) {
  const StoppingRule rule;
  EXPECT_FALSE(enough_samples(std::vector<double>(9, 1.0), rule));
  EXPECT_TRUE(enough_samples(std::vector<double>(10, 1.0), rule));
}

TEST(EnoughSamples, GoesOnWhileTheMedianIsUncertain) {
  std::vector<double> noisy;
  noisy.reserve(100);
  for (int i = 0; i < 40; ++i) noisy.push_back(i % 2 == 0 ? 0.8 : 1.2);
  EXPECT_FALSE(enough_samples(noisy, {}));
  for (int i = 0; i < 60; ++i) noisy.push_back(i % 2 == 0 ? 0.8 : 1.2);
  EXPECT_TRUE(enough_samples(noisy, {})) << "maximum_samples";
}

TEST(EnoughSamples, StopsWhenTheTimeAllowedIsUsed) {
  std::vector<double> slow;
  slow.reserve(10);
  for (int i = 0; i < 10; ++i) slow.push_back(i % 2 == 0 ? 4.0 : 8.0);
  EXPECT_FALSE(enough_samples(slow, {.maximum_ms = 61}));
  EXPECT_TRUE(enough_samples(slow, {.maximum_ms = 60}));
}

TEST(EnoughSamples, StopsExactlyAtTheRelativeErrorOfTheMedian) {
  std::mt19937_64 random(17);
  std::normal_distribution<double> normal(1, 0.02);
  std::vector<double> values;
  const StoppingRule rule{.maximum_samples = 1000, .maximum_ms = 1e9};
  while (!enough_samples(values, rule)) values.push_back(normal(random));
  EXPECT_LE(median_standard_error(values), 0.005 * median(values));
  ASSERT_GT(values.size(), rule.minimum_samples);
  values.pop_back();
  EXPECT_GT(median_standard_error(values), 0.005 * median(values));
}

/// Rounds of finalists with the given true times, relative noise of each, and a factor common to a round.
std::vector<std::vector<double>> simulated_rounds(std::uint64_t seed, std::size_t count,
                                                  const std::vector<double>& times, const std::vector<double>& noise,
                                                  const std::function<double(std::size_t)>& drift) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> rounds(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < times.size(); ++k)
      rounds[i].push_back(times[k] * drift(i) * (1 + noise[k] * normal(random)));
  }
  return rounds;
}

double steady(std::size_t) { return 1; }

TEST(RankFinalists, ClearWinnerStandsAlone) {
  const std::vector<Finalist> ranked =
      rank_finalists(simulated_rounds(1, 25, {1.10, 1.00, 1.05}, {0.005, 0.005, 0.005}, steady));
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(ranked[0].finalist, 1u);
  EXPECT_EQ(ranked[1].finalist, 2u);
  EXPECT_EQ(ranked[2].finalist, 0u);
  EXPECT_TRUE(ranked[0].tied);
  EXPECT_EQ(ranked[0].ratio, 1);
  EXPECT_FALSE(ranked[1].tied);
  EXPECT_FALSE(ranked[2].tied);
  EXPECT_NEAR(ranked[2].ratio, 1.10, 0.01);
  EXPECT_LE(ranked[2].ratio_interval.low, ranked[2].ratio);
  EXPECT_GE(ranked[2].ratio_interval.high, ranked[2].ratio);
}

TEST(RankFinalists, DifferencesWithinTheMarginAreTies) {
  const auto rounds = simulated_rounds(2, 25, {1.0, 1.003, 1.02}, {0, 0, 0}, steady);
  const std::vector<Finalist> ranked = rank_finalists(rounds);
  EXPECT_TRUE(ranked[1].tied) << "0.3 % slower without any noise";
  EXPECT_FALSE(ranked[2].tied);
  EXPECT_FALSE(rank_finalists(rounds, {.margin = 0.001})[1].tied);
}

TEST(RankFinalists, SlowDriftCommonToARoundCancels) {
  // The clock falls by 20 %: twenty times the difference between the finalists.
  const auto falling = [](std::size_t round) { return 1 + 0.2 * static_cast<double>(round) / 24; };
  const auto rounds = simulated_rounds(3, 25, {1.02, 1.00}, {0.002, 0.002}, falling);
  const std::vector<Finalist> ranked = rank_finalists(rounds);
  EXPECT_EQ(ranked[0].finalist, 1u);
  EXPECT_NEAR(ranked[1].ratio, 1.02, 0.003);
  EXPECT_FALSE(ranked[1].tied);
  // Without ratios the intervals of the two medians overlap.
  std::vector<double> first, second;
  for (const auto& round : rounds) {
    first.push_back(round[0]);
    second.push_back(round[1]);
  }
  EXPECT_LT(median_interval(first, 0.95).low, median_interval(second, 0.95).high);
}

TEST(RankFinalists, TheBestIsNotChosenByTheRoundsThatItsMedianFallsOn) {
  // Two tenths of a percent apart, under a drift of three percent: the median of each is the time of one round or two.
  const auto drifting = [](std::size_t round) { return 1 + 0.03 * static_cast<double>(round) / 24; };
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto rounds = simulated_rounds(seed, 25, {1.002, 1.0, 1.01}, {0.001, 0.001, 0.001}, drifting);
    EXPECT_EQ(rank_finalists(rounds)[0].finalist, 1u) << seed;
  }
}

TEST(RankFinalists, NoisyFinalistIsTiedUntilItIsTold) {
  const std::vector<Finalist> ranked =
      rank_finalists(simulated_rounds(4, 25, {1.0, 1.02, 1.02}, {0.001, 0.10, 0.001}, steady));
  for (const Finalist& finalist : ranked) {
    const bool expected = finalist.finalist != 2;  // Noise of 10 % hides the 2 % of finalist 1.
    EXPECT_EQ(finalist.tied, expected) << finalist.finalist;
  }
}

TEST(RankFinalists, EqualFinalistsAreTiedAsOftenAsTheConfidenceSays) {
  int wrong = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto ranked = rank_finalists(
        simulated_rounds(seed, 25, std::vector<double>(8, 1.0), std::vector<double>(8, 0.01), steady), {.margin = 0});
    wrong += std::all_of(ranked.begin(), ranked.end(), [](const Finalist& f) { return f.tied; }) ? 0 : 1;
  }
  // The best is chosen from the same rounds, which costs more than the 5 % of a fixed comparison; margins cover that in
  // practice.
  EXPECT_LT(wrong, 500 / 5);
}

TEST(RankFinalists, OneFinalistIsTheBest) {
  const std::vector<Finalist> ranked = rank_finalists({{1.0}, {1.2}, {1.1}});
  ASSERT_EQ(ranked.size(), 1u);
  EXPECT_TRUE(ranked[0].tied);
  EXPECT_EQ(ranked[0].median_ms, 1.1);
  EXPECT_EQ(ranked[0].ratio_interval.high, 1);
}

TEST(RankFinalists, TooFewRoundsLeaveAllTiedWithTheRangeSeen) {
  const std::vector<Finalist> ranked = rank_finalists({{1.0, 2.0}, {1.0, 2.2}, {1.0, 2.1}});
  EXPECT_TRUE(ranked[1].tied);
  EXPECT_EQ(ranked[1].ratio_interval.low, 2.0);
  EXPECT_EQ(ranked[1].ratio_interval.high, 2.2);
}

TEST(RankFinalists, LeavesOutRoundsThatWereCutShortOrFailed) {
  std::vector<std::vector<double>> rounds(12, {1.0, 1.5});
  rounds.push_back({1.0});
  rounds.push_back({});
  rounds.push_back({nan, 0.1});
  rounds.push_back({0.0, 1.5});
  const std::vector<Finalist> ranked = rank_finalists(rounds);
  ASSERT_EQ(ranked.size(), 2u);
  EXPECT_EQ(ranked[1].ratio, 1.5);
  EXPECT_FALSE(ranked[1].tied);
  EXPECT_TRUE(rank_finalists({}).empty());
  EXPECT_TRUE(rank_finalists({{nan, 1.0}}).empty());
}

/// The same by trying every order.
double mean_best_of_all_orders(const std::vector<double>& times, std::size_t total, std::size_t draws) {
  std::vector<std::size_t> order(total);
  std::iota(order.begin(), order.end(), 0U);
  double sum = 0, orders = 0;
  do {
    double best = 1e9;
    for (std::size_t i = 0; i < draws; ++i) best = order[i] < times.size() ? std::min(best, times[order[i]]) : best;
    if (best < 1e9) {
      sum += best;
      ++orders;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return sum / orders;
}

TEST(ExpectedBest, AgreesWithEveryOrderTried) {
  const std::vector<double> times = {1, 2, 4, 8};
  for (std::size_t total = 4; total <= 6; ++total) {
    for (std::size_t draws = 1; draws <= total; ++draws) {
      EXPECT_NEAR(expected_best(times, total, draws), mean_best_of_all_orders(times, total, draws), 1e-9)
          << total << " " << draws;
    }
  }
}

}  // namespace
}  // namespace fuseline::tuner
