#include "tuner/stats/variance_shares.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <random>

#include "tuner/base/sanitized.hpp"

namespace fuseline::tuner {
namespace {

using Response = std::function<double(std::span<const std::uint8_t>)>;

/// Every combination, `times` over.
Design grid(const std::vector<Factor>& factors, std::size_t times, const Response& response) {
  Design design{factors, {}, {}};
  std::size_t size = 1;
  for (const Factor& factor : factors) size *= factor.levels;
  for (std::size_t i = 0; i < size * times; ++i) {
    std::size_t rest = i % size;
    std::vector<std::uint8_t> point;
    for (const Factor& factor : factors) {
      point.push_back(static_cast<std::uint8_t>(rest % factor.levels));
      rest /= factor.levels;
    }
    design.levels.insert(design.levels.end(), point.begin(), point.end());
    design.response.push_back(response(point));
  }
  return design;
}

VarianceShares shares_of(const Design& design) {
  const SharesAnswer answer = variance_shares(design);
  EXPECT_TRUE(answer.shares) << answer.why_not;
  return answer.shares.value_or(VarianceShares{std::vector<double>(design.factors.size()), {}, 0, 0, 0});
}

double pair_share(const VarianceShares& shares, std::size_t first, std::size_t second) {
  for (const PairShare& pair : shares.pairs) {
    if (pair.first == first && pair.second == second) return pair.share;
  }
  ADD_FAILURE() << "no pair of " << first << " and " << second;
  return 0;
}

double total(const VarianceShares& shares) {
  double sum = shares.rest;
  for (const double share : shares.main) sum += share;
  for (const PairShare& pair : shares.pairs) sum += pair.share;
  return sum;
}

const std::vector<Factor> kFour = {{4, true}, {4, true}, {4, true}, {4, true}};

TEST(VarianceShares, OfASumAreThoseOfItsTermsAndNothingIsTogether) {
  // Variances of the terms: 9, 1 and 0 times that of one factor.
  const VarianceShares shares = shares_of(grid(kFour, 1, [](auto at) { return 3.0 * at[0] + at[1]; }));
  EXPECT_NEAR(shares.main[0], 0.9, 0.03);
  EXPECT_NEAR(shares.main[1], 0.1, 0.03);
  EXPECT_LT(shares.main[2] + shares.main[3], 0.01) << "dummies";
  EXPECT_LT(pair_share(shares, 0, 1), 0.03);
  EXPECT_GT(shares.held_out_r2, 0.95);
}

TEST(VarianceShares, OfAnExclusiveOrAreOfThePairAlone) {
  const VarianceShares shares = shares_of(grid(kFour, 2, [](auto at) { return at[1] / 2 == at[2] / 2 ? 1.0 : 0.0; }));
  EXPECT_GT(pair_share(shares, 1, 2), 0.9);
  EXPECT_LT(shares.main[1] + shares.main[2], 0.03);
  EXPECT_LT(pair_share(shares, 0, 3), 0.01);
}

TEST(VarianceShares, OfThreeTogetherAreTheRest) {
  const VarianceShares shares =
      shares_of(grid(kFour, 2, [](auto at) { return (at[0] / 2 + at[1] / 2 + at[2] / 2) % 2 == 0 ? 1.0 : 0.0; }));
  EXPECT_GT(shares.rest, 0.85);
}

TEST(VarianceShares, AreWholeAndAlikeForFactorsThatDoTheSameWhateverTheUnit) {
  const auto product = [](std::span<const std::uint8_t> at) { return (1.0 + at[0]) * (1.0 + at[1]); };
  const VarianceShares shares = shares_of(grid(kFour, 2, product));
  EXPECT_NEAR(total(shares), 1, 1e-9) << "efficiency";
  EXPECT_NEAR(shares.main[0], shares.main[1], 0.02) << "symmetry";
  const VarianceShares other = shares_of(grid(kFour, 2, [&](auto at) { return 1000 - 8 * product(at); }));
  EXPECT_NEAR(other.main[0], shares.main[0], 1e-6) << "scale and origin";
  EXPECT_NEAR(pair_share(other, 0, 1), pair_share(shares, 0, 1), 1e-6);
}

TEST(VarianceShares, OfALevelWithoutOrderAreFoundAndCombinationsMeasuredMoreOftenDoNotCountMore) {
  const std::vector<Factor> factors = {{5, false}, {4, true}, {3, true}};
  Design design = grid(factors, 1, [](auto at) { return (at[0] % 2 == 1 ? 1.0 : 0.0) + 0.5 * at[1]; });
  const double even = shares_of(design).main[0];
  // As a search does: three times as many of one corner.
  const Design corner = design;
  for (int again = 0; again < 3; ++again) {
    for (std::size_t row = 0; row < corner.response.size(); ++row) {
      if (corner.row(row)[1] > 1) continue;
      design.levels.insert(design.levels.end(), corner.row(row).begin(), corner.row(row).end());
      design.response.push_back(corner.response[row]);
    }
  }
  EXPECT_NEAR(even, 0.24 / (0.24 + 0.25 * 1.25), 0.05);
  EXPECT_NEAR(shares_of(design).main[0], even, 0.05);
}

TEST(VarianceShares, AreTheSameInWhateverOrderTheRowsAre) {
  const Design design =
      grid(kFour, 1, [](auto at) { return 3.0 * at[0] + at[1] * at[2] + 0.1 * std::sin(7.0 * at[3] + at[0]); });
  Design turned{design.factors, {}, {}};
  for (std::size_t row = design.response.size(); row-- > 0;) {
    turned.levels.insert(turned.levels.end(), design.row(row).begin(), design.row(row).end());
    turned.response.push_back(design.response[row]);
  }
  EXPECT_EQ(shares_of(turned).main, shares_of(design).main);
}

TEST(VarianceShares, AreNotToldOfNoiseNorOfTooFewNorOfWhatDoesNotVary) {
  std::mt19937_64 random(3);
  const SharesAnswer noise =
      variance_shares(grid(kFour, 2, [&](auto) { return static_cast<double>(random() >> 40U); }));
  EXPECT_FALSE(noise.shares);
  EXPECT_NE(noise.why_not.find("explain only"), std::string::npos) << noise.why_not;
  const SharesAnswer few = variance_shares(grid({{4, true}, {4, true}}, 1, [](auto at) { return 1.0 * at[0]; }));
  EXPECT_NE(few.why_not.find("too few configurations to tell what matters: 16"), std::string::npos) << few.why_not;
  EXPECT_FALSE(variance_shares(grid(kFour, 1, [](auto) { return 2.0; })).shares);
  EXPECT_FALSE(variance_shares({{}, {}, std::vector<double>(100, 1.0)}).shares);
}

TEST(VarianceShares, OfManyRowsAreBoundedInTimeAndTheSameEachTime) {
  std::vector<Factor> factors(10, {8, true});
  Design design{factors, {}, {}};
  std::mt19937_64 random(5);
  for (std::size_t row = 0; row < 200'000; ++row) {
    double response = 0;
    for (std::size_t factor = 0; factor < factors.size(); ++factor) {
      const auto level = static_cast<std::uint8_t>(random() % 8);
      design.levels.push_back(level);
      response += factor < 3 ? level : 0;
    }
    design.response.push_back(response);
  }
  const auto start = std::chrono::steady_clock::now();
  const VarianceShares shares = shares_of(design);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (!kSanitized) {
    EXPECT_LT(took.count(), 3) << "half a second on an idle processor";
  }
  EXPECT_NEAR(shares.main[0], 1.0 / 3, 0.05);
  EXPECT_EQ(shares.main, shares_of(design).main);
  RecordProperty("seconds", std::to_string(took.count()));
}

}  // namespace
}  // namespace fuseline::tuner
