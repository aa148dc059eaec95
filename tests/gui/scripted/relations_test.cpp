// Relations by script and by mouse: what is clicked and dragged is what the table shows, and what files say.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/gui/scripted/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::HasSubstr;

const json kRelationsIdle = {{"wait", "idle"}};
const json kDrawn = {{"wait", "frames"}, {"count", 6}};

std::vector<json> swept() {
  return {kRelationsIdle,
          act("problem.choose", "layernorm_gelu_scale"),
          act("device.choose", "replay:h200"),
          kRelationsIdle,
          act("run.start"),
          {{"wait", "sweep"}},
          kRelationsIdle,
          act("messages.dismiss"),
          act("panel.show", "relations"),
          kDrawn,
          kRelationsIdle,
          kDrawn};
}

class RelationsScriptTest : public ScriptedTest {};

TEST_F(RelationsScriptTest, EveryKindIsDrawnNarrowedAndExported) {
  std::vector<json> steps = swept();
  const auto add = [&](const std::vector<json>& more) { steps.insert(steps.end(), more.begin(), more.end()); };
  for (const char* kind : {"heatmap", "parallel", "scatter", "importance"}) {
    add({act("relations.kind", kind),
         kDrawn,
         kRelationsIdle,
         kDrawn,
         {{"facts", path(kind + std::string(".json"))}},
         {{"screenshot", path(kind + std::string(".png"))}},
         act(fmt::format("export.{}", kind), path(kind + std::string(".svg")))});
  }
  add({kRelationsIdle,
       act("relations.kind", "heatmap"),
       act("relations.x", "block"),
       act("relations.y", "lanes"),
       act("results.narrow", "block=128 lanes=16"),
       kDrawn,
       kRelationsIdle,
       kDrawn,
       {{"facts", path("narrowed.json")}},
       {{"screenshot", path("narrowed.png")}},
       act("export.heatmap", path("narrowed.svg")),
       act("export.heatmap", path("narrowed.png.png")),
       kRelationsIdle,
       act("panel.show", "roofline"),
       kDrawn,
       {{"facts", path("roofline.json")}},
       {{"quit", true}}});
  ASSERT_EQ(play(steps), 0) << output();
  for (const char* kind : {"heatmap", "parallel", "scatter", "importance"}) {
    const json facts = read_json(kind + std::string(".json"));
    ASSERT_TRUE(facts["boxes"].contains("relations.plot")) << kind;
    EXPECT_GT(colours_in(load_picture(path(kind + std::string(".png"))), facts["boxes"]["relations.plot"]), 12U)
        << kind;
    EXPECT_THAT(tuner::read_file(path(kind + std::string(".svg"))).value(), HasSubstr("LayerNorm")) << kind;
  }
  EXPECT_THAT(tuner::read_file(path("importance.svg")).value(), HasSubstr("Hutter"));
  const json narrowed = read_json("narrowed.json");
  EXPECT_EQ(narrowed["filter"], "block=128 lanes=16");
  EXPECT_LT(narrowed["shown_rows"], narrowed["rows"]);
  ASSERT_TRUE(narrowed["boxes"].contains("relations.cell.128.16"));
  EXPECT_THAT(tuner::read_file(path("narrowed.svg")).value(), HasSubstr("pass the filter"));
  EXPECT_GT(load_picture(path("narrowed.png.png")).width, 1000);
  const json roofline = read_json("roofline.json");
  EXPECT_GT(roofline["marks"].size(), 0U);
  EXPECT_LE(roofline["marks"].size(), roofline["shown_rows"].get<std::size_t>()) << "what the table leaves out is not";
}

class RelationsMouseTest : public LiveTest {};

TEST_F(RelationsMouseTest, AClickOnACellAndADragAlongAnAxisNarrowTheTable) {
  std::vector<json> steps = swept();
  const auto report = [&](const std::string& name) {
    for (const json& each :
         {wait_file(path("go_" + name)), kDrawn, kRelationsIdle, kDrawn, json{{"facts", path(name)}}})
      steps.push_back(each);
  };
  for (const json& each : {act("relations.x", "block"), act("relations.y", "lanes"), kDrawn, kRelationsIdle, kDrawn,
                           json{{"facts", path("drawn")}}})
    steps.push_back(each);
  report("clicked");
  report("again");
  for (const json& each :
       {act("relations.kind", "parallel"), kDrawn, kRelationsIdle, kDrawn, json{{"facts", path("axes")}}})
    steps.push_back(each);
  report("dragged");
  report("widened");
  steps.push_back(wait_file(path("go_end")));
  steps.push_back({{"quit", true}});
  start(steps, "--db :memory: --settings none --width 1600 --height 1000");
  ASSERT_TRUE(wait_for("drawn")) << output();
  const auto at = [](double x, double y) { return fmt::format("mousemove {} {}", std::lround(x), std::lround(y)); };
  const json cell = read_json("drawn")["boxes"]["relations.cell.128.16"];
  const std::string middle = "mousemove " + middle_of(cell);
  xdotool(middle + " sleep 0.3 click 1 sleep 0.2");
  go_on("go_clicked");
  ASSERT_TRUE(wait_for("clicked"));
  const json clicked = read_json("clicked");
  EXPECT_THAT(clicked["filter"].get<std::string>(), HasSubstr("block=128 lanes=16"));
  EXPECT_LT(clicked["shown_rows"], clicked["rows"]);
  xdotool(middle + " sleep 0.3 click 1 sleep 0.2");
  go_on("go_again");
  ASSERT_TRUE(wait_for("again"));
  EXPECT_EQ(read_json("again")["filter"], "") << "clicked once more";

  ASSERT_TRUE(wait_for("axes"));
  const json axis = read_json("axes")["boxes"]["relations.axis.block"];
  const double x = axis[0].get<double>() + axis[2].get<double>() / 2, y = axis[1].get<double>(),
               height = axis[3].get<double>();
  // 128, 256, 512 from below: the upper two.
  xdotool(at(x, y + 2) + " sleep 0.3 mousedown 1 sleep 0.2 " + at(x, y + height * 0.3) + " sleep 0.2 " +
          at(x, y + height * 0.6) + " sleep 0.2 mouseup 1 sleep 0.2");
  go_on("go_dragged");
  ASSERT_TRUE(wait_for("dragged"));
  EXPECT_EQ(read_json("dragged")["filter"], "block>=256 block<=512");
  xdotool(at(x, y + height * 0.5) + " sleep 0.3 click 1 sleep 0.2");
  go_on("go_widened");
  ASSERT_TRUE(wait_for("widened"));
  EXPECT_EQ(read_json("widened")["filter"], "");
  go_on("go_end");
  EXPECT_EQ(finish(), 0) << output();
}

}  // namespace
}  // namespace fuseline::app::gui
