#include "tuner/session/finals.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <utility>

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
    reply.rounds.push_back({{}, 0, 4000.0 + round});
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
  const auto chosen = choose_finalists(
      {}, {evaluated(0, 1.025), evaluated(1, 1.0), evaluated(2, 1.035), evaluated(3, 0.5, Outcome::incorrect),
           evaluated(4, 0.9, Outcome::ok, true), evaluated(5, 1.02)});
  ASSERT_EQ(chosen.size(), 3U);
  EXPECT_EQ(chosen[0]->sequence, 1U);
  EXPECT_EQ(chosen[1]->sequence, 5U);
  EXPECT_EQ(chosen[2]->sequence, 0U);
}

TEST(Finalists, AreNotMoreThanThePolicyAllows) {
  std::vector<EvaluationPointer> all;
  for (std::uint64_t i = 0; i < 400; ++i) all.push_back(evaluated(i, 1.0 + 0.0001 * static_cast<double>(i)));
  const auto chosen = choose_finalists({}, all);
  ASSERT_EQ(chosen.size(), FinalsPolicy{}.maximum);
  EXPECT_EQ(chosen.back()->sequence, FinalsPolicy{}.maximum - 1);
}

TEST(Finalists, OfSeveralCardsAreWithinAsMuchMoreAsTheirCopiesDiffer) {
  RunInfo info;
  info.cards = {{"GPU", "a", "cuda:0", 1000}, {"GPU", "b", "cuda:1", 950}};
  const auto on = [](int card, std::uint64_t sequence, double ms) {
    auto made = std::make_shared<Evaluation>(*evaluated(sequence, ms));
    made->measurement.card = card;
    return EvaluationPointer(made);
  };
  // 1.05 ms of the slower card is 0.9975 of the other; 3 % and 5 % make 8.15 %.
  const auto chosen = choose_finalists(info, {on(1, 0, 1.0), on(2, 1, 1.05), on(1, 2, 1.075), on(1, 3, 1.082)});
  ASSERT_EQ(chosen.size(), 3U);
  EXPECT_EQ(chosen[0]->sequence, 1U);
  EXPECT_EQ(chosen[2]->sequence, 2U);
}

TEST(Finalists, OfNothingAreNone) { EXPECT_TRUE(choose_finalists({}, {evaluated(0, 1, Outcome::crashed)}).empty()); }

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
    EXPECT_EQ(timing.samples_ms.size(), timing.sequence < 10 ? 25U : 6U) << timing.sequence;  // 61 ms, twice a round.
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
  EXPECT_NEAR(finals.busy_s(), 0.1, 0.01);   // Each turn is a launch untimed and one timed.
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

/// What a device does to times beside the kernels themselves.
struct Disturbance {
  double drift = 0;                                             ///< From the first round to the last of all 25.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> pair;  ///< The first takes 3 % longer right after the second.
};

/// A device that runs each round in an order of its own, as a worker does. The noise is that of `seed` whatever else
/// disturbs the times.
class Device {
 public:
  Device(std::uint32_t seed, Disturbance disturbance) : random_(seed), noise_(seed + 1000), disturbance_(disturbance) {}

  FinalsReply answer(const Finals::Phase& phase) {
    FinalsReply reply;
    for (const auto& finalist : phase.finalists) reply.ids.push_back(finalist->sequence);
    for (int i = 0; i < phase.rounds; ++i) {
      auto& round = reply.rounds.emplace_back();
      round.place = (phase.first_round + i) % 4;
      round.copy_gbps = 4000;
      std::vector<std::size_t> positions(phase.finalists.size() + 1);  // The last one is the copy's.
      std::iota(positions.begin(), positions.end(), std::size_t{0});
      std::shuffle(positions.begin(), positions.end(), random_);
      for (const std::size_t position : positions) {
        round.order.push_back(position == reply.ids.size() ? FinalRound::copy
                                                           : static_cast<std::int64_t>(reply.ids[position]));
      }
      reply.rounds_ms.push_back(run(phase, positions, phase.first_round + i));
    }
    return reply;
  }

 private:
  std::vector<double> run(const Finals::Phase& phase, const std::vector<std::size_t>& order, int round) {
    std::normal_distribution<double> noise(1, 0.001);
    std::vector<double> times(phase.finalists.size());
    for (const std::size_t position : order) {
      if (position == times.size()) {
        before_.reset();
        continue;
      }
      const auto& finalist = *phase.finalists[position];
      double ms = finalist.measurement.time_ms.median * noise(noise_) * (1 + disturbance_.drift * round / 24);
      if (disturbance_.pair && disturbance_.pair->first == finalist.sequence && before_ == disturbance_.pair->second)
        ms *= 1.03;
      times[position] = ms;
      before_ = finalist.sequence;
    }
    return times;
  }

