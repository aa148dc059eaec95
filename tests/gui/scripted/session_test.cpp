// A whole session by script: what is drawn is where the models say, and what is exported is right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/gui/models/layout.hpp"
#include "tests/gui/scripted/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::HasSubstr;

const json kIdle = {{"wait", "idle"}};
const json kFrames = {{"wait", "frames"}, {"count", 4}};
const json kQuit = {{"quit", true}};

bool inside(const json& mark, const json& box) {
  const double x = mark["x"], y = mark["y"];
  return x >= box[0].get<double>() && x <= box[0].get<double>() + box[2].get<double>() && y >= box[1].get<double>() &&
         y <= box[1].get<double>() + box[3].get<double>();
}

/// Largest distance from `background` within a few pixels of a place.
int contrast_near(const Picture& picture, double x, double y, const Picture::Pixel& background) {
  int largest = 0;
  for (int dy = -6; dy <= 6; ++dy) {
    for (int dx = -6; dx <= 6; ++dx)
      largest = std::max(largest, distance(picture.at(static_cast<int>(x) + dx, static_cast<int>(y) + dy), background));
  }
  return largest;
}

TEST_F(ScriptedTest, EveryPanelIsDrawn) {
  json steps = json::array({kIdle});
  for (const PanelPlace& panel : default_panels()) {
    steps.push_back(act("panel.show", panel.id));
    steps.push_back(kFrames);
    steps.push_back({{"facts", path(panel.id + ".json")}});
  }
  steps.push_back(kQuit);
  ASSERT_EQ(play(steps), 0) << output();
  for (const PanelPlace& panel : default_panels())
    EXPECT_TRUE(read_json(panel.id + ".json")["boxes"].contains(panel.id)) << panel.id;
}

TEST_F(ScriptedTest, ChooseNarrowSweepSelectCompareExport) {
  const json steps = {kIdle,
                      {{"facts", path("empty.json")}},
                      {{"screenshot", path("welcome.png")}},
                      act("problem.choose", "layernorm_gelu_scale"),
                      act("device.choose", "replay:h200"),
                      act("space.narrow", "block=128,256"),
                      kIdle,
                      act("run.start"),
                      {{"wait", "sweep"}},
                      kIdle,
                      act("messages.dismiss"),
                      act("select.best"),
                      kFrames,
                      {{"facts", path("swept.json")}},
                      {{"screenshot", path("swept.png")}},
                      act("select.rows", "0,1"),
                      act("compare.selected"),
                      kFrames,
                      {{"facts", path("compared.json")}},
                      act("export.json", path("best.json")),
                      act("export.roofline", path("roofline.svg")),
                      act("export.csv", path("all.csv")),
                      act("export.effects", path("effects.svg")),
                      act("export.samples", path("samples.svg")),
                      act("export.comparison", path("comparison.png")),
                      act("export.comparison", path("comparison.svg")),
                      kIdle,
                      kQuit};
  ASSERT_EQ(play(steps), 0) << output();
  const json empty = read_json("empty.json"), swept = read_json("swept.json"), compared = read_json("compared.json");
  EXPECT_EQ(empty["rows"], 0);
  ASSERT_GT(swept["rows"], 20);
  EXPECT_EQ(swept["rows"], swept["space"]) << "as many as the toggles left";
  EXPECT_TRUE(swept["replayed"]);
  EXPECT_EQ(swept["selected"], json::array({swept["best"]}));
  EXPECT_EQ(compared["selected"], json::array({0, 1}));
  EXPECT_TRUE(compared["boxes"].contains("compare"));

  const Picture picture = load_picture(path("swept.png"));
  ASSERT_EQ(picture.width, swept["width"]);
  EXPECT_GT(difference(load_picture(path("welcome.png")), picture), 0.02);
  for (const char* panel : {"roofline", "results", "problem", "space", "details", "why", "run_bar"})
    EXPECT_GT(colours_in(picture, swept["boxes"][panel]), 20U) << panel;
  const json& plot = swept["boxes"]["roofline.plot"];
  const Picture::Pixel background = picture.at(plot[0].get<int>() + 5, plot[1].get<int>() + plot[3].get<int>() - 5);
  ASSERT_FALSE(swept["marks"].empty());
  bool best = false;
  for (const json& mark : swept["marks"]) {
    EXPECT_TRUE(inside(mark, plot)) << mark.dump();
    EXPECT_GT(contrast_near(picture, mark["x"], mark["y"], background), 150) << mark.dump();
    best = best || mark["sequence"] == swept["best"];
  }
  EXPECT_TRUE(best);

  const json result = read_json("best.json");
  EXPECT_EQ(result["problem"]["name"], "layernorm_gelu_scale");
  EXPECT_EQ(result["device"]["backend"], "replay");
  EXPECT_EQ(result["search"]["evaluated"], swept["rows"]);
  const int block = result["best"]["config"]["block"];
  EXPECT_TRUE(block == 128 || block == 256);
  const std::string svg = tuner::read_file(path("roofline.svg")).value();
  EXPECT_THAT(svg, HasSubstr("RTX 4090"));
  EXPECT_THAT(tuner::read_file(path("effects.svg")).value(), HasSubstr("up to +"));
  const std::string samples = tuner::read_file(path("samples.svg")).value();
  EXPECT_THAT(samples, HasSubstr(">#0  "));
  EXPECT_THAT(samples, HasSubstr(">#1  "));
  EXPECT_THAT(tuner::read_file(path("comparison.svg")).value(), HasSubstr("PARAMETERS"));
  EXPECT_GT(load_picture(path("comparison.png")).width, 1000);
  const std::string csv = tuner::read_file(path("all.csv")).value();
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), swept["rows"].get<int>() + 1);
}

