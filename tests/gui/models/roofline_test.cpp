#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "app/gui/plot/roofline_drawing.hpp"
#include "tests/gui/models/support.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/run/projected.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class Roofline : public ::testing::Test {
 protected:
  void SetUp() override {
    data.show(small_run());
    scene.update(data, {});
    view.follow(scene.fitted());
  }
  const RooflineMarks& draw() {
    auto canvas = tuner::make_svg_canvas(900, 500);
    draw_roofline_scene(*canvas, {scene, data, selection, tuner::style_of(tuner::Theme::dark), view.ranges(), true},
                        {0, 0, 900, 500}, picture);
    svg = canvas->finish().value();
    return picture.marks;
  }
  RunData data;
  RooflineScene scene;
  PlotView view;
  Selection selection;
  std::string svg;
  RooflinePicture picture;
};

TEST_F(Roofline, HasAMarkForEachThatWorkedAtItsIntensity) {
  ASSERT_EQ(scene.marks().size(), 4U);
  EXPECT_DOUBLE_EQ(scene.marks()[0].intensity, 2);
  EXPECT_DOUBLE_EQ(scene.marks()[1].gflops, 4000);
  EXPECT_TRUE(scene.marks()[2].best);
}

TEST_F(Roofline, RoofsOfTheUnitsAreDrawnWhereAskedForAndCounted) {
  scene.set_units(true);
  scene.update(data, {});
  EXPECT_FALSE(scene.has_units()) << "nothing was counted";
  const std::size_t without = scene.frame().roofs.size();
  tuner::Run run = *small_run();
  for (tuner::Evaluation& each : run.evaluations) each.measurement.counters[tuner::metric::kIssueActive] = 50;
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  EXPECT_TRUE(scene.has_units());
  ASSERT_EQ(scene.frame().roofs.size(), without + 1);
  EXPECT_THAT(scene.frame().roofs.back().label, HasSubstr("issue slots"));
  EXPECT_DOUBLE_EQ(scene.frame().roofs.back().compute_gflops, 2 * scene.marks()[2].gflops) << "half busy";
  scene.set_units(false);
  scene.update(data, {});
  EXPECT_EQ(scene.frame().roofs.size(), without);
}

TEST_F(Roofline, MarksAreHitWhereTheyAreDrawn) {
  const RooflineMarks& drawn = draw();
  ASSERT_EQ(drawn.marks().size(), 4U);
  for (const PlacedMark& mark : drawn.marks()) {
    EXPECT_EQ(drawn.hit(mark.at, 5), mark.row);
    const Row& row = data.rows()[mark.row];
    const tuner::Vec2 wanted = drawn.place().at(2, row.gflops);
    EXPECT_NEAR(mark.at.x, wanted.x, 1e-9);
    EXPECT_NEAR(mark.at.y, wanted.y, 1e-9);
  }
  EXPECT_FALSE(drawn.hit({2, 2}, 5));
}

TEST_F(Roofline, WithinTheStarTheBestAnswersAndNoneThatLiesUnderIt) {
  tuner::Run run = *small_run();
  // Within the star of the best, beside its centre.
  run.evaluations.push_back(evaluation(5, "b", 64, 1.02 * run.time_of(*run.ranked().front()).median));
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  view.follow(scene.fitted());
  const RooflineMarks& drawn = draw();
  const PlacedMark best = drawn.marks().back();
  ASSERT_EQ(best.emphasis, tuner::Emphasis::best);
  std::size_t under = 0;
  for (const PlacedMark& mark : drawn.marks()) {
    if (std::hypot(mark.at.x - best.at.x, mark.at.y - best.at.y) > 8) continue;
    ++under;
    EXPECT_EQ(drawn.hit(mark.at, 9), best.row);
  }
  EXPECT_GT(under, 1U);
}

