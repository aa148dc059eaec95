#include "tuner/run/steadiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::sample_final;
using testing::sample_info;
using testing::sample_ok;

/// 24 runs about `time_ms`; from the 12th on they take `factor` times as long.
std::vector<double> runs(double time_ms, double factor = 1) {
  std::vector<double> samples(24);
  for (int i = 0; i < 24; ++i)
    samples[static_cast<std::size_t>(i)] = time_ms * (i < 12 ? 1 : factor) * (1 + 0.0001 * (i * 7 % 5));
  return samples;
}

FinalTiming finalist(std::uint64_t sequence, std::vector<double> samples, bool tied) {
  FinalTiming timing = sample_final(sequence, 1, 1, tied);
  timing.samples_ms = std::move(samples);
  timing.time_ms = summarize(timing.samples_ms);
  return timing;
}

/// #1 is the best, #0 and #2 are tied with it, #3 is not; all is steady.
tuner::Run steady() {
  tuner::Run run;
  run.info = sample_info();
  for (std::uint64_t i = 0; i < 4; ++i) run.evaluations.push_back(sample_ok(i, 64, 1));
  run.info.finals = {finalist(1, runs(1), true), finalist(0, runs(1), true), finalist(2, runs(1), true),
                     finalist(3, runs(1.1, 1.2), false)};
  run.info.clocks.emplace();
  run.info.clocks->add(ClockReading{1980, 3201, 400, 45, 0});
  return run;
}

std::vector<std::string> warnings(const tuner::Run& run) { return timing_warnings(run.info, run.evaluations[1]); }

TEST(TimingWarnings, AreNoneWhereAllWasSteady) {
  tuner::Run run = steady();
  EXPECT_THAT(warnings(run), IsEmpty()) << "what is not tied may move";
  run.info.clocks.reset();
  run.info.finals.clear();
  EXPECT_THAT(warnings(run), IsEmpty());
}

TEST(TimingWarnings, SayThatOwnRunsMoved) {
  tuner::Run run = steady();
  run.info.finals[0] = finalist(1, runs(0.98, 1.04), true);
  EXPECT_THAT(warnings(run), ElementsAre("The best's own runs moved: from run 13 of 24 on they are 4.0 % slower."));
  run.info.finals[1] = finalist(0, runs(1, 1.04), true);
  EXPECT_THAT(warnings(run).at(0), HasSubstr("slower. So did those of 1 tied with it."));
  run.info.finals[0] = finalist(1, runs(1.02, 0.96), true);
  EXPECT_THAT(warnings(run).at(0), HasSubstr("they are 4.0 % faster."));
  run.info.finals[0] = finalist(1, runs(1), true);
  EXPECT_THAT(warnings(run), ElementsAre("Own runs of 1 that is tied with the best moved by more than 1 %."));
  run.info.finals[2] = finalist(2, runs(1, 0.96), true);
  EXPECT_THAT(warnings(run).at(0), HasSubstr("of 2 that are tied"));
}

TEST(TimingWarnings, GoByTheSweepsRunsWhereThereWereNoFinals) {
  tuner::Run run = steady();
  run.evaluations[1].measurement.samples_ms = runs(1, 1.04);
  EXPECT_THAT(warnings(run), IsEmpty()) << "its time comes from the finals";
  run.info.finals.clear();
  EXPECT_EQ(warnings(run).size(), 1U);
}

TEST(TimingWarnings, SayThatSweepAndFinalsDisagree) {
  tuner::Run run = steady();
  run.evaluations[1].measurement.time_ms.median = 1.03;
  EXPECT_THAT(warnings(run), ElementsAre("The best's median in the sweep is 3.0 % above that of its finals."));
  run.evaluations[1].measurement.time_ms.median = 0.97;
  EXPECT_THAT(warnings(run), ElementsAre("The best's median in the sweep is 3.0 % under that of its finals."));
  run.evaluations[1].measurement.time_ms.median = 1.009;
  EXPECT_THAT(warnings(run), IsEmpty());
}

TEST(TimingWarnings, SayHowClocksMoved) {
  tuner::Run run = steady();
  run.info.clocks->add(ClockReading{1965, 3201, 400, 45, 0});
  EXPECT_THAT(warnings(run), IsEmpty()) << "under one percent";
  run.info.clocks->add(ClockReading{1755, 3201, 400, 45, 0});
  EXPECT_THAT(warnings(run), ElementsAre("Clocks moved during timing: SM clock 1,755 to 1,980 MHz, memory 3,201 MHz."));
  run.evaluations[1].measurement.clocks = run.info.clocks;
  run.info.clocks.reset();
  EXPECT_EQ(warnings(run).size(), 1U) << "a file may tell those of the best alone";
}

