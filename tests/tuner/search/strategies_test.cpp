// What every strategy owes its caller, checked for each of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <set>

#include "tests/tuner/search/spaces.hpp"
#include "tuner/base/sanitized.hpp"

namespace fuseline::tuner {
namespace {

using testing::drive;
using testing::make;

class EveryStrategy : public ::testing::TestWithParam<std::string> {};

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const auto& strategy : strategies()) list.push_back(strategy.name);
  return list;
}

TEST_P(EveryStrategy, ProposesEveryConfigurationOfASmallSpaceOnceAndEnds) {
  const auto space = testing::mixed_space();
  ASSERT_TRUE(space);
  const auto strategy = make(GetParam(), space);
  EXPECT_EQ(strategy->name(), GetParam());
  const auto trace = drive(*strategy, *space, 10 * space->size());
  EXPECT_EQ(trace.size(), space->size());
  EXPECT_EQ(std::set<std::uint64_t>(trace.begin(), trace.end()).size(), space->size());
  EXPECT_LT(*std::max_element(trace.begin(), trace.end()), space->size());
  EXPECT_TRUE(strategy->exhausted());
  EXPECT_TRUE(strategy->ask(5).empty());
}

TEST_P(EveryStrategy, ProposesValidDistinctConfigurationsOfALargerSpace) {
  const auto space = testing::wide_space();
  ASSERT_TRUE(space);
  const auto strategy = make(GetParam(), space, 3, 150);
  const auto trace = drive(*strategy, *space, 150);
  ASSERT_EQ(trace.size(), 150U);
  EXPECT_EQ(std::set<std::uint64_t>(trace.begin(), trace.end()).size(), trace.size());
  for (const auto index : trace) EXPECT_EQ(space->index_of(space->configuration(index)), index);
}

TEST_P(EveryStrategy, RepeatsItselfForTheSameSeed) {
  const auto space = testing::wide_space();
  const auto first = drive(*make(GetParam(), space, 7, 80), *space, 80);
  EXPECT_EQ(drive(*make(GetParam(), space, 7, 80), *space, 80), first);
  if (GetParam() != "exhaustive") {
    EXPECT_NE(drive(*make(GetParam(), space, 8, 80), *space, 80), first);
  }
}

TEST_P(EveryStrategy, EndsWhenEverythingFails) {
  const auto space = testing::mixed_space();
  const auto strategy = make(GetParam(), space);
  EXPECT_EQ(drive(*strategy, *space, 10 * space->size(), testing::failed).size(), space->size());
  EXPECT_TRUE(strategy->exhausted());
}

TEST_P(EveryStrategy, GoesOnWhenMostFail) {
  const auto space = testing::wide_space();
  const auto strategy = make(GetParam(), space, 2, 120);
  const auto trace = drive(*strategy, *space, 120, [](const Space& s, std::uint64_t index) {
    return index % 5 == 0 ? testing::measured(s, index) : testing::failed(s, index);
  });
  EXPECT_EQ(trace.size(), 120U);
}

TEST_P(EveryStrategy, HandlesOneConfiguration) {
  const auto space = testing::built({{"only", {testing::numbers("x", {4})}, {}, {}, {}, ""}});
  ASSERT_TRUE(space);
  const auto strategy = make(GetParam(), space);
  EXPECT_FALSE(strategy->exhausted());
  EXPECT_THAT(drive(*strategy, *space, 5), ::testing::ElementsAre(0U));
  EXPECT_TRUE(strategy->exhausted());
}

TEST_P(EveryStrategy, HandlesEqualTimes) {
  const auto space = testing::mixed_space();
  const auto strategy = make(GetParam(), space);
  const auto same = [](const Space&, std::uint64_t index) { return Observation{index, true, 0.0, 0.0}; };
  EXPECT_EQ(drive(*strategy, *space, 10 * space->size(), same).size(), space->size());
}

TEST_P(EveryStrategy, FeedsManyWorkersWhoseAnswersComeOutOfOrder) {
  const auto space = testing::wide_space();
  constexpr std::size_t kCount = kSanitized ? 80 : 200;
  const auto strategy = make(GetParam(), space, 5, kCount);
  std::deque<std::uint64_t> out;
  std::set<std::uint64_t> seen;
  RecordProperty("size", static_cast<int>(space->size()));
  while (seen.size() < kCount) {
    const auto asked = strategy->ask(16 - out.size());
    ASSERT_FALSE(asked.empty() && out.empty());
    for (const auto index : asked) {
      EXPECT_TRUE(seen.insert(index).second);
      out.push_back(index);
    }
    // The latest is answered first, and half of the batch waits.
    for (int i = 0; i < 8 && !out.empty(); ++i) {
      strategy->tell(testing::measured(*space, out.back()));
      out.pop_back();
    }
  }
}

TEST_P(EveryStrategy, ExhaustsASmallSpaceInBatchesWithAnswersAtTheEnd) {
  const auto space = testing::mixed_space();
  const auto strategy = make(GetParam(), space);
  std::vector<std::uint64_t> all;
  while (!strategy->exhausted()) {
    const auto asked = strategy->ask(1000);
    ASSERT_FALSE(asked.empty());
    all.insert(all.end(), asked.begin(), asked.end());
    for (const auto index : asked) strategy->tell(testing::measured(*space, index));
  }
  EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()).size(), space->size());
}

