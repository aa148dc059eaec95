#include <gmock/gmock.h>

#include <algorithm>

#include "tests/tuner/plot/samples.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/plot/roofline_plot.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RooflineModel, PointsStandAtTheCompulsoryIntensity) {
  const RooflineModel model = roofline_model(samples::run({0.5, 0.25, 0}));
  ASSERT_EQ(model.marks.size(), 3U) << "two that worked and the projection";
  for (const RooflineMark& mark : model.marks) EXPECT_DOUBLE_EQ(mark.intensity, 2.5);
  EXPECT_DOUBLE_EQ(model.marks[0].gflops, 5000);
  EXPECT_DOUBLE_EQ(model.marks[0].of_copy, 0.5);
  EXPECT_FALSE(model.marks[0].best);
  EXPECT_DOUBLE_EQ(model.marks[1].gflops, 10000);
  EXPECT_DOUBLE_EQ(model.marks[1].of_copy, 1.0);
  EXPECT_TRUE(model.marks[1].best);
  EXPECT_EQ(model.marks[1].series, "given");
  EXPECT_EQ(model.marks[1].provenance, Provenance::measured);
}

TEST(RooflineModel, RoofsSayWhatWasMeasuredAndWhatIsFromADataSheet) {
  const RooflineModel model = roofline_model(samples::run({0.5}));
  ASSERT_EQ(model.roofs.size(), 4U);
  EXPECT_EQ(model.roofs[0].label, "H200 copy 4.00 TB/s (measured)");
  EXPECT_EQ(model.roofs[0].compute_label, "H200 FP32 60.1 TFLOP/s (measured)");
  EXPECT_TRUE(model.roofs[0].measured);
  EXPECT_EQ(model.roofs[2].label, "H200 DRAM 4.80 TB/s (nominal peak)");
  EXPECT_FALSE(model.roofs[2].measured);
  EXPECT_EQ(model.roofs[3].label, "RTX 4090 DRAM 1.01 TB/s (data sheet)");
  EXPECT_TRUE(model.roofs[3].target);
}

TEST(RooflineModel, TheTargetIsProjectedAndSaysSo) {
  const RooflineModel model = roofline_model(samples::run({0.25}));
  const RooflineMark& mark = model.marks.back();
  EXPECT_EQ(mark.provenance, Provenance::projected);
  // All of the copy's 4,000 GB/s on the device; copies are taken to reach 0.85 of 1,008 GB/s on the target. A launch's
  // 2 us are the same on both.
  EXPECT_NEAR(mark.gflops, 2.5e9 / (0.002 + 0.248 * 4000 / (0.85 * 1008)) / 1e6, 1e-6);
  EXPECT_THAT(mark.label, HasSubstr("not measured"));
  EXPECT_THAT(model.notes.back(), HasSubstr("not measured"));
}

TEST(RooflineModel, WhatIsProjectedIsInTheTargetsSpace) {
  auto run = samples::run({0.5, 0.25});
  run.info.target_fit = TargetFit{0, "too much shared memory"};
  const RooflineModel model = roofline_model(run);
  EXPECT_NEAR(model.marks.back().gflops, projected(run.info, run.evaluations[0])->gflops, 1e-6);
  EXPECT_THAT(model.marks.back().label, HasSubstr("too much shared memory"));
  EXPECT_THAT(model.notes.back(), HasSubstr("the best of its space, which is not the best here, on RTX 4090"));
  run.info.target_fit->best.reset();
  EXPECT_NE(roofline_model(run).marks.back().provenance, Provenance::projected);
}

