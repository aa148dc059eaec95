#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/plot/samples.hpp"
#include "tests/tuner/plot/tidy_canvas.hpp"
#include "tests/tuner/plot/xml.hpp"
#include "tuner/base/files.hpp"
#include "tuner/plot/relations_plots.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Two variants. Of "rows" every block (64, 128, 256), lanes (2, 16) and load: time grows with block, with lanes only
/// where load is normal. lanes=16 with block=256 fails. Of "given" four that are slower.
Run grid_run() {
  tuner::Run run = samples::run(std::vector<double>{});
  const auto add = [&](const std::string& variant, int block, int lanes, const std::string& load, double ms) {
    Evaluation evaluation;
    evaluation.sequence = run.evaluations.size();
    evaluation.configuration = {variant, {{"lanes", lanes}, {"block", block}, {"load", load}, {"fixed", 1}}};
    evaluation.measurement.outcome = ms > 0 ? Outcome::ok : Outcome::incorrect;
    if (ms > 0) evaluation.measurement.time_ms = {ms, ms, ms, ms, 10};
    evaluation.measurement.samples_ms = {ms};
    run.evaluations.push_back(std::move(evaluation));
  };
  for (const int block : {256, 64, 128}) {
    for (const int lanes : {16, 2}) {
      for (const std::string load : {"normal", "streaming"}) {
        for (const int again : {0, 1})
          add("rows", block, lanes, load,
              block == 256 && lanes == 16
                  ? 0
                  : 0.5 + 0.001 * block + (load == "normal" ? 0.1 * lanes : 0) + 0.0001 * again);
      }
    }
  }
  for (const int block : {64, 128, 256, 512}) add("given", block, 2, "normal", 3);
  return run;
}

HeatmapModel heatmap(const Run& run, const RelationChoice& choice = {},
                     const std::optional<std::vector<std::uint64_t>>& passing = std::nullopt) {
  const RunRelations source(run, passing);
  const auto model = heatmap_model(source.relations(), choice);
  EXPECT_TRUE(model) << model.error().message();
  return model ? *model : HeatmapModel{};
}

TEST(Heatmap, ACellIsTheFirstInRankOfThePairAndSaysWhatFailedAndWhatIsNot) {
  const HeatmapModel model = heatmap(grid_run(), {"block", "lanes", ""});
  EXPECT_EQ(model.variant, "rows");
  EXPECT_THAT(model.x.values, ElementsAre("64", "128", "256")) << "numbers ascend";
  EXPECT_THAT(model.y.values, ElementsAre("2", "16"));
  const HeatCell& best = model.at(0, 0);
  EXPECT_EQ(best.configurations, 4U);
  EXPECT_EQ(best.ok, 4U);
  EXPECT_DOUBLE_EQ(best.best_ms, 0.564);
  EXPECT_TRUE(best.of_best || model.at(0, 1).of_best);
  EXPECT_EQ(model.at(2, 1).ok, 0U);
  EXPECT_EQ(model.at(2, 1).configurations, 4U);
}

TEST(Heatmap, FinalsGoBeforeAShorterTimeOfTheSweep) {
  tuner::Run run = grid_run();
  const auto position = [&](int block, int lanes) {
    return static_cast<std::uint64_t>(std::find_if(run.evaluations.begin(), run.evaluations.end(),
                                                   [&](const Evaluation& evaluation) {
                                                     return evaluation.configuration.key().find(
                                                                "lanes=" + std::to_string(lanes) +
                                                                " block=" + std::to_string(block)) != std::string::npos;
                                                   }) -
                                      run.evaluations.begin());
  };
  const std::uint64_t finalist = position(128, 2);
  FinalTiming timing;
  timing.sequence = finalist;
  timing.samples_ms = {0.9, 0.9, 0.9};
  timing.time_ms = {0.9, 0.9, 0.9, 0.9, 3};
  run.info.finals = {timing};
  const HeatmapModel model = heatmap(run, {"block", "lanes", ""});
  EXPECT_EQ(model.at(1, 0).best_sequence, finalist);
  EXPECT_DOUBLE_EQ(model.at(1, 0).best_ms, 0.9) << "not the shorter one of the sweep";
  EXPECT_TRUE(model.at(1, 0).of_best);
  EXPECT_DOUBLE_EQ(model.scale.best_ms, 0.9);
}

TEST(Heatmap, WhatDoesNotPassIsLeftOutAndSaid) {
  const HeatmapModel model = heatmap(grid_run(), {"block", "lanes", ""}, std::vector<std::uint64_t>{8, 9, 10});
  std::size_t passing = 0, left_out = 0;
  for (const HeatCell& cell : model.cells) passing += cell.configurations, left_out += cell.left_out;
  EXPECT_EQ(passing, 3U);
  EXPECT_EQ(left_out, 21U);
  EXPECT_THAT(model.notes, ::testing::Contains(HasSubstr("3 of 24 configurations pass the filter")));
}

