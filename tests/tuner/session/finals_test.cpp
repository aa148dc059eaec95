#include "tuner/session/finals.hpp"

#include <gtest/gtest.h>

#include <random>

#include "toy.hpp"

namespace fuseline::tuner {
namespace {

using testing::Toy;

EvaluationPointer evaluated(std::uint64_t sequence, double median_ms, Outcome outcome = Outcome::ok,
                            bool abandoned = false) {
  Evaluation evaluation;
  evaluation.sequence = sequence;
  evaluation.measurement.outcome = outcome;
  evaluation.measurement.abandoned = abandoned;
  evaluation.measurement.time_ms = {median_ms, median_ms, median_ms, median_ms, 10};
  return std::make_shared<const Evaluation>(std::move(evaluation));
}

/// Answers with each finalist's own median and one percent of noise that all of a round share, one thousandth that they
/// do not.
FinalsReply answer(const Finals::Phase& phase, std::mt19937& random) {
  std::normal_distribution<double> drift(1, 0.01), noise(1, 0.001);
  FinalsReply reply;
  for (const auto& finalist : phase.finalists) reply.ids.push_back(finalist->sequence);
  for (int round = 0; round < phase.rounds; ++round) {
    const double shared = drift(random);
    auto& times = reply.rounds_ms.emplace_back();
    for (const auto& finalist : phase.finalists)
      times.push_back(finalist->measurement.time_ms.median * shared * noise(random));
    reply.copy_gbps.push_back(4000 + round);
  }
  return reply;
}

Finals played(const std::vector<EvaluationPointer>& finalists, FinalsPolicy policy = {}) {
  std::mt19937 random(7);
  Finals finals(finalists, policy);
  while (const auto phase = finals.next()) finals.add(answer(*phase, random));
  return finals;
}

TEST(Finalists, AreOkNotAbandonedAndCloseToTheBest) {
  const auto chosen = choose_finalists({evaluated(0, 1.04), evaluated(1, 1.0), evaluated(2, 1.06),
                                        evaluated(3, 0.5, Outcome::incorrect), evaluated(4, 0.9, Outcome::ok, true),
                                        evaluated(5, 1.02)});
  ASSERT_EQ(chosen.size(), 3U);
  EXPECT_EQ(chosen[0]->sequence, 1U);
  EXPECT_EQ(chosen[1]->sequence, 5U);
  EXPECT_EQ(chosen[2]->sequence, 0U);
}

TEST(Finalists, AreNotMoreThanThePolicyAllows) {
  std::vector<EvaluationPointer> all;
  for (std::uint64_t i = 0; i < 400; ++i) all.push_back(evaluated(i, 1.0 + 0.0001 * static_cast<double>(i)));
  const auto chosen = choose_finalists(all);
  ASSERT_EQ(chosen.size(), FinalsPolicy{}.maximum);
  EXPECT_EQ(chosen.back()->sequence, FinalsPolicy{}.maximum - 1);
}

TEST(Finalists, OfNothingAreNone) { EXPECT_TRUE(choose_finalists({evaluated(0, 1, Outcome::crashed)}).empty()); }

TEST(FinalsRounds, ClearlySlowerOnesStopAfterTheFirstRounds) {
  const auto finals = played({evaluated(3, 1.0), evaluated(4, 1.0005), evaluated(5, 1.03)});
  const auto timings = finals.result();
  ASSERT_EQ(timings.size(), 3U);
  EXPECT_EQ(timings[0].samples_ms.size(), 25U);
  EXPECT_EQ(timings[1].samples_ms.size(), 25U);
  EXPECT_TRUE(timings[0].tied);
  EXPECT_TRUE(timings[1].tied);
  EXPECT_EQ(timings[2].sequence, 5U);
  EXPECT_EQ(timings[2].samples_ms.size(), 8U);
  EXPECT_FALSE(timings[2].tied);
  EXPECT_NEAR(timings[2].ratio, 1.03, 0.005);
  EXPECT_GT(timings[2].ratio_interval.low, 1.005);
}

TEST(FinalsRounds, ManyFinalistsAreScreenedAsWell) {
  std::vector<EvaluationPointer> all;
  for (std::uint64_t i = 0; i < 60; ++i) all.push_back(evaluated(i, i < 10 ? 1.0 : 1.03));
  const auto timings = played(all).result();
  ASSERT_EQ(timings.size(), 60U);
  for (const auto& timing : timings)
    EXPECT_EQ(timing.samples_ms.size(), timing.sequence < 10 ? 25U : 8U) << timing.sequence;
}

TEST(FinalsRounds, DriftThatAllShareDoesNotHideADifference) {
  // One percent of common drift from round to round, a difference of one percent: only interleaved ratios show it.
  const auto timings = played({evaluated(0, 1.0), evaluated(1, 1.01)}).result();
  EXPECT_EQ(timings[0].sequence, 0U);
  EXPECT_FALSE(timings[1].tied);
}

TEST(FinalsRounds, TheCopyIsTheMedianOfAllRounds) {
  const auto finals = played({evaluated(0, 1.0), evaluated(1, 1.0)});
  EXPECT_NEAR(finals.copy_gbps(), 4006, 3);  // 4000..4007 and 4000..4016
  EXPECT_NEAR(finals.busy_s(), 0.05, 0.005);
}

TEST(FinalsRounds, LongKernelsGetFewerRounds) {
  const auto timings = played({evaluated(0, 500.0), evaluated(1, 501.0)}).result();
  EXPECT_EQ(timings[0].samples_ms.size(), 5U);
}

TEST(FinalsRounds, OneThatFailsIsLeftOut) {
  std::mt19937 random(1);
  Finals finals({evaluated(0, 1.0), evaluated(1, 1.0)});
  auto reply = answer(*finals.next(), random);
  reply.ids.pop_back();
  for (auto& round : reply.rounds_ms) round.pop_back();
  finals.add(reply);
  EXPECT_EQ(finals.failed(), std::vector<std::uint64_t>{1});
  finals.add(answer(*finals.next(), random));
  EXPECT_EQ(finals.result().size(), 1U);
}

TEST(FinalsRounds, AnEmptyAnswerEndsThem) {
  Finals finals({evaluated(0, 1.0)});
  finals.add({});
  EXPECT_FALSE(finals.next());
  EXPECT_TRUE(finals.result().empty());
}

TEST(SweepFinals, TheBestIsNamedWithAllThatAreTied) {
  Toy toy;
  toy.script["noise"] = 0.001;
  toy.script["times"] = {{"plain block=64 unroll=1", 1.0},
                         {"plain block=64 unroll=2", 1.001},
                         {"other block=32", 1.03},
                         {"other block=64", 1.3}};
  const auto run = toy.sweep();
  ASSERT_TRUE(run) << run.error().message();
  ASSERT_EQ(run->info.finals.size(), 3U);
  EXPECT_TRUE(run->info.finals[0].tied);
  EXPECT_TRUE(run->info.finals[1].tied);
  EXPECT_FALSE(run->info.finals[2].tied);
  EXPECT_EQ(run->evaluations[run->info.finals[2].sequence].configuration.key(), "other block=32");
  EXPECT_EQ(toy.logged("finals 3 x 8"), 1);
  EXPECT_EQ(toy.logged("finals 2 x 17"), 1);
  EXPECT_NEAR(run->info.copy_gbps, 1005, 5);
  EXPECT_EQ(run->ranked()[2]->configuration.key(), "other block=32");
  EXPECT_EQ(run->ranked()[3]->configuration.key(), "other block=64");
  EXPECT_EQ(run->time_of(*run->ranked()[0]).samples, 25U);
}

TEST(SweepFinals, ASweepWhereNothingWorkedHasNone) {
  Toy toy;
  toy.rule("", "verify", "exit", {{"times", 1000}});
  auto request = toy.request();
  request.variants = {"other"};
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_TRUE(run->info.finals.empty());
  EXPECT_TRUE(run->ranked().empty());
}

}  // namespace
}  // namespace fuseline::tuner