TEST_F(Roofline, TheDiamondAnswersWithTheBestsProjectionAndItsInterval) {
  tuner::Run run = *small_run();
  run.info.target = tuner::find_target(tuner::data_folder(), "rtx4090").value();
  run.info.device.dram_peak_gbps = 4800;
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  view.follow(scene.fitted());
  const RooflineMarks& drawn = draw();
  const tuner::RooflineMark* diamond = nullptr;
  for (const tuner::RooflineMark& mark : scene.frame().marks) {
    if (mark.provenance == tuner::Provenance::projected) diamond = &mark;
  }
  ASSERT_NE(diamond, nullptr);
  const PlacedBeside* beside = drawn.beside(drawn.place().at(diamond->intensity, diamond->gflops));
  ASSERT_NE(beside, nullptr);
  const tuner::Evaluation& best = *run.ranked().front();
  const auto projection = tuner::projected(run.info, best);
  EXPECT_THAT(beside->text, HasSubstr("#" + std::to_string(best.sequence) + ", the best here"));
  EXPECT_THAT(beside->text,
              HasSubstr(tuner::time_text(projection->low_ms) + " to " + tuner::time_text(projection->high_ms)));
  EXPECT_THAT(svg, HasSubstr(tuner::time_text(projection->time_ms) + " (")) << "the interval is in view";
  EXPECT_EQ(drawn.beside({2, 2}), nullptr);
}

TEST_F(Roofline, TargetsBesideTheRunsOwnDifferInColourAndHaveNames) {
  tuner::Run run = *small_run();
  run.info.target = tuner::find_target(tuner::data_folder(), "rtx4090").value();
  data.show(std::make_shared<const tuner::Run>(run));
  scene.set_also({tuner::find_target(tuner::data_folder(), "rtx5090").value()});
  scene.update(data, {});
  EXPECT_THAT(scene.targets(), ::testing::ElementsAre("RTX 4090", "RTX 5090"));
  std::set<std::size_t> numbers;
  for (const tuner::Roof& roof : scene.frame().roofs) {
    if (roof.target) numbers.insert(roof.target_number);
  }
  EXPECT_THAT(numbers, ::testing::ElementsAre(0, 1));
  const tuner::Style& style = tuner::style_of(tuner::Theme::dark);
  EXPECT_FALSE(tuner::target_colour(style, 0) == tuner::target_colour(style, 1));
}

TEST_F(Roofline, FitShowsEveryPointHoweverFarUnderTheRoofs) {
  tuner::Run run = *small_run();
  run.evaluations.push_back(evaluation(5, "b", 64, 4e5));  // A million times slower than the best.
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  view.follow(scene.fitted());
  EXPECT_EQ(draw().marks().size(), 5U);
  view.show(scene.fitted_to_marks());
  EXPECT_EQ(draw().marks().size(), 5U);
}

TEST_F(Roofline, WhatIsProjectedIsTheBestInTheTargetsSpace) {
  tuner::Run run = *small_run();
  run.info.target = tuner::find_target(tuner::data_folder(), "rtx4090").value();
  run.info.device.dram_peak_gbps = 4800;
  const auto projected = [&] {
    data.show(std::make_shared<const tuner::Run>(run));
    scene.update(data, {});
    const auto& marks = scene.frame().marks;
    return marks.empty() ? 0.0 : marks.front().gflops;
  };
  const double best = projected();
  ASSERT_GT(best, 0);
  const auto ranked = run.ranked();
  run.info.target_fit = tuner::TargetFit{ranked[1]->sequence, "too much shared memory"};
  EXPECT_DOUBLE_EQ(projected(), tuner::projected(run.info, *ranked[1])->gflops);
  EXPECT_NE(projected(), best);
  run.info.target_fit->best.reset();
  EXPECT_EQ(projected(), 0.0);
}

TEST_F(Roofline, ABoxHoldsTheMarksWithinIt) {
  const RooflineMarks& drawn = draw();
  const tuner::Rect area = drawn.place().panel.area();
  EXPECT_EQ(drawn.within(scene, area).size(), 4U);
  EXPECT_TRUE(drawn.within(scene, {area.x, area.y, 1, 1}).empty());
}

TEST_F(Roofline, ThousandsOnOnePixelAreDrawnOnceAndTheBestIsAmongThem) {
  std::vector<tuner::Evaluation> many;
  for (std::uint64_t i = 0; i < 5000; ++i) many.push_back(evaluation(i, "a", 128, 0.5 + 1e-7 * static_cast<double>(i)));
  data.show(std::make_shared<const tuner::Run>(run_of(std::move(many))));
  scene.update(data, {});
  view.follow(scene.fitted());
  const RooflineMarks& drawn = draw();
  EXPECT_LT(drawn.marks().size(), 20U);
  EXPECT_EQ(drawn.marks().back().row, 0U);
  EXPECT_EQ(drawn.within(scene, drawn.place().panel.area()).size(), 5000U)
      << "a box selects what lies under another mark too";
}