TEST(TargetRooflineModel, HasEveryProjectionInItsOrderAndNothingOfTheDevice) {
  tuner::Run run = samples::run({0.5, 0.25, 0, 0.251});
  const RooflineModel model = target_roofline_model(run, {});
  EXPECT_EQ(model.view, RooflineView::target);
  EXPECT_THAT(model.title, HasSubstr("RTX 4090, projected from H200"));
  for (const Roof& roof : model.roofs) {
    EXPECT_TRUE(roof.target) << roof.label;
    EXPECT_FALSE(roof.measured) << roof.label;
  }
  EXPECT_EQ(model.roofs.at(0).label, "RTX 4090 copy 857 GB/s (estimated)");
  EXPECT_EQ(model.roofs.at(1).label, "RTX 4090 DRAM 1.01 TB/s (data sheet)");
  const TargetRanking there = rank_on_target(run);
  ASSERT_EQ(model.marks.size(), there.order.size());
  for (std::size_t i = 0; i < there.order.size(); ++i) {
    const RooflineMark& mark = model.marks[model.marks.size() - 1 - i];
    const Projection& projection = there.projections[i];
    EXPECT_DOUBLE_EQ(mark.gflops, projection.gflops);
    EXPECT_EQ(mark.provenance, Provenance::projected);
    EXPECT_NEAR(mark.of_copy, projection.gbps / projection.streaming.gbps, 1e-9);
    EXPECT_NEAR(mark.of_copy_low * projection.high_ms, mark.of_copy * projection.time_ms, 1e-9);
    EXPECT_NEAR(mark.of_copy_high * projection.low_ms, mark.of_copy * projection.time_ms, 1e-9);
    EXPECT_EQ(mark.best, i == 0);
    EXPECT_EQ(mark.tied, i < there.together);
    EXPECT_THAT(mark.label, HasSubstr("not measured"));
  }
  EXPECT_THAT(model.marks.back().callout, HasSubstr("projected"));
  EXPECT_THAT(model.notes.at(1), HasSubstr("nothing ran on RTX 4090. 3 of 3 that worked"));
}

TEST(TargetRooflineModel, SpecialFunctionsAreARoofWhereTheyWereCounted) {
  tuner::Run run = samples::run({0.25});
  run.info.target->sm_mhz = 2520;
  run.info.target->special_per_clock = 16;
  run.info.target->limits.sm_count = 128;
  const std::size_t without = target_roofline_model(run, {}).roofs.size();
  auto& counters = run.evaluations[0].measurement.counters;
  counters = {{metric::kDramRead, 5e8}, {metric::kDramWritten, 5e8}, {metric::kSpecial, 1e9 / 32}};
  const RooflineModel model = target_roofline_model(run, {});
  ASSERT_EQ(model.roofs.size(), without + 1);
  // 2.5 operations go with each special function.
  EXPECT_NEAR(model.roofs.back().compute_gflops, 2.5 * 128 * 16 * 2.52, 1e-6);
  EXPECT_THAT(model.roofs.back().label, HasSubstr("special functions"));
  const RooflineRanges ranges = roofline_ranges(model);
  EXPECT_LT(ranges.intensity.high, 1e4) << "a plateau alone has no ridge";
}

TEST(TargetRooflineModel, GivenReadingsStandBesideAndWithoutATargetThereIsNothing) {
  tuner::Run run = samples::run({0.25});
  const std::vector<GivenReading> given = {{"kernel", run.info.target->name, "f32", {{metric::kDramThroughput, 50}}}};
  const RooflineModel model = target_roofline_model(run, given);
  EXPECT_EQ(model.marks.back().provenance, Provenance::given);
  EXPECT_FALSE(model.marks.back().evaluated);
  EXPECT_NEAR(model.marks.back().gflops, 2.5 * 504, 1e-9);
  EXPECT_EQ(series_positions(model.marks).size(), 1U);
  run.info.target.reset();
  EXPECT_TRUE(target_roofline_model(run, given).marks.empty());
}

