// What is advised of one configuration: by measured neighbours, by the target's limits, and none without evidence.
#include "tuner/report/advice.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/tuner/support/followed_advice.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tuner/base/files.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/device/device.hpp"
#include "tuner/run/neighbours.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::sample_ok;
using testing::sample_run;

/// 0.9, 1.2 and 0.95 ms, far from the floor of 0.506; no finals.
Run swept(double first = 0.9, double second = 1.2, double third = 0.95) {
  tuner::Run run = sample_run();
  run.info.finals.clear();
  run.evaluations = {sample_ok(0, 128, first), sample_ok(1, 256, second), sample_ok(2, 512, third)};
  return run;
}

std::vector<Advice> advice_of(const Run& run, std::size_t place) {
  return advice_on(run, run.evaluations[place], {}, 0.5);
}

TEST(Advice, AFasterNeighbourComesFirstWithWhatItMoved) {
  tuner::Run run = swept();
  auto& slow = run.evaluations[1].measurement;
  auto& fast = run.evaluations[0].measurement;
  slow.counters = {{metric::kDramThroughput, 60}, {metric::kInstructions, 4e8}, {metric::kWarpsActive, 50}};
  fast.counters = {{metric::kDramThroughput, 79.5}, {metric::kInstructions, 2e8}, {metric::kWarpsActive, 50.5}};
  slow.facts->registers = 64;
  const auto advice = advice_of(run, 1);
  ASSERT_FALSE(advice.empty());
  EXPECT_EQ(advice[0].text, "Try block=128");
  EXPECT_EQ(advice[0].measured, 0U);
  EXPECT_EQ(advice[0].value, "128");
  EXPECT_NEAR(advice[0].time_ratio, 0.75, 1e-9);
  EXPECT_EQ(advice[0].reading,
            "measured with all else alike, block 256 to 128: DRAM throughput 60.0 to 79.5 %, warp instructions 400 M "
            "to 200 M, registers 64 to 40, time -25.0 %");
  EXPECT_EQ(std::count_if(advice.begin(), advice.end(), [](const Advice& each) { return each.measured.has_value(); }),
            1)
      << "the next best value of the same parameter is no second piece";
}

TEST(Advice, ATieIsNoAdvice) {
  EXPECT_FALSE(advice_of(swept(0.9, 0.91, 2), 1)[0].measured) << "1 % is what clocks do";
  tuner::Run run = swept(0.9, 1.0, 2);
  auto& samples = run.evaluations[0].measurement.samples_ms;
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] *= i % 2 == 0 ? 0.7 : 1.3;
  run.evaluations[0].measurement.time_ms = summarize(samples);
  for (const Advice& each : advice_of(run, 1)) EXPECT_FALSE(each.measured) << each.reading;
}

TEST(Advice, FinalistsAreHeldAgainstEachOtherInTheirRounds) {
  tuner::Run run = swept(1.0, 0.9, 2);  // In the sweep the second is faster; in every round of the finals the first.
  run.info.finals = {testing::sample_final(0, 0.8, 1, true), testing::sample_final(1, 0.8, 1.02, false)};
  for (std::size_t place = 0; place < 2; ++place) {
    auto& samples = run.info.finals[place].samples_ms;
    samples.clear();
    for (int i = 0; i < 12; ++i) samples.push_back((0.8 + 0.05 * i) * (place == 0 ? 1 : 1.02));  // Both drift.
  }
  const TimeRatio time = time_ratio(run, run.evaluations[0], run.evaluations[1]);
  EXPECT_TRUE(time.paired);
  EXPECT_FALSE(time.tied);
  EXPECT_NEAR(time.ratio, 1 / 1.02, 1e-9);
  EXPECT_EQ(advice_of(run, 1)[0].measured, 0U);
}

TEST(Advice, WhatWasGivenUpAsTooSlowIsSlowerAndNoNeighbour) {
  tuner::Run run = swept(1.0, 1.6);
  run.evaluations.pop_back();
  run.evaluations[1].measurement.abandoned = true;
  run.evaluations[1].measurement.samples_ms.resize(3);
  const TimeRatio time = time_ratio(run, run.evaluations[1], run.evaluations[0]);
  EXPECT_NEAR(time.ratio, 1.6, 1e-9);
  EXPECT_FALSE(time.tied);
  EXPECT_FALSE(time.paired);
  EXPECT_TRUE(neighbours(run, run.evaluations[0]).empty());
  run.evaluations[1].measurement.outcome = Outcome::incorrect;
  EXPECT_TRUE(time_ratio(run, run.evaluations[1], run.evaluations[0]).tied);
}

