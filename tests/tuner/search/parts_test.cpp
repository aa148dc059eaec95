// The parts that strategies are made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/tuner/search/spaces.hpp"
#include "tuner/search/acquisition.hpp"
#include "tuner/search/history.hpp"
#include "tuner/search/neighbourhood.hpp"
#include "tuner/search/permutation.hpp"
#include "tuner/search/random_source.hpp"

namespace fuseline::tuner {
namespace {

TEST(RandomSource, GivesTheSameNumbersForTheSameSeedEverywhere) {
  RandomSource random(42);
  EXPECT_EQ(random.bits(), RandomSource(42).bits());
  EXPECT_NE(RandomSource(43).bits(), RandomSource(42).bits());
  EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafU);  // First output of splitmix64 with seed 0, as published.
}

TEST(RandomSource, IsUniformBelowABound) {
  RandomSource random(1);
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(RandomSource, NormalVariatesHaveUnitVariance) {
  RandomSource random(1);
  double sum = 0, squares = 0;
  for (int i = 0; i < 50'000; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / 50'000, 0, 0.02);
  EXPECT_NEAR(squares / 50'000, 1, 0.03);
}

TEST(Permutation, VisitsEveryPositionOnce) {
  for (const std::uint64_t size : {1U, 2U, 3U, 5U, 16U, 17U, 1000U, 4097U}) {
    const Permutation permutation(size, 9);
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < size; ++i) seen.insert(permutation.at(i));
    EXPECT_EQ(seen.size(), size);
    EXPECT_EQ(*seen.rbegin(), size - 1);
  }
}

TEST(Permutation, ReachesAllOfAHugeRange) {
  const std::uint64_t size = std::uint64_t{1} << 40;
  const Permutation permutation(size, 3);
  int upper = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) upper += permutation.at(i) >= size / 2 ? 1 : 0;
  EXPECT_NEAR(upper, 1000, 120);
}

TEST(Permutation, FirstPositionsAreUniformOverSeeds) {
  std::vector<int> counts(10);
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) ++counts[Permutation(10, mix64(seed)).at(0)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

TEST(History, DrawsWhatIsLeft) {
  History history(5, 1);
  for (const std::uint64_t index : {0U, 1U, 3U, 4U}) EXPECT_TRUE(history.propose(index));
  EXPECT_EQ(history.draw(), 2U);
  EXPECT_TRUE(history.propose(2));
  EXPECT_FALSE(history.propose(2));
  EXPECT_TRUE(history.exhausted());
  EXPECT_FALSE(history.draw());
}

TEST(History, KeepsTheFastestAndTheFirstAnswer) {
  History history(10, 1);
  EXPECT_TRUE(history.tell({3, true, 2.0, 1.0}));
  EXPECT_FALSE(history.tell({3, true, 1.0, 1.0}));
  EXPECT_TRUE(history.tell({4, false, 0.0, 1.0}));
  EXPECT_TRUE(history.tell({5, true, 1.5, 1.0}));
  ASSERT_TRUE(history.best());
  EXPECT_EQ(history.best()->index, 5U);
  EXPECT_FALSE(history.answer(4)->ok);
  EXPECT_FALSE(history.answer(6));
}

TEST(Neighbourhood, StepsOverHolesLeftByConstraints) {
  SubSpaceSpec spec{"v", {testing::numbers("x", {1, 2, 3, 4, 5}), testing::numbers("y", {1, 2})}, {}, {}, {}, ""};
  spec.constraints = {{"x != 3", ""}};
  const auto space = testing::built({spec});
  ASSERT_TRUE(space);
  const Neighbourhood neighbourhood(space);
  const auto from = *space->index_of(Point{0, {1, 0}});
  EXPECT_THAT(neighbourhood.adjacent(from),
              ::testing::UnorderedElementsAre(*space->index_of(Point{0, {0, 0}}), *space->index_of(Point{0, {3, 0}}),
                                              *space->index_of(Point{0, {1, 1}})));
  EXPECT_EQ(neighbourhood.one_changed(from).size(), 4U);
}

TEST(Neighbourhood, CategoriesAreAllNextToEachOther) {
  const auto space = testing::built({{"v", {testing::words("w", {"a", "b", "c", "d"})}, {}, {}, {}, ""}});
  ASSERT_TRUE(space);
  EXPECT_EQ(Neighbourhood(space).adjacent(0).size(), 3U);
}

TEST(Neighbourhood, RandomChangesAreValidAndLeadToOtherVariantsToo) {
  const auto space = testing::mixed_space();
  const Neighbourhood neighbourhood(space);
  RandomSource random(1);
  std::set<std::uint32_t> variants;
  for (int i = 0; i < 300; ++i) {
    const auto index = neighbourhood.random_change(0, 1, random);
    ASSERT_TRUE(index);
    EXPECT_NE(*index, 0U);
    EXPECT_LT(*index, space->size());
    variants.insert(space->point(*index).subspace);
  }
  EXPECT_EQ(variants.size(), 2U);
}

TEST(Neighbourhood, RepairsAnInvalidPoint) {
  const auto space = testing::mixed_space();
  RandomSource random(1);
  const Point invalid{0, {5, 3, 0}};
  ASSERT_FALSE(space->index_of(invalid));
  EXPECT_TRUE(Neighbourhood(space).repair(invalid, random));
}

TEST(Acquisition, AgreesWithItsDefinitionAndItsTail) {
  // At mean = best the expected improvement is deviation / sqrt(2 pi).
  EXPECT_NEAR(log_expected_improvement(1, 1, 0.5), std::log(0.5 / std::sqrt(2 * 3.14159265358979)), 1e-9);
  EXPECT_NEAR(log_expected_improvement(10, 1, 1e-3), std::log(9.0), 1e-6);
  EXPECT_NEAR(log_expected_improvement(0, 6.001, 1), log_expected_improvement(0, 5.999, 1), 0.1);
  EXPECT_GT(log_expected_improvement(0, 40, 1), log_expected_improvement(0, 41, 1));
  EXPECT_TRUE(std::isfinite(log_expected_improvement(0, 1000, 1)));
}

}  // namespace
}  // namespace fuseline::tuner