TEST(RooflineModel, ShowsTheBestByEachLevelOfMemoryWhereItWasCounted) {
  auto run = samples::run({0.5, 0.25});
  EXPECT_EQ(roofline_model(run, {.hierarchy = true}).marks.size(), roofline_model(run).marks.size());
  run.evaluations[1].measurement.counters = {
      {metric::kFadd, 1e9},        {metric::kFmul, 0},      {metric::kFfma, 2e9},   {metric::kDramRead, 5e8},
      {metric::kDramWritten, 5e8}, {metric::kL2Bytes, 2e9}, {metric::kL1Bytes, 4e9}};
  const RooflineModel model = roofline_model(run, {.hierarchy = true});
  ASSERT_EQ(model.marks.size(), roofline_model(run).marks.size() + 3);
  EXPECT_EQ(model.marks[0].callout, "DRAM");
  EXPECT_DOUBLE_EQ(model.marks[0].intensity, 5);
  EXPECT_DOUBLE_EQ(model.marks[1].intensity, 2.5);
  EXPECT_DOUBLE_EQ(model.marks[2].intensity, 1.25);
  for (int i = 0; i < 3; ++i) EXPECT_DOUBLE_EQ(model.marks[static_cast<std::size_t>(i)].gflops, 20000);
  EXPECT_EQ(model.marks[0].of_copy, 0) << "no point of the strip beside";
}

TEST(RooflineModel, AUnitsRoofIsWhereTheBestWouldKeepItAllBusy) {
  auto run = samples::run({0.5, 0.25});
  const auto roofs = [&] { return roofline_model(run, {.units = true}).roofs; };
  const std::size_t without = roofline_model(run).roofs.size();
  EXPECT_EQ(roofs().size(), without) << "nothing was read";
  run.evaluations[1].measurement.counters = {
      {metric::kIssueActive, 50}, {metric::kSpecialBusy, 25}, {metric::kSharedBusy, 1}};
  const auto found = roofs();
  ASSERT_EQ(found.size(), without + 2) << "shared memory is hardly used";
  const double best = run.info.flops / 0.25 / 1e6;
  EXPECT_NEAR(found[without].compute_gflops, 2 * best, 1e-6 * best);
  EXPECT_THAT(found[without].label, HasSubstr("issue slots"));
  EXPECT_NEAR(found[without + 1].compute_gflops, 4 * best, 1e-6 * best);
  EXPECT_THAT(found[without + 1].label, HasSubstr("special functions"));
  EXPECT_EQ(found[without].bandwidth_gbps, kNoSlope);
}

TEST(RooflineModel, DrawsWhatPassesAFilterAndSaysHowManyDo) {
  const auto run = samples::run({0.5, 0.25, 0.3, 0});
  const auto evaluated = [](const RooflineModel& model) {
    return std::count_if(model.marks.begin(), model.marks.end(),
                         [](const RooflineMark& mark) { return mark.evaluated; });
  };
  const RooflineModel model =
      roofline_model(run, {.passing = {{run.evaluations[0].sequence, run.evaluations[3].sequence}}});
  EXPECT_EQ(evaluated(model), 1);
  EXPECT_FALSE(model.marks.front().best) << "the run's best is another";
  EXPECT_THAT(model.notes, ::testing::Contains(HasSubstr("1 of 3 that worked pass the filter")));
  EXPECT_EQ(evaluated(roofline_model(run)), 3);
}

TEST(RooflineModel, AReplayIsNeverShownAsMeasuredNow) {
  tuner::Run run = samples::run({0.25});
  run.info.backend = Backend::replay;
  run.info.recording = "h200";
  run.info.recorded_at = "2025-11-03T12:00:00Z";
  const RooflineModel model = roofline_model(run);
  EXPECT_EQ(model.marks.front().provenance, Provenance::replayed);
  EXPECT_THAT(model.roofs.front().label, HasSubstr("(recorded)"));
  EXPECT_THAT(model.notes.front(),
              HasSubstr("Replayed from the recording h200, measured on NVIDIA H200, driver 580.159, 2025-11-03"));
  EXPECT_THAT(model.marks.front().label, Not(HasSubstr(", measured")));
}

TEST(RooflineModel, TiedConfigurationsComeFromTheFinals) {
  tuner::Run run = samples::run({0.25, 0.26, 0.5});
  run.info.finals = {{1, {}, {0.251, 0.251, 0.251, 0.251, 10}, 1, {1, 1}, true},
                     {0, {}, {0.252, 0.252, 0.252, 0.252, 10}, 1.004, {0.99, 1.01}, true}};
  const RooflineModel model = roofline_model(run);
  ASSERT_EQ(model.marks.size(), 4U);
  EXPECT_TRUE(model.marks[2].best);
  EXPECT_EQ(model.marks[2].series, "given") << "the finals decide, not the sweep";
  EXPECT_TRUE(model.marks[1].tied);
  EXPECT_FALSE(model.marks[0].tied);
}

