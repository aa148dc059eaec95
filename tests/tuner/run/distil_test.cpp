// Which few configurations serve many shapes, against every set there is.
#include "tuner/run/distil.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/run/covering.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A run of one shape: the time of each block size; 0 did not work.
tuner::Run run_of(std::int64_t n, const std::map<int, double>& times) {
  tuner::Run run;
  run.info = testing::sample_info();
  run.info.shape = "n" + std::to_string(n);
  run.info.dims = {{"N", n}};
  for (const auto& [block, time_ms] : times) {
    const std::uint64_t sequence = run.evaluations.size();
    run.evaluations.push_back(time_ms > 0 ? testing::sample_ok(sequence, block, time_ms)
                                          : testing::sample_failure(sequence, block, Outcome::launch_error, "no"));
  }
  return run;
}

std::vector<std::int64_t> blocks(const Distilled& group) {
  std::vector<std::int64_t> found;
  for (const auto& each : group.configurations)
    found.push_back(each.configuration.values.front().value.to_json().get<std::int64_t>());
  return found;
}

Distilled distilled(const std::vector<tuner::Run>& runs, std::size_t most) {
  DistilRules rules;
  rules.most = most;
  auto result = distil(runs, rules);
  EXPECT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->groups.size(), 1U);
  return result->groups.front();
}

TEST(Distil, OneConfigurationIsTheOneOfTheLowestGeometricMean) {
  const std::vector runs = {run_of(1, {{32, 1.0}, {64, 1.2}, {128, 3.0}}),
                            run_of(2, {{32, 4.0}, {64, 2.4}, {128, 2.0}})};
  const auto group = distilled(runs, 1);
  EXPECT_THAT(blocks(group), ElementsAre(64));
  EXPECT_TRUE(group.exact);
  EXPECT_NEAR(group.size().mean_loss, std::sqrt(1.2 * 1.2) - 1, 1e-12);
  EXPECT_NEAR(group.size().worst_loss, 0.2, 1e-12);
  EXPECT_EQ(group.candidates, 3U);
  EXPECT_EQ(group.configurations.front().serves, 2U);
  EXPECT_NEAR(group.shapes[1].taken_ms, 2.4, 1e-12);
  EXPECT_NEAR(group.shapes[1].best_ms, 2.0, 1e-12);
}

TEST(Distil, EachShapeTakesTheBestOfTheChosen) {
  const std::vector runs = {run_of(1, {{32, 1.0}, {64, 1.2}, {128, 3.0}}),
                            run_of(2, {{32, 4.0}, {64, 2.4}, {128, 2.0}}),
                            run_of(3, {{32, 1.0}, {64, 1.1}, {128, 9.0}})};
  const auto group = distilled(runs, 3);
  EXPECT_THAT(blocks(group), ElementsAre(32, 128)) << "a third would help nobody";
  EXPECT_EQ(group.shapes[0].chosen, 0U);
  EXPECT_EQ(group.shapes[1].chosen, 1U);
  EXPECT_EQ(group.size().mean_loss, 0);
  ASSERT_EQ(group.sizes.size(), 2U);
  EXPECT_GT(group.sizes[0].mean_loss, 0.1);
}

TEST(Distil, WhatWasNotMeasuredOrFailedServesNobodyThere) {
  const std::vector runs = {run_of(1, {{32, 1.0}, {64, 1.5}}), run_of(2, {{32, 0}, {64, 2.0}}),
                            run_of(3, {{64, 3.0}, {32, 0}})};
  const auto group = distilled(runs, 1);
  EXPECT_THAT(blocks(group), ElementsAre(64)) << "32 is faster where it works, and works in one shape alone";
  EXPECT_EQ(group.measured_everywhere, 1U);
  EXPECT_EQ(group.configurations.front().measured_in, 3U);
}

TEST(Distil, ShapesThatNothingServesAreSaid) {
  const std::vector runs = {run_of(1, {{32, 1.0}}), run_of(2, {{64, 2.0}}), run_of(3, {{64, 2.0}})};
  const auto one = distilled(runs, 1);
  EXPECT_THAT(blocks(one), ElementsAre(64));
  EXPECT_EQ(one.size().unserved, 1U);
  EXPECT_FALSE(one.shapes[0].chosen);
  EXPECT_EQ(one.shapes[0].taken, nullptr);
  EXPECT_EQ(distilled(runs, 2).size().unserved, 0U);
}