TEST_P(EveryStrategy, DoesNotProposeWhatItWasToldUnasked) {
  const auto space = testing::mixed_space();
  const auto strategy = make(GetParam(), space);
  for (std::uint64_t index = 0; index < space->size(); index += 2) strategy->tell(testing::measured(*space, index));
  const auto trace = drive(*strategy, *space, 10 * space->size());
  EXPECT_EQ(trace.size(), space->size() - (space->size() + 1) / 2);
  for (const auto index : trace) EXPECT_EQ(index % 2, 1U);
}

TEST_P(EveryStrategy, IgnoresNonsenseAnswers) {
  const auto space = testing::mixed_space();
  const auto strategy = make(GetParam(), space);
  strategy->tell({space->size() + 5, true, 1.0, 1.0});
  const auto first = strategy->ask(1);
  ASSERT_EQ(first.size(), 1U);
  strategy->tell({first[0], true, std::nan(""), 1.0});
  strategy->tell({first[0], true, 1.0, 1.0});
  EXPECT_EQ(drive(*strategy, *space, 10 * space->size()).size(), space->size() - 1);
}

INSTANTIATE_TEST_SUITE_P(Strategies, EveryStrategy, ::testing::ValuesIn(names()),
                         [](const auto& test) { return test.param; });

class LearningStrategy : public ::testing::TestWithParam<std::string> {};

double best_after(const std::string& name, std::uint64_t seed, std::size_t evaluations) {
  const auto space = testing::wide_space();
  double best = 1e9;
  for (const auto index : drive(*make(name, space, seed, evaluations), *space, evaluations))
    best = std::min(best, testing::valley_ms(space->configuration(index)));
  return best;
}

TEST_P(LearningStrategy, BeatsRandomSearchInTheMean) {
  double own = 0, random = 0;
  for (std::uint64_t seed = 0; seed < (kSanitized ? 2U : 8U); ++seed) {
    own += best_after(GetParam(), seed, 100);
    random += best_after("random", seed, 100);
  }
  EXPECT_LT(own, random);
}

INSTANTIATE_TEST_SUITE_P(Strategies, LearningStrategy,
                         ::testing::Values("auto", "surrogate", "genetic", "annealing", "local", "differential", "pso"),
                         [](const auto& test) { return test.param; });

TEST(Strategies, AnUnknownNameIsAnErrorThatListsThem) {
  StrategyContext context;
  context.space = testing::mixed_space();
  const auto strategy = make_strategy("psychic", context);
  ASSERT_FALSE(strategy);
  EXPECT_THAT(strategy.error().message(),
              ::testing::AllOf(::testing::HasSubstr("psychic"), ::testing::HasSubstr("surrogate")));
}

TEST(Strategies, NoSpaceIsAnError) { EXPECT_FALSE(make_strategy("random", {})); }

TEST(Auto, MeasuresEverythingInOrderWhereTheBudgetAllowsIt) {
  const auto space = testing::mixed_space();
  std::vector<std::uint64_t> order(space->size());
  std::iota(order.begin(), order.end(), 0U);
  StrategyContext unlimited;
  unlimited.space = space;
  const auto strategy = *make_strategy("auto", unlimited);
  EXPECT_EQ(drive(*strategy, *space, 1000), order);
  EXPECT_EQ(strategy->name(), "auto");
  EXPECT_EQ(drive(*make("auto", space, 1, space->size()), *space, 1000), order);
  EXPECT_NE(drive(*make("auto", space, 1, space->size() - 1), *space, 1000), order);
}

TEST(Auto, HasAModelWhereItIsToSayWhenToStop) {
  const auto space = testing::mixed_space();
  const auto strategy = make("auto", space);
  EXPECT_EQ(drive(*strategy, *space, 1000).size(), space->size());
  EXPECT_TRUE(strategy->expected_improvement());
}

TEST(Auto, ExpectsLessAndLessImprovement) {
  const auto space = testing::wide_space();
  const auto strategy = make("auto", space, 1, 150);
  EXPECT_FALSE(strategy->expected_improvement());
  drive(*strategy, *space, 150);
  ASSERT_TRUE(strategy->expected_improvement());
  EXPECT_GE(*strategy->expected_improvement(), 0);
  EXPECT_LT(*strategy->expected_improvement(), 0.01);
}

TEST(LargeSpaces, AreSearchedWithoutListingThem) {
  std::vector<int> values;
  for (int i = 1; i <= 64; ++i) values.push_back(i);
  std::vector<Parameter> parameters;
  for (const char* name : {"a", "b", "c", "d", "e"}) parameters.push_back(testing::numbers(name, values));
  SubSpaceSpec spec{"large", parameters, {}, {{"a * b <= 1024", ""}, {"c + d <= 100", ""}}, {}, ""};
  const auto space = testing::built({spec});
  ASSERT_TRUE(space);
  ASSERT_GT(space->size(), 100'000'000U);
  for (const auto& info : strategies()) {
    const auto trace = drive(*make(info.name, space, 1, 40), *space, 40);
    EXPECT_EQ(std::set<std::uint64_t>(trace.begin(), trace.end()).size(), 40U) << info.name;
  }
}

}  // namespace
}  // namespace fuseline::tuner