TEST_F(ScriptedTest, ThemeScaleAndPanels) {
  const json steps = {kIdle,
                      act("run.first"),
                      {{"wait", "sweep"}},
                      kIdle,
                      act("messages.dismiss"),
                      kFrames,
                      {{"facts", path("dark.json")}},
                      {{"screenshot", path("dark.png")}},
                      act("view.theme", "light"),
                      kFrames,
                      {{"screenshot", path("light.png")}},
                      act("view.scale", "1.5"),
                      kFrames,
                      {{"facts", path("large.json")}},
                      {{"screenshot", path("large.png")}},
                      act("view.scale", "1"),
                      act("panel.hide", "details"),
                      act("panel.hide", "counters"),
                      act("panel.hide", "why"),
                      act("panel.hide", "samples"),
                      act("panel.hide", "compare"),
                      kFrames,
                      {{"facts", path("hidden.json")}},
                      act("panel.show", "why"),
                      kFrames,
                      {{"facts", path("shown.json")}},
                      act("layout.reset"),
                      kFrames,
                      {{"facts", path("reset.json")}},
                      {{"screenshot", path("reset.png")}},
                      kQuit};
  ASSERT_EQ(play(steps, "--width 1600 --height 1000"), 0) << output();
  const Picture dark = load_picture(path("dark.png")), light = load_picture(path("light.png"));
  ASSERT_FALSE(dark.pixels.empty());
  const auto mean = [](const Picture& picture) {
    double sum = 0;
    for (const unsigned char value : picture.pixels) sum += value;
    return sum / static_cast<double>(picture.pixels.size());
  };
  EXPECT_LT(mean(dark), 70);
  EXPECT_GT(mean(light), 190);
  const json before = read_json("dark.json"), hidden = read_json("hidden.json"), shown = read_json("shown.json"),
             reset = read_json("reset.json"), large = read_json("large.json");
  EXPECT_FALSE(hidden["boxes"].contains("details"));
  EXPECT_GT(hidden["boxes"]["roofline"][2].get<double>(), before["boxes"]["roofline"][2].get<double>() + 200);
  EXPECT_TRUE(shown["boxes"].contains("why"));
  EXPECT_EQ(reset["boxes"]["roofline"], before["boxes"]["roofline"]);
  EXPECT_GT(large["boxes"]["tab.roofline"][3].get<double>(), 1.4 * before["boxes"]["tab.roofline"][3].get<double>());
  EXPECT_LT(difference(load_picture(path("reset.png")), light), 0.01) << "back to what it was";
}

TEST_F(ScriptedTest, TheSessionIsRememberedFromOneStartToTheNext) {
  ASSERT_EQ(play({kIdle,
                  act("problem.choose", "softmax_bias_scale_sigmoid"),
                  act("view.theme", "light"),
                  act("panel.hide", "log"),
                  act("run.first"),
                  {{"wait", "sweep"}},
                  kIdle,
                  kQuit}),
            0)
      << output();
  ASSERT_EQ(play({kIdle,
                  act("panel.show", "history"),
                  act("history.open", "1"),
                  kIdle,
                  {{"facts", path("again.json")}},
                  {{"screenshot", path("again.png")}},
                  kQuit}),
            0)
      << output();
  const json again = read_json("again.json");
  EXPECT_GT(again["rows"], 50) << "the run of the session before is in the store";
  EXPECT_FALSE(again["boxes"].contains("tab.log"));
  const Picture picture = load_picture(path("again.png"));
  EXPECT_GT(picture.at(picture.width / 2, picture.height - 4).r, 200) << "still light";
}

TEST_F(ScriptedTest, ScreenshotsWithoutAScriptWaitUntilNothingGoesOn) {
  ASSERT_EQ(run("--db :memory: --settings none --width 1280 --height 800 --screenshot " + path("first.png")), 0)
      << output();
  const Picture picture = load_picture(path("first.png"));
  EXPECT_EQ(picture.width, 1280);
  EXPECT_EQ(picture.height, 800);
}

TEST_F(ScriptedTest, BadInputIsOneClearError) {
  EXPECT_EQ(play(json::array({act("run.strat")})), 2);
  EXPECT_THAT(output(), HasSubstr("did you mean run.start"));
  EXPECT_EQ(run("--script /nonexistent.json"), 2);
  EXPECT_EQ(run("--no-such-option"), 2);
  EXPECT_EQ(run("--db /nonexistent/folder/x.db --settings none"), 2);
  EXPECT_THAT(output(), HasSubstr("/nonexistent/folder"));
}

TEST_F(ScriptedTest, WithoutADisplayItSaysSo) {
  const std::string command =
      "env -u DISPLAY -u WAYLAND_DISPLAY " + program_path() + " --db :memory: >" + path("output") + " 2>&1";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_THAT(output(), HasSubstr("DISPLAY"));
}

}  // namespace
}  // namespace fuseline::app::gui
