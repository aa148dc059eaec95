#include <gtest/gtest.h>

#include "tests/gui/models/support.hpp"
#include "tests/tuner/support/sample_run.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;

TEST(RunData, WorksOutBandwidthAndTheBest) {
  RunData data;
  EXPECT_TRUE(data.empty());
  data.show(small_run());
  ASSERT_EQ(data.rows().size(), 5U);
  EXPECT_EQ(data.best(), 2U);
  EXPECT_DOUBLE_EQ(data.rows()[1].gbps, 2000);
  EXPECT_DOUBLE_EQ(data.rows()[1].of_copy, 0.5);
  EXPECT_DOUBLE_EQ(data.rows()[1].gflops, 4000);
  EXPECT_FALSE(data.rows()[3].ok());
}

TEST(RunData, FinalsReplaceTheSweepsTimesAndNameTheBest) {
  tuner::Run run = *small_run();
  run.info.finals = {{1, {0.45, 0.45}, {0.45, 0.45, 0.45, 0.45, 2}, 1, {1, 1}, true},
                     {2, {0.46, 0.46}, {0.46, 0.46, 0.46, 0.46, 2}, 1.02, {1, 1.1}, true}};
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run));
  EXPECT_EQ(data.best(), 1U);
  EXPECT_DOUBLE_EQ(data.rows()[2].time_ms, 0.45 * 1.02) << "the best's, times the ratio to it";
  EXPECT_NEAR(data.rows()[2].gbps, 1000 / (0.45 * 1.02), 1e-6);
  EXPECT_TRUE(data.rows()[2].tied);
  EXPECT_FALSE(data.rows()[0].finalist);
}

TEST(RunData, RanksARunThatHasEnded) {
  RunData data;
  data.show(small_run());
  EXPECT_EQ(data.rows()[2].rank, 1U);
  EXPECT_EQ(data.rows()[0].rank, 4U);
  EXPECT_EQ(data.rows()[3].rank, 0U) << "it did not work";
}

TEST(RunData, WarnsAsTheResultDoes) {
  const auto run = std::make_shared<const tuner::Run>(tuner::testing::sample_timed_run());
  RunData data;
  data.show(run);
  EXPECT_EQ(data.warnings(), tuner::timing_warnings(run->info, run->evaluations[1]));
  EXPECT_EQ(data.warnings().size(), 3U);
  ASSERT_TRUE(data.place_effect());
  EXPECT_EQ(data.place_effect()->places.size(), 4U);
  EXPECT_EQ(tuner::cell_text({nullptr, *data.rows()[0].evaluation, data.rows()[0]}, "sm_mhz"), "1980");
  data.show(small_run());
  EXPECT_TRUE(data.warnings().empty()) << "of the run before";
  EXPECT_FALSE(data.place_effect());
  data.show(run);
  data.clear();
  EXPECT_TRUE(data.warnings().empty());
}

TEST(RunData, SnapshotsOfOneRunAddRowsAndThoseOfAnotherStartAfresh) {
  const auto run = small_run();
  const auto shared = [&](std::size_t i) { return std::make_shared<const tuner::Evaluation>(run->evaluations[i]); };
  tuner::Snapshot first;
  first.info = run->info;
  first.evaluations = {shared(0), shared(1)};
  RunData data;
  data.follow(first);
  const auto rebuilt = data.rebuilt();
  EXPECT_EQ(data.best(), 1U);
  tuner::Snapshot second = first;
  second.evaluations.push_back(shared(2));
  data.follow(second);
  EXPECT_EQ(data.rows().size(), 3U);
  EXPECT_EQ(data.best(), 2U);
  EXPECT_EQ(data.rebuilt(), rebuilt) << "rows that were there are as they were";
  tuner::Snapshot other = first;
  other.info.id = 8;
  other.evaluations = {shared(4)};
  data.follow(other);
  EXPECT_EQ(data.rows().size(), 1U);
  EXPECT_NE(data.rebuilt(), rebuilt);
}

TEST(RunData, CountersThatComeAfterTheirEvaluationReachItsRow) {
  const auto run = small_run();
  const auto shared = [&](std::size_t i) { return std::make_shared<const tuner::Evaluation>(run->evaluations[i]); };
  tuner::Snapshot first;
  first.info = run->info;
  first.evaluations = {shared(0), shared(1)};
  RunData data;
  data.follow(first);
  const auto rebuilt = data.rebuilt();
  tuner::Snapshot second = first;
  for (auto& evaluation : second.evaluations) {
    auto with = std::make_shared<tuner::Evaluation>(*evaluation);
    with->measurement.counters["dram__bytes_read.sum"] = 5;
    evaluation = with;
  }
  second.evaluations.push_back(shared(2));
  data.follow(second);
  ASSERT_EQ(data.rows().size(), 3U);
  EXPECT_EQ(data.rows()[0].evaluation->measurement.counters.size(), 1U);
  EXPECT_EQ(data.rows()[1].evaluation->measurement.counters.size(), 1U);
  EXPECT_NE(data.rebuilt(), rebuilt) << "columns and choices of colour come with them";
}

TEST(RunData, ARunWithGapsInItsSequencesIsFoundBySequence) {
  RunData data;
  data.show(std::make_shared<const tuner::Run>(run_of({evaluation(3, "a", 128, 1), evaluation(9, "a", 256, 2)})));
  ASSERT_NE(data.by_sequence(9), nullptr);
  EXPECT_DOUBLE_EQ(data.by_sequence(9)->time_ms, 2);
  EXPECT_EQ(data.by_sequence(4), nullptr);
  EXPECT_EQ(data.best_row(), data.by_sequence(3));
}

TEST(Selection, TogglesAndKeepsTheLastAsPrimary) {
  Selection selection;
  EXPECT_FALSE(selection.primary());
  selection.only(4);
  selection.toggle(7);
  EXPECT_EQ(selection.primary(), 7U);
  EXPECT_TRUE(selection.has(4));
  selection.toggle(7);
  EXPECT_FALSE(selection.has(7));
  EXPECT_EQ(selection.primary(), 4U);
}

}  // namespace
}  // namespace fuseline::app::gui