TEST(Heatmap, ChoosesThePairThatExplainsMostAndNamesWhatThereIs) {
  const HeatmapModel model = heatmap(grid_run());
  EXPECT_TRUE((model.x.name == "lanes" && model.y.name == "load") ||
              (model.x.name == "load" && model.y.name == "lanes"))
      << model.x.name << " and " << model.y.name << ": time has a term of both together";
  const tuner::Run run = grid_run();
  const RunRelations source(run);
  EXPECT_THAT(heatmap_model(source.relations(), {"blok", "", ""}).error().message(),
              AllOf(HasSubstr("--x"), HasSubstr("blok"), HasSubstr("lanes, block, load")));
  EXPECT_THAT(heatmap_model(source.relations(), {"", "fixed", ""}).error().message(), HasSubstr("--y"));
  EXPECT_THAT(heatmap_model(source.relations(), {"block", "block", ""}).error().message(), HasSubstr("same"));
  EXPECT_THAT(heatmap_model(source.relations(), {"", "", "cols"}).error().message(), HasSubstr("rows, given"));
  EXPECT_THAT(heatmap_model(source.relations(), {"", "", "given"}).error().message(),
              HasSubstr("needs two parameters"));
  EXPECT_EQ(heatmap(run, {"variant", "block", "*"}).x.values.size(), 2U);
}

TEST(Heatmap, ThePictureIsTidyHasATextInEveryCellThatWorkedAndMarksTheBest) {
  for (const Vec2 size : {Vec2{1120, 500}, Vec2{460, 260}}) {
    RecordingCanvas canvas(size.x, size.y);
    HeatmapModel model = heatmap(grid_run(), {"block", "lanes", ""});
    model.title = "LayerNorm, GELU and scale: best time by block and lanes on NVIDIA H200";
    draw_heatmap(canvas, model, Theme::dark);
    expect_tidy(canvas);
    EXPECT_NE(canvas.find("from +"), nullptr) << "a scale";
    EXPECT_EQ(canvas.frames.size(), 2U) << "the best's cell, with a rim";
    if (size.x < 1000) continue;
    EXPECT_EQ(std::count_if(canvas.texts.begin(), canvas.texts.end(),
                            [](const auto& text) { return text.text.rfind("of ", 0) == 0; }),
              5);
    EXPECT_THAT(canvas.tooltips, ::testing::Contains(HasSubstr("0 of 4 configurations worked")));
  }
}

TEST(Heatmap, OfThousandsOfValuesThoseWithTheBestTimesAreKept) {
  tuner::Run run = samples::run(std::vector<double>(2000, 0.5));
  for (Evaluation& evaluation : run.evaluations) {
    const auto i = static_cast<std::int64_t>(evaluation.sequence);
    evaluation.configuration = {"rows", {{"a", Value(i)}, {"b", Value(i % 2)}}};
    const double ms = 1 + 0.001 * static_cast<double>(i);
    evaluation.measurement.time_ms = {ms, ms, ms, ms, 3};
  }
  const HeatmapModel model = heatmap(run, {"a", "b", ""});
  EXPECT_EQ(model.x.values.size(), 48U);
  EXPECT_EQ(model.x.values.front(), "0");
  EXPECT_EQ(model.x.values.back(), "47");
  EXPECT_THAT(model.notes, ::testing::Contains(HasSubstr("2000 values")));
}

TEST(Parallel, LinesShareSegmentsTheFastestOnTopAndFailedOnesAreFaint) {
  const tuner::Run run = grid_run();
  const RunRelations source(run);
  const ParallelModel model = parallel_model(source.relations(), {}).value();
  ASSERT_EQ(model.axes.size(), 3U) << "what does not vary has no axis";
  EXPECT_EQ(model.lines.size(), 24U);
  EXPECT_EQ(model.failed, 4U);
  ASSERT_TRUE(model.best);
  EXPECT_EQ(*model.best, 23U) << "drawn last";
  EXPECT_EQ(model.lines[*model.best].sequence, *source.relations().best);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(model.lines[i].faint);
  EXPECT_TRUE(std::is_sorted(model.lines.begin() + 4, model.lines.end(),
                             [](const auto& slow, const auto& fast) { return slow.time_ms > fast.time_ms; }));
  EXPECT_LE(std::count_if(model.segments.begin(), model.segments.end(),
                          [](const ParallelSegment& segment) { return segment.axis == 0; }),
            6);
  RecordingCanvas canvas(1120, 680);
  draw_parallel(canvas, model, Theme::light);
  for (const auto& line : canvas.lines) {
    for (const Vec2& point : line.points) {
      EXPECT_TRUE(point.x >= 0 && point.x <= 1120 && point.y >= 0 && point.y <= 680);
    }
  }
  for (const char* text : {"lanes", "block", "load", "time (ms", "streaming", "256"})
    EXPECT_NE(canvas.find(text), nullptr) << text;
  expect_tidy(canvas);
}

