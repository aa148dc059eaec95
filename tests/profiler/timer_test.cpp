#include "profiler/measure/timer.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tuner/formats/read_run.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::profiler {
namespace {

tuner::StoppingRule rule() {
  tuner::StoppingRule made;
  made.minimum_samples = 10;
  made.maximum_samples = 25;
  made.maximum_ms = 50;
  return made;
}

TEST(Batches, FillUpToTheMinimumThenGoOnByTens) {
  EXPECT_EQ(next_batch(3, 1.5, 0.5, rule()), 7U);
  EXPECT_EQ(next_batch(10, 5, 0.5, rule()), 10U);
  EXPECT_EQ(next_batch(20, 10, 0.5, rule()), 5U);
  EXPECT_EQ(next_batch(25, 12, 0.5, rule()), 0U);
}

TEST(Batches, OfLongSamplesAreSmall) {
  EXPECT_EQ(next_batch(3, 30, 10, rule()), 2U);
  EXPECT_EQ(next_batch(3, 300, 100, rule()), 1U);
}

TEST(Batches, WithoutAnEstimateAreWhole) { EXPECT_EQ(next_batch(0, 0, 0, rule()), 10U); }

TEST(Batches, ShortLaunchesWaitUntilAllAreQueued) {
  EXPECT_EQ(batch_delay_ns(10, 0.5), 0U);
  EXPECT_GE(batch_delay_ns(10, 0.01), 100'000U);
  EXPECT_LE(batch_delay_ns(1'000'000, 0.01), 2'000'000U);
}

TEST(Race, IsOverForWhatIsSlowerOnEveryPlace) {
  tuner::TimingPolicy policy;
  policy.race_margin = 0.06;
  EXPECT_EQ(standing({0.54, 0.55, 0.56}, policy, 0.5), Standing::behind);
  EXPECT_EQ(standing({0.56, 0.52, 0.56}, policy, 0.5), Standing::in_the_race) << "one place is nearer than the margin";
  EXPECT_EQ(standing({1.6, 1.7, 1.8}, policy, 0.5), Standing::hopeless);
  EXPECT_EQ(standing({0.54, 0.55}, policy, 0.5), Standing::in_the_race) << "too few to tell";
  EXPECT_EQ(standing({0.54, 0.55, 0.56}, policy, 0), Standing::in_the_race) << "the first of all";
}

/// Of the finals' limit, 3 % behind the best, by all samples: those that the first three would have cut short.
std::vector<std::string> lost_finalists(const tuner::Run& run, const tuner::TimingPolicy& policy) {
  std::vector<std::string> lost;
  double least_ms = 0;
  for (const tuner::Evaluation* each : run.ranked()) {
    const double median_ms = each->measurement.time_ms.median;
    if (least_ms == 0 || median_ms < least_ms) least_ms = median_ms;
  }
  double best_ms = 0;
  for (const tuner::Evaluation& each : run.evaluations) {
    if (!tuner::worked(each.measurement)) continue;
    const std::vector<double>& all = each.measurement.samples_ms;
    const std::vector<double> first(all.begin(), all.begin() + std::min<std::ptrdiff_t>(3, std::ssize(all)));
    const bool cut = standing(first, policy, best_ms) != Standing::in_the_race;
    const double median_ms = each.measurement.time_ms.median;
    if (cut && median_ms <= 1.03 * least_ms) lost.push_back(run.info.problem + " " + each.configuration.key());
    best_ms = best_ms == 0 ? median_ms : std::min(best_ms, median_ms);
  }
  return lost;
}

TEST(Race, LosesNoFinalistOfTheRecordings) {
  tuner::TimingPolicy policy;
  policy.race_margin = 0.06;
  int runs = 0;
  for (const auto& file : std::filesystem::directory_iterator(FUSELINE_SOURCE_DIR "/presets/recordings/h200")) {
    if (!file.path().string().ends_with(".t4.json")) continue;
    const auto run = tuner::read_run(file.path().string());
    ASSERT_TRUE(run) << run.error().message();
    EXPECT_EQ(lost_finalists(*run, policy), std::vector<std::string>{});
    ++runs;
  }
  EXPECT_GE(runs, 30);
}

TEST(Race, IsNotRunWithoutAMargin) {
  tuner::TimingPolicy policy;
  EXPECT_EQ(standing({0.9, 0.9, 0.9}, policy, 0.5), Standing::in_the_race);
  policy.abandon_factor = 0;
  EXPECT_EQ(standing({9, 9, 9}, policy, 0.5), Standing::in_the_race);
}

}  // namespace
}  // namespace fuseline::profiler
