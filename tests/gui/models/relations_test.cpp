// Plots of relations, and the filter that they write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/gui/models/brush.hpp"
#include "app/gui/plot/relations_drawing.hpp"
#include "tests/gui/models/support.hpp"
#include "tests/tuner/plot/recording_canvas.hpp"
#include "tuner/plot/style.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RelationsTest : public ::testing::Test {
 protected:
  RelationsTest() {
    data.show(small_run());
    results.update(data);
  }
  void filter(const std::string& text) {
    results.set_filter(text);
    results.update(data);
  }
  std::shared_ptr<const RelationsShown> shown() {
    std::shared_ptr<const RelationsShown> last;
    (void)relations.follow(background, data, results);
    EXPECT_TRUE(pump_until(background, [&] { return background.running() == 0; }));
    return relations.follow(background, data, results);
  }

  RunData data;
  ResultsModel results;
  RelationsModel relations;
  Background background;
};

TEST_F(RelationsTest, TheFilterTellsWhatPassesAndRooflineFollows) {
  RooflineScene scene;
  scene.update(data, {}, &results);
  EXPECT_EQ(scene.marks().size(), 4U);
  EXPECT_EQ(results.narrowed_text(), "");
  const std::uint64_t before = results.filtered();
  filter("block=128,1024");
  EXPECT_NE(results.filtered(), before);
  EXPECT_THAT(results.passing(), ElementsAre(1, 0, 1, 0, 1));
  EXPECT_EQ(results.narrowed_text(), "3 of 5 pass the filter");
  ASSERT_TRUE(scene.update(data, {}, &results));
  ASSERT_EQ(scene.marks().size(), 3U);
  EXPECT_EQ(scene.marks()[1].row, 2U);
  results.sort_by("registers", false);
  results.update(data);
  EXPECT_FALSE(scene.update(data, {}, &results)) << "an order is no filter";
  filter("");
  ASSERT_TRUE(scene.update(data, {}, &results));
  EXPECT_EQ(scene.marks().size(), 4U);
}

TEST_F(RelationsTest, BrushesTakeThePlaceOfConditionsOnTheSameColumnsAlone) {
  const auto& columns = results.columns();
  EXPECT_EQ(narrowed_filter("", "block=128", columns), "block=128");
  EXPECT_EQ(narrowed_filter("normal block>=128 block<=512 time<0.6", "block=64 load=normal", columns),
            "normal time<0.6 block=64 load=normal");
  EXPECT_EQ(widened_filter("block>=128 time<0.6 Block<=512", "block", columns), "time<0.6");
  EXPECT_EQ(widened_filter("foo=3 a", "load", columns), "foo=3 a") << "what is no column stays";
  EXPECT_TRUE(filter_says("a block=64 load=normal", "load=normal block=64"));
  EXPECT_FALSE(filter_says("block=64", "block=64 load=normal"));
  EXPECT_FALSE(filter_says("block=64", ""));
  const tuner::LevelTable block{"block", {"64", "128", "512"}, true}, load{"load", {"a", "b c", "d"}, false};
  EXPECT_EQ(level_terms(block, {1, 2}), "block>=128 block<=512");
  EXPECT_EQ(level_terms(block, {0}), "block=64");
  EXPECT_EQ(level_terms(load, {0, 2}), "load=a,d");
  EXPECT_EQ(level_terms(load, {1}), "") << "a filter has no blanks in a value";
  EXPECT_EQ(level_terms({"fused", {"false", "true"}, true}, {0, 1}), "fused=false,true");
  EXPECT_EQ(range_terms("time", 0.60001, 0.50349), "time>=0.5034 time<=0.6001") << "nothing at its ends is lost";
}

TEST_F(RelationsTest, AHeatMapIsWhatAFileHasAndACellIsATermOfBoth) {
  relations.set_variant("b");
  relations.set_x("load");
  const auto made = shown();
  ASSERT_TRUE(made);
  const auto& model = std::get<tuner::HeatmapModel>(made->model);
  EXPECT_EQ(made->x, "load");
  EXPECT_EQ(made->y, "block");
  EXPECT_THAT(made->names, ElementsAre("block", "load"));
  EXPECT_EQ(cell_terms(model, 0, 0, true), "variant=b load=streaming block=128");
  EXPECT_EQ(cell_terms(model, 0, 0, false), "load=streaming block=128");
  filter("block>200");
  const auto& narrowed = std::get<tuner::HeatmapModel>(shown()->model);
  EXPECT_EQ(narrowed.at(0, 0).ok, 0U);
  EXPECT_DOUBLE_EQ(narrowed.at(0, 0).faint_ms, 0.4) << "what does not pass is faint";
}