TEST_F(Roofline, ManyMarksLieWhereTheyDidHoweverTheViewMoves) {
  std::vector<tuner::Evaluation> many;
  for (std::uint64_t i = 0; i < 20'000; ++i)
    many.push_back(evaluation(i, i % 2 == 0 ? "a" : "b", 128, 0.5 + 1e-4 * static_cast<double>((i * 7919) % 20'011)));
  data.show(std::make_shared<const tuner::Run>(run_of(std::move(many))));
  scene.update(data, {});
  view.follow(scene.fitted());
  draw();
  for (const double factor : {1.01, 3.0, 20.0, 0.01}) {
    view.zoom(2, 4000, factor, factor);
    const RooflineMarks& drawn = draw();
    // A mark that was never asked to place these before has nothing to go by but the scene.
    RooflinePicture afresh;
    auto canvas = tuner::make_svg_canvas(900, 500);
    draw_roofline_scene(*canvas, {scene, data, selection, tuner::style_of(tuner::Theme::dark), view.ranges(), true},
                        {0, 0, 900, 500}, afresh);
    const auto& wanted = afresh.marks.marks();
    EXPECT_NEAR(static_cast<double>(drawn.marks().size()), static_cast<double>(wanted.size()),
                0.1 * static_cast<double>(wanted.size()))
        << factor;
    EXPECT_EQ(drawn.marks().back().row, wanted.back().row);
    for (const PlacedMark& mark : wanted) {
      const auto near = [&](const PlacedMark& other) {
        return other.colour == mark.colour && std::hypot(other.at.x - mark.at.x, other.at.y - mark.at.y) < 1;
      };
      ASSERT_TRUE(std::any_of(drawn.marks().begin(), drawn.marks().end(), near)) << factor;
    }
  }
}

TEST_F(Roofline, MarksArePlacedAnewOnlyWhenRunViewOrSelectionChange) {
  const tuner::Rect area{0, 0, 900, 500};
  const auto update = [&] {
    return picture.marks.update({scene, data, selection, tuner::style_of(tuner::Theme::dark), view.ranges(), true},
                                area);
  };
  EXPECT_TRUE(update());
  EXPECT_FALSE(update());
  view.zoom(2, 4000, 1.1, 1.1);
  EXPECT_TRUE(update());
  selection.only(2);
  EXPECT_TRUE(update());
  EXPECT_EQ(picture.marks.halos().size(), 1U);
  EXPECT_FALSE(update());
  tuner::Run run = *small_run();
  run.evaluations.resize(1);
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  EXPECT_TRUE(update());
  EXPECT_EQ(picture.marks.marks().size(), 1U);
}

TEST_F(Roofline, AFrameDrawnAgainIsTheSameFile) {
  (void)draw();
  const std::string first = svg;
  (void)draw();
  EXPECT_EQ(svg, first);
  selection.highlighted = 2;
  (void)draw();
  EXPECT_NE(svg, first) << "what the pointer is on is drawn larger";
  selection.highlighted.reset();
  (void)draw();
  EXPECT_EQ(svg, first);
}

TEST_F(Roofline, ColoursByVariantParameterAndRamp) {
  ASSERT_EQ(scene.legend().size(), 2U);
  EXPECT_EQ(scene.legend()[0].text, "a");
  scene.colour_by("param:block");
  scene.update(data, {});
  EXPECT_FALSE(scene.on_ramp());
  ASSERT_EQ(scene.legend().size(), 3U) << "what failed has no mark and needs no colour";
  EXPECT_EQ(scene.legend()[2].text, "1024") << "numbers in their order, not in that of text";
  scene.colour_by("registers");
  scene.update(data, {});
  EXPECT_TRUE(scene.on_ramp());
  EXPECT_EQ(scene.ramp_range(), std::pair(20.0, 48.0));
  EXPECT_EQ(scene.marks()[0].colour, 0);
  EXPECT_EQ(scene.marks()[3].colour, 255);
}

TEST_F(Roofline, CountsIntensityByTheBytesThatCountersSaw) {
  EXPECT_FALSE(scene.has(Level::dram));
  tuner::Run run = *small_run();
  auto& counters = run.evaluations[2].measurement.counters;
  counters = {{tuner::metric::kDramRead, 3e9}, {tuner::metric::kDramWritten, 1e9}};
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  EXPECT_FALSE(scene.has(Level::dram)) << "by bytes that were moved go the operations executed: not counted here";
  for (const char* name : {tuner::metric::kFadd, tuner::metric::kFmul, tuner::metric::kFfma}) counters[name] = 1e9;
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  ASSERT_TRUE(scene.has(Level::dram));
  EXPECT_FALSE(scene.has(Level::l1));
  scene.set_level(Level::dram);
  scene.update(data, {});
  ASSERT_EQ(scene.marks().size(), 1U);
  EXPECT_DOUBLE_EQ(scene.marks()[0].intensity, 1) << "4e9 executed operations, not the definition's 2e9";
  EXPECT_DOUBLE_EQ(scene.marks()[0].gflops, 10'000);
}

TEST_F(Roofline, GivenReadingsAreReferenceMarksOfTheirChip) {
  tuner::Run run = *small_run();
  run.info.target = tuner::Target{};
  run.info.target->name = "rtx4090";
  run.info.target->title = "NVIDIA GeForce RTX 4090";
  run.info.target->dram_gbps = 1008;
  data.show(std::make_shared<const tuner::Run>(run));
  const std::vector<tuner::GivenReading> given = {
      {"given Triton kernel", "rtx4090", "f32", {{"dram__throughput.avg.pct_of_peak_sustained_elapsed", 50}}},
      {"another", "rtx4090", "f16", {{"dram__throughput.avg.pct_of_peak_sustained_elapsed", 50}}}};
  scene.update(data, given);
  std::vector<double> gflops;
  for (const auto& mark : scene.frame().marks) {
    if (mark.provenance == tuner::Provenance::given) gflops.push_back(mark.gflops);
  }
  EXPECT_THAT(gflops, ::testing::ElementsAre(1008));
}

/// With a target that its configurations can be projected on.
tuner::Run projectable(tuner::Run run) {
  run.info.copy_gbps = 4000;
  run.info.target = tuner::Target{};
  run.info.target->name = "rtx4090";
  run.info.target->title = "NVIDIA GeForce RTX 4090";
  run.info.target->dram_gbps = 1008;
  run.info.target->copy_gbps = 921;
  run.info.target->fp32_gflops = 82600;
  return run;
}

TEST_F(Roofline, AsOnTheTargetItShowsTheOrderThere) {
  const auto run = std::make_shared<const tuner::Run>(projectable(*small_run()));
  data.show(run);
  scene.update(data, {});
  ASSERT_TRUE(scene.has(tuner::RooflineView::target));
  scene.set_view(tuner::RooflineView::target);
  ASSERT_TRUE(scene.update(data, {}));
  const tuner::TargetRanking there = tuner::rank_on_target(*run);
  ASSERT_EQ(scene.marks().size(), there.order.size());
  for (std::size_t i = 0; i < there.order.size(); ++i) {
    const SceneMark& mark = scene.marks()[i];
    EXPECT_EQ(mark.row, there.order[i]);
    EXPECT_DOUBLE_EQ(mark.gflops, there.projections[i].gflops);
    EXPECT_EQ(mark.best, i == 0);
    EXPECT_EQ(mark.tied, i < there.together);
    EXPECT_LT(mark.of_copy_low, mark.of_copy_high);
  }
  EXPECT_THAT(scene.callout(), HasSubstr("first there, projected"));
  for (const tuner::Roof& roof : scene.frame().roofs) EXPECT_TRUE(roof.target) << roof.label;
  view.follow(scene.fitted());
  const RooflineMarks& drawn = draw();
  EXPECT_THAT(svg, HasSubstr("% of copy there"));
  ASSERT_TRUE(drawn.strip());
  EXPECT_EQ(drawn.strip()->intervals.size(), there.order.size());
  for (const PlacedMark& mark : drawn.strip()->marks) EXPECT_EQ(drawn.hit(mark.at, 1), mark.row);
}

TEST_F(Roofline, ThousandsThatCannotBeToldApartOnTheTargetAreDrawnOnce) {
  std::vector<tuner::Evaluation> many;
  for (std::uint64_t i = 0; i < 5000; ++i) many.push_back(evaluation(i, "a", 128, 0.5 + 1e-7 * static_cast<double>(i)));
  data.show(std::make_shared<const tuner::Run>(projectable(run_of(std::move(many)))));
  scene.update(data, {});
  scene.set_view(tuner::RooflineView::target);
  scene.update(data, {});
  ASSERT_EQ(scene.marks().size(), 5000U);
  ASSERT_TRUE(scene.marks().back().tied);
  view.follow(scene.fitted());
  const RooflineMarks& drawn = draw();
  EXPECT_LT(drawn.marks().size(), 20U);
  EXPECT_LT(drawn.strip()->marks.size(), 300U) << "one for each pixel of its width";
}

TEST_F(Roofline, WhereNothingCanBeProjectedItStaysAsMeasured) {
  data.show(std::make_shared<const tuner::Run>(projectable(*small_run())));
  scene.update(data, {});
  scene.set_view(tuner::RooflineView::target);
  scene.update(data, {});
  ASSERT_TRUE(scene.on_target());
  data.show(small_run());
  scene.update(data, {});
  EXPECT_FALSE(scene.has(tuner::RooflineView::target));
  EXPECT_FALSE(scene.on_target());
  EXPECT_EQ(scene.marks().size(), 4U);
}

/// What the plot needs, of the first `count` that worked.
tuner::Run counted(tuner::Run run, std::size_t count) {
  run.info.device.limits.sm_count = 132;
  for (tuner::Evaluation& each : run.evaluations) {
    if (each.measurement.outcome != tuner::Outcome::ok || count == 0) continue;
    --count;
    each.measurement.counters[tuner::metric::kInstructions] = 1e8;
    each.measurement.counters[tuner::metric::kDramRead] = 4e8;
    each.measurement.counters[tuner::metric::kDramWritten] = 2.4e8;
    each.measurement.counters[tuner::metric::kL2Bytes] = 1.28e9;
  }
  return run;
}

TEST_F(Roofline, ByInstructionsItHasTheFilesPlacesAxesAndLevels) {
  const tuner::Run run = counted(*small_run(), 3);
  data.show(std::make_shared<const tuner::Run>(run));
  scene.set_view(tuner::RooflineView::instructions);
  scene.update(data, {});
  ASSERT_TRUE(scene.by_instructions());
  ASSERT_EQ(scene.marks().size(), 3U) << "what was not counted has no place";
  const tuner::RooflineModel file = tuner::instruction_roofline_model(run);
  for (const SceneMark& mark : scene.marks()) {
    EXPECT_DOUBLE_EQ(mark.intensity, 5) << "10^8 over 6.4 * 10^8 / 32";
    EXPECT_DOUBLE_EQ(mark.gflops, 100 / data.rows()[mark.row].time_ms);
    EXPECT_THAT(scene.point_text(data, data.rows()[mark.row]), HasSubstr("GIPS, 5 warp instructions a transaction"));
  }
  ASSERT_EQ(scene.frame().roofs.size(), file.roofs.size());
  for (std::size_t i = 0; i < file.roofs.size(); ++i) EXPECT_EQ(scene.frame().roofs[i].label, file.roofs[i].label);
  ASSERT_EQ(scene.frame().marks.size(), 1U) << "the best by L2";
  EXPECT_DOUBLE_EQ(scene.frame().marks[0].intensity, 2.5);
  EXPECT_THAT(scene.callout(), HasSubstr("DRAM"));
  view.follow(scene.fitted());
  const RooflineMarks& drawn = draw();
  EXPECT_THAT(svg, HasSubstr("Warp instructions a transaction (32 bytes)"));
  EXPECT_THAT(svg, HasSubstr("GIPS"));
  EXPECT_THAT(svg, ::testing::Not(HasSubstr("FLOP/s")));
  EXPECT_FALSE(drawn.strip()) << "its marks have no share of a copy";
  for (const PlacedMark& mark : drawn.marks()) EXPECT_EQ(drawn.hit(mark.at, 1), mark.row);
}

TEST_F(Roofline, AChosenViewIsBackWithTheNextRunThatHasIt) {
  scene.set_view(tuner::RooflineView::instructions);
  scene.update(data, {});
  EXPECT_TRUE(scene.as_measured()) << "nothing was counted";
  data.show(std::make_shared<const tuner::Run>(counted(*small_run(), 9)));
  scene.update(data, {});
  EXPECT_TRUE(scene.by_instructions());
  // Another tool's run may say nothing of bytes: what was counted is shown all the same.
  tuner::Run bare = counted(*small_run(), 9);
  bare.info.flops = 0;
  data.show(std::make_shared<const tuner::Run>(bare));
  scene.set_view(tuner::RooflineView::measured);
  scene.update(data, {});
  EXPECT_TRUE(scene.by_instructions());
}

TEST_F(Roofline, MeasuredAndReplayedMarksLookDifferent) {
  (void)draw();
  const std::string measured = svg;
  tuner::Run run = *small_run();
  run.info.backend = tuner::Backend::replay;
  data.show(std::make_shared<const tuner::Run>(run));
  scene.update(data, {});
  (void)draw();
  const auto filled = [](const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = text.find("<circle"); at != std::string::npos; at = text.find("<circle", at + 1))
      count += text.compare(text.find("fill=", at), 11, "fill=\"none\"") != 0 ? 1 : 0;
    return count;
  };
  EXPECT_GT(filled(measured), 0U);
  EXPECT_EQ(filled(svg), 0U);
}

TEST_F(Roofline, ARecordedDrawingGivesTheSameFileAsDrawingItAtOnce) {
  const tuner::Run run = *small_run();
  const auto file_of = [&](bool recorded) {
    auto canvas = tuner::make_svg_canvas(900, 500);
    RecordedDrawing record;
    record.begin(*canvas);
    tuner::draw_roofline(recorded ? static_cast<tuner::Canvas&>(record) : *canvas, tuner::roofline_model(run),
                         tuner::Theme::light);
    tuner::draw_convergence(recorded ? static_cast<tuner::Canvas&>(record) : *canvas, tuner::convergence_model(run),
                            tuner::Theme::light);
    record.end();
    record.replay(*canvas);
    return canvas->finish().value();
  };
  const std::string direct = file_of(false);
  EXPECT_GT(direct.size(), 5000U);
  EXPECT_EQ(file_of(true), direct);
}

TEST(PlotView, ZoomKeepsThePointUnderThePointer) {
  PlotView view;
  view.follow({{1, 100}, {10, 1000}});
  view.zoom(10, 100, 2, 2);
  EXPECT_NEAR(view.ranges().intensity.low, std::pow(10, 0.5), 1e-9);
  EXPECT_NEAR(view.ranges().intensity.high, std::pow(10, 1.5), 1e-9);
  view.follow({{5, 50}, {5, 50}});
  EXPECT_FALSE(view.is_fitted()) << "a view that was moved stays";
  view.fit();
  view.follow({{5, 50}, {5, 50}});
  EXPECT_DOUBLE_EQ(view.ranges().intensity.low, 5);
}

TEST(PlotView, StaysUsableHoweverFarItIsZoomedAndMoved) {
  PlotView view;
  view.follow({{1, 100}, {10, 1000}});
  for (int i = 0; i < 500; ++i) view.zoom(3, 30, 1.5, 1.5);
  EXPECT_GT(view.ranges().intensity.high, view.ranges().intensity.low);
  for (int i = 0; i < 500; ++i) view.zoom(3, 30, 0.5, 0.5);
  for (int i = 0; i < 500; ++i) view.pan(0.9, -0.9);
  EXPECT_TRUE(std::isfinite(view.ranges().intensity.high));
  EXPECT_GT(view.ranges().gflops.low, 0);
  view.show({{-1, 1}, {1, 2}});
  EXPECT_GT(view.ranges().intensity.low, 0) << "what cannot be shown on a log scale is refused";
}

}  // namespace
}  // namespace fuseline::app::gui