TEST(Advice, TheBestIsToldWhatItsAlternativesCost) {
  const auto advice = advice_of(swept(), 0);
  const auto kept = std::find_if(advice.begin(), advice.end(), [](const Advice& each) { return each.tried; });
  ASSERT_NE(kept, advice.end());
  EXPECT_THAT(kept->text, HasSubstr("with one of its values changed"));
  EXPECT_EQ(kept->reading, "block 128 to 512: time +5.6 %");
  EXPECT_FALSE(kept->measured);
  for (const Advice& each : advice_of(swept(), 2)) EXPECT_FALSE(each.tried) << "128 is faster";
}

TEST(Advice, WhatAConfigurationHasExhaustedIsNotAdvised) {
  tuner::Run run = swept();
  CounterAnalysis analysis;
  analysis.bounds = {{BoundKind::l2, std::nullopt, 0.93, BoundLevel::limits, "L2 is 93.0 % busy"}};
  const auto l2_advice = [&](int bytes) {
    run.evaluations[0].configuration.values = {{"vector_bytes", bytes}};
    for (const Advice& each : advice_on(run, run.evaluations[0], analysis, 0.94)) {
      if (each.text.starts_with("Ask L2")) return each;
    }
    return Advice{};
  };
  EXPECT_THAT(l2_advice(8).text, HasSubstr("wider accesses (vector_bytes above 8)"));
  EXPECT_THAT(l2_advice(16).text, Not(HasSubstr("wider")));
  EXPECT_THAT(l2_advice(16).reading, HasSubstr("at most 6.0 % less time"));
}

/// 64 registers a thread; a block of 1024 leaves a third of the RTX 4090's warps empty, blocks of 128 none.
Run with_target(double time_ms) {
  tuner::Run run = swept(time_ms, time_ms, time_ms);
  run.info.target = find_target(data_folder(), "rtx4090").value();
  run.info.device.limits = find_target(data_folder(), "h200")->limits;
  const int blocks[] = {128, 256, 1024};
  for (std::size_t i = 0; i < 3; ++i) {
    Evaluation& each = run.evaluations[i];
    each.configuration.values[0].value = blocks[i];
    each.measurement.launches = {Launch{{1024, 2, 1}, {blocks[i], 1, 1}, 0}};
    each.measurement.facts->registers = 40;
    each.measurement.facts->occupancy = i == 2 ? 0.5 : 0.75;
  }
  return run;
}

TEST(Advice, TooFewBytesInFlightOnTheTargetNameTheValueThatHasMoreWarpsThere) {
  const auto advice = advice_of(with_target(4), 2);  // 0.54 TB/s here.
  const auto there = std::find_if(advice.begin(), advice.end(),
                                  [](const Advice& each) { return each.text.starts_with("On RTX 4090 try block="); });
  ASSERT_NE(there, advice.end());
  EXPECT_EQ(there->parameter, "block");
  EXPECT_THAT(there->reading, HasSubstr("limit occupancy on RTX 4090 to 66.7 %"));
  EXPECT_THAT(there->reading, HasSubstr("of the 921 GB/s that copies reach there"));
  // What moves enough here has enough in flight there.
  for (const Advice& each : advice_of(with_target(1.5), 2)) EXPECT_THAT(each.text, Not(HasSubstr("On RTX 4090")));
}

/// The table of docs/notes/advice.md. Advice comes of two of three runs of each configuration, and whether it was right
/// of the third ones.
TEST(Advice, FollowingTheFirstPieceOfRecordedOnesIsFaster) {
  const auto followed = testing::follow_advice(data_folder() / "presets" / "recordings" / "h200", 20, 1);
  ASSERT_TRUE(followed) << followed.error().message();
  const auto& list = followed->followed;
  ASSERT_EQ(list.size(), 20U);
  EXPECT_GE(std::count_if(list.begin(), list.end(), [](const auto& each) { return each.ratio < 1; }), 14);
  for (const testing::FollowedAdvice& each : list) {
    EXPECT_GT(each.ratio, 0) << each.configuration;
    EXPECT_FALSE(each.reading.empty()) << each.configuration;
  }
}

}  // namespace
}  // namespace fuseline::tuner