TEST_F(RelationsTest, EveryKindIsWorkedOutAndAWrongNameIsSaid) {
  relations.set_kind(RelationKind::scatter);
  relations.set_x("nonsense");
  EXPECT_THAT(shown()->why_not, HasSubstr("nonsense"));
  relations.set_x("registers");
  const auto scatter = shown();
  EXPECT_EQ(scatter->why_not, "");
  EXPECT_EQ(std::get<tuner::ScatterModel>(scatter->model).marks.size(), 4U);
  EXPECT_THAT(scatter->names, ::testing::Contains("time"));
  relations.set_kind(RelationKind::parallel);
  EXPECT_EQ(std::get<tuner::ParallelModel>(shown()->model).lines.size(), 3U) << "those of the best's variant";
  relations.set_kind(RelationKind::importance);
  EXPECT_THAT(shown()->why_not, HasSubstr("too few"));
}

TEST_F(RelationsTest, ThePointerFindsCellsAxesAndLinesWhereTheyAreDrawn) {
  tuner::RecordingCanvas canvas(700, 420);
  RelationsPicture picture;
  Selection selection;
  selection.only(2);
  const tuner::Style& style = tuner::style_of(tuner::Theme::dark);
  relations.set_variant("*");
  relations.set_kind(RelationKind::parallel);
  draw_relations(canvas, {shown(), data, selection, style}, {0, 0, 700, 420}, picture);
  ASSERT_EQ(picture.parallel.x.size(), 4U) << "variant, block, load, time";
  EXPECT_EQ(parallel_axis_at(picture, {picture.parallel.x[1] + 3, 200}, 8), 1U);
  EXPECT_FALSE(parallel_axis_at(picture, {picture.parallel.x[1] + 40, 200}, 8));
  EXPECT_EQ(brush_terms(picture, 1, picture.parallel.top, picture.parallel.bottom), "block>=128 block<=1024");
  EXPECT_EQ(brush_terms(picture, 0, picture.parallel.top, picture.parallel.bottom), "variant=a,b");
  EXPECT_THAT(brush_terms(picture, 3, picture.parallel.time.pixel(0.45), picture.parallel.bottom + 50),
              HasSubstr("time<=0.45"));
  EXPECT_EQ(axis_column(picture, 3), "time");
  EXPECT_EQ(relations_hit(picture, {picture.parallel.x[3], picture.parallel.time.pixel(0.4)}), 2U);
  EXPECT_EQ(picture.selected_lines.size(), 1U);

  relations.set_kind(RelationKind::heatmap);
  relations.set_variant("b");
  draw_relations(canvas, {shown(), data, selection, style}, {0, 0, 700, 420}, picture);
  const tuner::Rect box = picture.heatmap.cell(1, 0);
  EXPECT_EQ(heat_cell_at(picture, {box.x + 2, box.y + 2}), std::pair(std::size_t{1}, std::size_t{0}));
  EXPECT_FALSE(heat_cell_at(picture, {1, 1}));
}

TEST(RelationsApp, ActionsChooseWhatIsShownAndWhyCountsWhatPassesAlone) {
  const auto app = make_app().value();
  app->show_run(small_run());
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  const auto run = [&](const std::string& id, const std::string& value) { return app->actions.run(id, value); };
  EXPECT_FALSE(run("relations.kind", "pie"));
  EXPECT_FALSE(run("relations.variant", "c"));
  EXPECT_FALSE(run("results.narrow", ""));
  ASSERT_TRUE(run("relations.kind", "parallel"));
  EXPECT_FALSE(run("relations.x", "block")) << "it has no such axis";
  ASSERT_TRUE(run("relations.kind", "scatter"));
  ASSERT_TRUE(run("relations.x", "registers"));
  ASSERT_TRUE(run("results.narrow", "time<0.85"));
  app->update();
  const auto shown = [&] {
    (void)app->effects();
    (void)app->relations_shown();
    EXPECT_TRUE(update_until(*app, [&] { return app->background.running() == 0; }));
    return app->relations_shown();
  };
  (void)shown();  // What was asked for before.
  EXPECT_EQ(shown()->x, "registers");
  std::size_t counted = 0;
  for (const ValueEffect& value : app->effects()->parameters.front().values) counted += value.evaluated;
  EXPECT_EQ(counted, 3U);
  const std::string file = ::testing::TempDir() + "relations.scatter.svg";
  ASSERT_TRUE(run("export.scatter", file));
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  const std::string svg = tuner::read_file(file).value();
  EXPECT_THAT(svg, HasSubstr("regs"));
  EXPECT_THAT(svg, HasSubstr("3 of 5 configurations pass the filter"));
  for (const char* kind : {"roofline", "effects"}) {
    const std::string written = ::testing::TempDir() + "filtered." + kind + ".svg";
    ASSERT_TRUE(run(std::string("export.") + kind, written));
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
    EXPECT_THAT(tuner::read_file(written).value(), HasSubstr("3 of 4 that worked pass the filter and are drawn"));
  }
  app->show_run(small_run());
  EXPECT_EQ(app->relations.choice(RelationKind::scatter).x, "") << "names are of a run";
}

}  // namespace
}  // namespace fuseline::app::gui