TEST(Distil, WhatIsTiedCostsNothingAndTheOneTiedInMoreShapesIsTaken) {
  std::vector runs = {run_of(1, {{32, 1.000}, {64, 1.008}}), run_of(2, {{32, 1.010}, {64, 1.000}}),
                      run_of(3, {{32, 1.000}, {64, 1.008}})};
  EXPECT_THAT(blocks(distilled(runs, 1)), ElementsAre(32)) << "by times alone 32 loses least";
  for (auto& run : runs) {
    const std::uint64_t best = run.info.dims.front().value == 2 ? 1 : 0;
    run.info.finals = {testing::sample_final(best, 1.0, 1, true),
                       testing::sample_final(1 - best, 1.008, best == 1 ? 1.010 : 1.008, best != 1)};
  }
  const auto group = distilled(runs, 1);
  EXPECT_THAT(blocks(group), ElementsAre(64)) << "best in one shape and tied in the others";
  EXPECT_EQ(group.configurations.front().tied_in, 3U);
  EXPECT_TRUE(group.shapes[0].tied);
  EXPECT_GT(group.shapes[0].loss, 0.003) << "the loss is shown as it was measured";
}

TEST(Distil, ASweepsTimeUnderTheBestsIsNoGain) {
  std::vector runs = {run_of(1, {{32, 1.0}, {64, 0.9}})};
  runs[0].info.finals = {testing::sample_final(0, 1.0, 1, true)};
  const auto group = distilled(runs, 2);
  EXPECT_THAT(blocks(group), ElementsAre(32));
  EXPECT_EQ(group.size().mean_loss, 0);
}

TEST(Distil, ProblemsDtypesAndDevicesAreGroupsOfTheirOwn) {
  std::vector runs = {run_of(1, {{32, 1.0}}), run_of(1, {{64, 1.0}}), run_of(1, {{128, 1.0}}), run_of(2, {{32, 1.0}})};
  runs[1].info.dtype = Dtype::bf16;
  runs[2].info.device.name = "NVIDIA A100";
  const auto result = distil(runs);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->groups.size(), 3U);
  EXPECT_EQ(result->groups[0].shapes.size(), 2U);
  EXPECT_EQ(result->groups[1].dtype, Dtype::bf16);
  EXPECT_EQ(result->groups[2].device, "NVIDIA A100");
  EXPECT_THAT(result->warnings, IsEmpty());
}

TEST(Distil, OfSeveralRunsOfAShapeTheNewestCounts) {
  std::vector runs = {run_of(1, {{32, 1.0}}), run_of(1, {{64, 1.0}})};
  runs[0].info.started_at = "2026-01-02T00:00:00Z";
  runs[1].info.started_at = "2026-01-01T00:00:00Z";
  auto result = distil(runs);
  ASSERT_TRUE(result);
  EXPECT_THAT(blocks(result->groups.front()), ElementsAre(32));
  ASSERT_EQ(result->warnings.size(), 1U);
  EXPECT_THAT(result->warnings.front(), HasSubstr("the newest counts, of 2026-01-02"));
  runs[1].info.scalars = {{"scale", 3.0}};
  runs[1].info.set_scalars = {"scale"};
  EXPECT_EQ(distil(runs)->groups.front().shapes.size(), 2U) << "other scalars are another shape";
}

TEST(Distil, WhereNothingWorkedThereIsNothingToDistil) {
  const auto nothing = distil({run_of(1, {{32, 0}})});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::worker);
  const auto some = distil({run_of(1, {{32, 0}}), run_of(2, {{32, 1.0}})});
  ASSERT_TRUE(some);
  EXPECT_EQ(some->groups.front().shapes.size(), 1U);
  EXPECT_THAT(some->warnings.front(), HasSubstr("left out, since no configuration worked"));
  DistilRules none;
  none.most = 0;
  EXPECT_FALSE(distil({run_of(1, {{32, 1.0}})}, none));
}

TEST(Distil, WhatIsRankedByAnotherObjectiveThanTimeIsLeftOut) {
  std::vector runs = {run_of(1, {{32, 1.0}}), run_of(2, {{32, 1.0}})};
  runs[0].info.objective.name = "nvml_energy";
  const auto result = distil(runs);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->groups.front().shapes.size(), 1U);
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("left out, since it is ranked by nvml_energy")));
}