TEST(TimingWarnings, SayWhatThrottledClocksDidToSamples) {
  tuner::Run run = steady();
  run.info.clocks->retaken = 1;
  EXPECT_THAT(warnings(run), ElementsAre("1 sample was taken again because clocks were held back."));
  run.info.clocks->retaken = 1200;
  run.info.clocks->add(ClockReading{1980, 3201, 700, 88, 0x04 | 0x01});
  EXPECT_EQ(warnings(run).size(), 1U) << "at its power limit, and as fast as ever";
  run.info.clocks->add(ClockReading{1755, 3201, 700, 88, 0x04 | 0x20});
  EXPECT_THAT(warnings(run),
              ElementsAre("Clocks moved during timing: SM clock 1,755 to 1,980 MHz, memory 3,201 MHz.",
                          "1,200 samples were taken again because clocks were held back. Samples were kept although "
                          "clocks were held back (sw_power_cap, sw_thermal_slowdown)."));
}

TEST(ClocksText, SaysWhatIsKnown) {
  Clocks clocks;
  EXPECT_EQ(clocks_text(clocks), "");
  clocks.add(ClockReading{1980, 3201, 459.7, 45, 0});
  EXPECT_EQ(clocks_text(clocks), "SM clock 1,980 MHz, memory 3,201 MHz, up to 460 W, 45 \u00B0C");
  clocks.add(ClockReading{1755, 0, 0, 0, 0});
  EXPECT_EQ(clocks_text(clocks), "SM clock 1,755 to 1,980 MHz, memory 3,201 MHz, up to 460 W, 45 \u00B0C");
}

/// The rounds of steady() on `places` sets of buffers in turn; on the last of them the best takes `factor` times as
/// long.
tuner::Run on_places(int places, double factor) {
  tuner::Run run = steady();
  for (int i = 0; i < 24; ++i) {
    run.info.final_rounds.push_back({{0, 1, FinalRound::copy}, i % places, 4000, {}});
    if (i % places == places - 1) run.info.finals[0].samples_ms[static_cast<std::size_t>(i)] *= factor;
  }
  return run;
}

TEST(PlaceEffects, AreTheRangeOfMediansByPlace) {
  const auto effect = place_effect(on_places(3, 1.02).info);
  ASSERT_TRUE(effect);
  ASSERT_EQ(effect->places.size(), 3U);
  EXPECT_EQ(effect->places[2].place, 2);
  EXPECT_EQ(effect->places[2].rounds, 8U);
  EXPECT_NEAR(effect->places[2].median_ms, 1.02, 0.001);
  EXPECT_NEAR(effect->range, 0.02, 0.001);
  EXPECT_EQ(place_effect_text(*effect), "The place of the buffers counts for 2.0 %: medians of the best on 3 places");
  EXPECT_LT(place_effect(on_places(3, 1).info)->range, 0.001);
}

TEST(PlaceEffects, AreNoneOfADriftOrAJump) {
  for (const double later : {1.03, 0.97}) {
    tuner::Run run = on_places(4, 1);
    for (std::size_t i = 0; i < 24; ++i) {
      run.info.finals[0].samples_ms[i] *= i < 14 ? 1 : later;
      run.info.finals[0].samples_ms[i] *= 1 + 0.001 * static_cast<double>(i);
    }
    EXPECT_LT(place_effect(run.info)->range, 0.005) << later;
  }
}

TEST(PlaceEffects, NeedThreeRoundsOnEachOfTwoPlaces) {
  EXPECT_TRUE(place_effect(on_places(8, 1).info)) << "three rounds each";
  EXPECT_FALSE(place_effect(on_places(9, 1).info)->places.empty()) << "three on six of nine";
  EXPECT_FALSE(place_effect(on_places(12, 1).info)) << "two rounds each";
  EXPECT_FALSE(place_effect(on_places(1, 1).info));
  EXPECT_FALSE(place_effect(steady().info)) << "rounds do not tell their places";
  EXPECT_FALSE(place_effect(sample_info()));
}

TEST(Cycles, AreTheTimeInTheClockThatItHad) {
  tuner::Run run = steady();
  EXPECT_DOUBLE_EQ(figures_of(run.info, run.evaluations[1]).sm_mhz, 1980) << "the run's";
  run.evaluations[1].measurement.clocks.emplace();
  run.evaluations[1].measurement.clocks->add(ClockReading{1700, 3201, 400, 45, 0});
  const Figures figures = figures_of(run.info, run.evaluations[1]);
  EXPECT_DOUBLE_EQ(figures.sm_mhz, 1700);
  EXPECT_DOUBLE_EQ(figures.cycles, figures.time_ms * 1e-3 * 1700e6);
  run.info.clocks.reset();
  EXPECT_EQ(figures_of(run.info, run.evaluations[0]).cycles, 0);
}

TEST(Shifts, AreOfTheRunsBehindTheTime) {
  tuner::Run run = steady();
  run.info.finals[0] = finalist(1, runs(1, 1.04), true);
  run.evaluations[1].measurement.samples_ms = runs(1, 0.9);
  EXPECT_NEAR(figures_of(run.info, run.evaluations[1]).shift->relative, 0.04, 0.001);
  run.info.finals[0].samples_ms.clear();
  EXPECT_NEAR(figures_of(run.info, run.evaluations[1]).shift->relative, -0.1, 0.001) << "a file without samples";
  run.evaluations[1].measurement.samples_ms.resize(5);
  EXPECT_FALSE(figures_of(run.info, run.evaluations[1]).shift);
}

}  // namespace
}  // namespace fuseline::tuner