  std::mt19937 random_, noise_;
  Disturbance disturbance_;
  std::optional<std::uint64_t> before_;  ///< Who ran last; the copy is nobody.
};

struct Verdict {
  std::uint64_t best = 0;
  std::set<std::uint64_t> tied;
  bool operator==(const Verdict&) const = default;
};

/// #4 is the best, #1 is tied with it (0.2 %), the others are 2 % slower and more.
std::vector<EvaluationPointer> contenders() {
  return {evaluated(0, 1.02), evaluated(1, 1.002), evaluated(2, 1.025), evaluated(3, 1.03), evaluated(4, 1.0)};
}

Verdict verdict(std::uint32_t seed, const Disturbance& disturbance) {
  Finals finals(contenders());
  Device device(seed, disturbance);
  while (const auto phase = finals.next()) finals.add(device.answer(*phase));
  Verdict verdict;
  const auto timings = finals.result();
  verdict.best = timings.front().sequence;
  for (const auto& timing : timings) {
    if (timing.tied) verdict.tied.insert(timing.sequence);
  }
  return verdict;
}

std::string said(const Verdict& verdict) {
  return fmt::format("best {}, tied {}", verdict.best, fmt::join(verdict.tied, " "));
}

constexpr std::uint32_t kSeeds = 200;
const Verdict kStill{4, {1, 4}};

TEST(FinalsVerdict, IsTheSameWithADriftOfThreePercentAndWithout) {
  for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
    for (const double drift : {0.0, 0.03, -0.03}) {
      const Verdict drifting = verdict(seed, {drift, {}});
      EXPECT_EQ(drifting, kStill) << seed << " " << drift << ": " << said(drifting);
    }
  }
}

TEST(FinalsVerdict, IsTheSameWithAPredecessorThatCostsAnotherThreePercentAndWithout) {
  for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
    for (const double drift : {0.0, 0.03}) {
      // One that is tied suffers, or one that is slower.
      for (const std::uint64_t sufferer : {1U, 0U}) {
        const Verdict suffering = verdict(seed, {drift, std::pair(sufferer, std::uint64_t{4})});
        EXPECT_EQ(suffering, kStill) << seed << " " << drift << " " << sufferer << ": " << said(suffering);
      }
    }
  }
}

// By chance the best can follow the culprit in so many rounds that its median says so.
TEST(FinalsVerdict, LosesNoneOfTheTiedWhereChanceOrdersLetTheBestSuffer) {
  int same = 0, all = 0;
  for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
    for (const std::uint64_t culprit : {1U, 3U}) {
      const Verdict suffering = verdict(seed, {0.03, std::pair(std::uint64_t{4}, culprit)});
      EXPECT_TRUE(kStill.tied.contains(suffering.best)) << seed << ": " << said(suffering);
      EXPECT_TRUE(std::includes(suffering.tied.begin(), suffering.tied.end(), kStill.tied.begin(), kStill.tied.end()))
          << seed << ": " << said(suffering);
      same += suffering == kStill ? 1 : 0;
      ++all;
    }
  }
  EXPECT_GT(same, all * 3 / 4);
}

TEST(FinalsRounds, AreToldInTheOrderInWhichTheyWereRun) {
  Finals finals(contenders());
  Device device(1, {});
  const auto first = *finals.next();
  auto reply = device.answer(first);
  reply.rounds[0].clocks.emplace();
  reply.rounds[0].clocks->add(ClockReading{1980, 3201, 400, 45, 0});
  finals.add(reply);
  const auto second = *finals.next();
  EXPECT_EQ(first.first_round, 0);
  EXPECT_EQ(second.first_round, first.rounds);
  EXPECT_LT(second.finalists.size(), first.finalists.size()) << "the slow ones dropped out";
  finals.add(device.answer(second));
  const auto& rounds = finals.rounds();
  ASSERT_EQ(rounds.size(), finals.result().front().samples_ms.size()) << "sample i is of round i";
  for (std::size_t i = 0; i < rounds.size(); ++i) EXPECT_EQ(rounds[i].place, static_cast<int>(i % 4)) << i;
  EXPECT_EQ(rounds[0].order, reply.rounds[0].order);
  EXPECT_EQ(rounds.back().order.size(), second.finalists.size() + 1);
  EXPECT_EQ(rounds[0].copy_gbps, 4000);
  ASSERT_TRUE(rounds[0].clocks);
  EXPECT_EQ(rounds[0].clocks->sm_mhz, 1980);
  EXPECT_FALSE(rounds[1].clocks);
}

TEST(SweepFinals, TheBestIsNamedWithAllThatAreTied) {
  Toy toy;
  toy.script["noise"] = 0.001;
  toy.script["times"] = {{"plain block=64 unroll=1", 1.0},
                         {"plain block=64 unroll=2", 1.001},
                         {"other block=32", 1.02},
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