TEST(RooflineModel, HasNoMarksWithoutBytesOrOperations) {
  tuner::Run run = samples::run({0.25});
  run.info.flops = 0;
  EXPECT_TRUE(roofline_model(run).marks.empty());
}

TEST(Ranges, HoldEveryMarkAndRidge) {
  const RooflineModel model = samples::roofline();
  const RooflineRanges ranges = roofline_ranges(model);
  for (const RooflineMark& mark : model.marks) {
    EXPECT_GT(mark.intensity, ranges.intensity.low);
    EXPECT_LT(mark.intensity, ranges.intensity.high);
    EXPECT_GT(mark.gflops, ranges.gflops.low);
    EXPECT_LT(mark.gflops, ranges.gflops.high);
  }
  EXPECT_GT(ranges.intensity.high, 82600.0 / 1008);
  EXPECT_GT(ranges.gflops.high, 82600);
}

TEST(Ranges, OneHopelessConfigurationDoesNotSquashTheRest) {
  RooflineModel model = samples::roofline();
  model.marks.front().gflops = 1e-3;
  const RooflineRanges ranges = roofline_ranges(model);
  EXPECT_GT(ranges.gflops.low, 1);
}

TEST(Ranges, ShareOfCopyZoomsToWhereMostAre) {
  std::vector<RooflineMark> marks(10);
  for (std::size_t i = 0; i < marks.size(); ++i) marks[i].of_copy = 0.9 + 0.01 * static_cast<double>(i);
  EXPECT_EQ(of_copy_range(marks).low, 80);
  for (std::size_t i = 0; i < 7; ++i) marks[i].of_copy = 0.1;
  EXPECT_EQ(of_copy_range(marks).low, 0) << "most are far from the best";
  EXPECT_GE(of_copy_range(marks).high, 105);
  for (RooflineMark& mark : marks) mark.of_copy = 0.1;
  EXPECT_DOUBLE_EQ(of_copy_range(marks).high, 12.5);
}

TEST(ConvergenceModel, CountsFailuresAsEvaluations) {
  const ConvergenceModel model = convergence_model(samples::run({0.5, 0, 0.6, 0.3}));
  ASSERT_EQ(model.best.size(), 2U);
  EXPECT_EQ(model.best[1].evaluations, 4);
  EXPECT_EQ(model.best[1].best_ms, 0.3);
  EXPECT_EQ(model.samples.size(), 3U);
  EXPECT_EQ(model.evaluations, 4);
  ASSERT_TRUE(model.floor_ms);
  EXPECT_DOUBLE_EQ(*model.floor_ms, 0.25);
}

TEST(ConvergenceModel, ExpectedRandomSearchEndsAtTheBest) {
  const ConvergenceModel model = convergence_model(samples::run({0.5, 0.4, 0.6, 0.3}));
  EXPECT_DOUBLE_EQ(model.expected_random.front().best_ms, 0.45) << "one draw: the mean";
  EXPECT_DOUBLE_EQ(model.expected_random.back().best_ms, 0.3);
}

TEST(ConvergenceModel, AgainstSecondsRandomSearchTakesTheMeanTimeForEach) {
  const ConvergenceModel model = convergence_model(samples::run({0.5, 0.4, 0, 0.3, 0.6}), Against::seconds);
  EXPECT_EQ(model.against, Against::seconds);
  EXPECT_DOUBLE_EQ(model.seconds, 0.4);
  EXPECT_DOUBLE_EQ(model.best.back().seconds, 0.3);
  for (const ConvergencePoint& point : model.expected_random) EXPECT_DOUBLE_EQ(point.seconds, 0.08 * point.evaluations);
}

}  // namespace
}  // namespace fuseline::tuner