TEST(Distil, OnlyWhatMayBeChosenIs) {
  const std::vector runs = {run_of(1, {{32, 1.0}, {64, 1.5}, {128, 1.6}})};
  DistilRules rules;
  rules.may = [](const tuner::Run&, const Evaluation& evaluation) {
    return evaluation.configuration.values.front().value.to_json() != 32;
  };
  const auto result = distil(runs, rules);
  ASSERT_TRUE(result);
  EXPECT_THAT(blocks(result->groups.front()), ElementsAre(64));
  EXPECT_EQ(result->groups.front().size().mean_loss, 0) << "against the best that may be chosen";
}

TEST(Distil, OtherPredecessorsInAGroupAreAWarning) {
  std::vector runs = {run_of(1, {{32, 1.0}}), run_of(2, {{32, 1.0}})};
  runs[0].info.after = Predecessor::clean;
  runs[1].info.after = Predecessor::producer;
  EXPECT_THAT(distil(runs)->warnings, ElementsAre(HasSubstr("clean")));
}

/// Random costs, of which some are missing and some are 0.
std::vector<CoverColumn> random_columns(std::mt19937& random, std::size_t columns, std::size_t rows) {
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<CoverColumn> made(columns);
  for (CoverColumn& column : made) {
    for (std::size_t row = 0; row < rows; ++row) {
      const double fine = uniform(random) < 0.2 ? kNoCost : uniform(random);
      column.fine.push_back(fine);
      column.costs.push_back(fine < 0.1 ? 0 : fine);
    }
  }
  return made;
}

std::pair<std::size_t, double> cost_of(const std::vector<CoverColumn>& columns, const std::vector<std::size_t>& set) {
  std::pair<std::size_t, double> cost{0, 0.0};
  for (std::size_t row = 0; row < columns.front().costs.size(); ++row) {
    double lowest = kNoCost;
    for (const std::size_t column : set) lowest = std::min(lowest, columns[column].costs[row]);
    if (lowest == kNoCost) {
      ++cost.first;
    } else {
      cost.second += lowest;
    }
  }
  return cost;
}

TEST(Covering, AgreesWithEverySetAndTheGreedyOneIsClose) {
  std::mt19937 random(7);
  double exact_sum = 0, greedy_sum = 0;
  for (int round = 0; round < 60; ++round) {
    const auto columns = random_columns(random, 12, 6);
    std::pair<std::size_t, double> best{99, 0};
    for (std::size_t a = 0; a < columns.size(); ++a) {
      for (std::size_t b = a; b < columns.size(); ++b) {
        for (std::size_t c = b; c < columns.size(); ++c) best = std::min(best, cost_of(columns, {a, b, c}));
      }
    }
    const Covers exact = best_covers(columns, 3, 1'000'000), greedy = best_covers(columns, 3, 1);
    EXPECT_TRUE(exact.exact);
    EXPECT_FALSE(greedy.exact);
    const auto found = cost_of(columns, exact.by_size.back()), close = cost_of(columns, greedy.by_size.back());
    EXPECT_EQ(found.first, best.first) << round;
    EXPECT_NEAR(found.second, best.second, 1e-12) << round;
    EXPECT_LE(exact.by_size.size(), 3U);
    EXPECT_GE(close, (std::pair{found.first, found.second - 1e-12}));
    EXPECT_LE(close.first, found.first + 1);
    exact_sum += found.second;
    greedy_sum += close.second;
    for (const auto& set : greedy.by_size)
      EXPECT_EQ(std::set<std::size_t>(set.begin(), set.end()).size(), set.size()) << "each once";
  }
  EXPECT_LT(greedy_sum, 1.05 * exact_sum);
}

TEST(Covering, OneMoreIsTakenOnlyWhereItHelps) {
  const std::vector<CoverColumn> columns = {
      {{0, 0, 0.5}, {0, 0.01, 0.5}}, {{0, 0, 0}, {0.01, 0.02, 0.03}}, {{0, 0.1, 0}, {0, 0.1, 0}}};
  const Covers covers = best_covers(columns, 3, 1000);
  ASSERT_EQ(covers.by_size.size(), 1U);
  EXPECT_THAT(covers.by_size.front(), ElementsAre(1));
}

TEST(Covering, ManyColumnsAreNotAllCompared) {
  std::mt19937 random(3);
  const auto columns = random_columns(random, 3000, 20);
  const Covers covers = best_covers(columns, 4, 1000);
  EXPECT_FALSE(covers.exact);
  EXPECT_EQ(cost_of(columns, covers.by_size.back()).first, 0U);
}

}  // namespace
}  // namespace fuseline::tuner