TEST(Parallel, ManyLinesAreBoundedByTheirPlacesAndAPlaceTellsItsLevels) {
  tuner::Run run = samples::run(std::vector<double>(60'000, 0.5));
  for (Evaluation& evaluation : run.evaluations) {
    const auto i = static_cast<std::int64_t>(evaluation.sequence);
    evaluation.configuration = {"rows", {{"a", Value(i % 4)}, {"b", Value(i % 8)}, {"c", Value(i % 3)}}};
    const double ms = 0.5 + static_cast<double>(i % 997) / 997;
    evaluation.measurement.time_ms = {ms, ms, ms, ms, 3};
  }
  const RunRelations source(run);
  const ParallelModel model = parallel_model(source.relations(), {}).value();
  EXPECT_LE(model.segments.size(), 8U + 24U + 3U * 1024U);
  RecordingCanvas canvas(800, 500);
  const ParallelPlaces places = draw_parallel_panel(canvas, style_of(Theme::dark), model, {0, 0, 800, 500});
  EXPECT_EQ(places.levels_between(model.axes[1], places.bottom, places.top).size(), 8U);
  const double at = places.level_y(model.axes[1], 2);
  EXPECT_THAT(places.levels_between(model.axes[1], at + 3, at - 3), ElementsAre(2U));
  const Vec2 best{places.x[0], places.level_y(model.axes[0], model.levels_of(*model.best)[0])};
  EXPECT_EQ(parallel_hit(model, places, best, 3), model.best) << "the topmost there";
  EXPECT_FALSE(parallel_hit(model, places, {places.x[0], places.top + 1}, 3));
}

TEST(Scatter, HasEveryColumnOfNumbersByItsNameInAFilter) {
  const tuner::Run run = grid_run();
  const RunRelations source(run);
  const ScatterModel model = scatter_model(source.relations(), {"block", "time", ""}).value();
  EXPECT_EQ(model.marks.size(), 24U);
  EXPECT_EQ(model.without, 4U) << "failed";
  EXPECT_EQ(model.y.title, "time (ms), log scale");
  EXPECT_EQ(model.x.column, "param:block") << "a parameter goes before the column of the same name";
  EXPECT_EQ(std::count_if(model.marks.begin(), model.marks.end(), [](const ScatterMark& mark) { return mark.best; }),
            1);
  EXPECT_THAT(scatter_model(source.relations(), {"load", "", ""}).error().message(),
              AllOf(HasSubstr("--x"), HasSubstr("load"), HasSubstr("sequence"), HasSubstr("lanes")));
  RecordingCanvas canvas(1120, 680);
  draw_scatter(canvas, model, Theme::light);
  expect_tidy(canvas);
  EXPECT_EQ(canvas.polygons.size(), 2U) << "the best's star, and that of the legend";
}

TEST(Importance, SaysSharesOrWhyNot) {
  const tuner::Run run = grid_run();
  const RunRelations source(run);
  EXPECT_THAT(importance_model(source.relations(), {}).value().why_not,
              HasSubstr("too few configurations to tell what matters: 20"));
  tuner::Run more = run;
  for (int copy = 0; copy < 3; ++copy) {
    for (Evaluation evaluation : run.evaluations) {
      evaluation.sequence = more.evaluations.size();
      more.evaluations.push_back(evaluation);
    }
  }
  const RunRelations all(more);
  const ImportanceModel model = importance_model(all.relations(), {}).value();
  EXPECT_EQ(model.why_not, "");
  EXPECT_EQ(model.rows, 80U) << "failed ones have no time";
  double sum = model.rest;
  bool together = false;
  for (const ImportanceItem& item : model.items) {
    sum += item.share;
    together = together || (item.first == "lanes" && item.second == "load" && item.share > 0.1);
  }
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_TRUE(together);
  RecordingCanvas canvas(1120, importance_figure_height(model));
  draw_importance(canvas, model, Theme::dark);
  expect_tidy(canvas);
}

class RelationsFile : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  TemporaryFolder folder_;
};

TEST_F(RelationsFile, AreWrittenInBothFormatsAndRefuseOptionsOfOthers) {
  const tuner::Run run = grid_run();
  for (const std::string kind : {"heatmap", "parallel", "scatter"}) {
    ASSERT_TRUE(plot_to_file(run, kind, file("a.svg")));
    EXPECT_EQ(xml_fault(*read_file(file("a.svg"))), "");
    ASSERT_TRUE(plot_to_file(run, kind, file("a.png"), {.theme = Theme::dark}));
  }
  EXPECT_THAT(plot_to_file(run, "importance", file("a.svg")).error().message(), HasSubstr("too few"));
  EXPECT_THAT(plot_to_file(run, "parallel", file("a.svg"), {.x = "block"}).error().message(), HasSubstr("--x"));
  EXPECT_THAT(plot_to_file(run, "effects", file("a.svg"), {.variant = "rows"}).error().message(),
              HasSubstr("--variant"));
  EXPECT_THAT(plot_to_file(samples::run({0, 0}), "heatmap", file("a.svg")).error().message(),
              HasSubstr("no configuration of the run worked"));
}

}  // namespace
}  // namespace fuseline::tuner
