// Tabs dragged from area to area and out of the window, and the second window that they are torn off into.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/gui/scripted/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;

const std::string kUsualWindow = "--settings none --width 1600 --height 1000";

class SecondWindowTest : public LiveTest {
 protected:
  static std::vector<json> steps_after_a_sweep(std::vector<json> steps) {
    steps.insert(steps.begin(), act("select.best"));
    steps.push_back({{"quit", true}});
    return after_a_sweep(steps);
  }
  /// From the middle of one box of the last look to a point of the screen, with the button held.
  void drag(const json& box, int x, int y) {
    xdotool("mousemove " + middle_of(box));
    xdotool("mousedown 1");
    for (const int part : {4, 2, 1}) xdotool("mousemove " + std::to_string(x / part) + " " + std::to_string(y / part));
  }
  /// Frames that were shown in a stretch of the clock that the program shares.
  [[nodiscard]] int frames_between(std::chrono::steady_clock::time_point from,
                                   std::chrono::steady_clock::time_point to) const {
    std::istringstream lines(tuner::read_file(path("times.csv")).value());
    int count = 0, lines_read = 0;
    for (std::string line; std::getline(lines, line); ++lines_read) {
      if (lines_read == 0) continue;
      const std::chrono::steady_clock::time_point shown(
          std::chrono::nanoseconds(std::stoll(line.substr(line.rfind(',') + 1))));
      count += shown > from && shown < to ? 1 : 0;
    }
    EXPECT_GT(lines_read, 5);
    return count;
  }
};

TEST_F(SecondWindowTest, WhatIsTornOffShowsTheSameAndFollowsThemeAndScale) {
  ASSERT_EQ(play(steps_after_a_sweep({act("panel.tear_off", "counters"),
                                      act("panel.tear_off", "roofline"),
                                      {{"wait", "idle"}},
                                      {{"size", {1000, 700}}, {"window", 2}},
                                      some_frames(6),
                                      facts_in(path("apart.json")),
                                      {{"screenshot", path("main.png")}},
                                      {{"screenshot", path("dark.png")}, {"window", 2}},
                                      act("view.theme", "light"),
                                      {{"screenshot", path("light.png")}, {"window", 2}},
                                      act("view.scale", "1.5"),
                                      some_frames(4),
                                      facts_in(path("scaled.json")),
                                      act("view.scale", "1"),
                                      act("panel.put_back", "counters"),
                                      some_frames(4),
                                      facts_in(path("one.json")),
                                      act("window.close_second"),
                                      some_frames(4),
                                      facts_in(path("together.json"))}),
                 kUsualWindow),
            0)
      << output();
  const json apart = read_json("apart.json");
  const json& second = apart["second_window"];
  EXPECT_EQ(second["width"], 1000);
  EXPECT_EQ(second["height"], 700);
  EXPECT_TRUE(second["boxes"].contains("tab.counters"));
  EXPECT_TRUE(second["boxes"].contains("roofline")) << "what came last is in front";
  EXPECT_FALSE(apart["boxes"].contains("tab.roofline"));
  EXPECT_FALSE(apart["marks"].empty());
  const Picture dark = load_picture(path("dark.png")), light = load_picture(path("light.png"));
  ASSERT_EQ(dark.width, 1000);
  ASSERT_EQ(light.height, 700);
  const auto brightness = [](const Picture& picture) {
    const Picture::Pixel pixel = picture.at(2, 2);
    return pixel.r + pixel.g + pixel.b;
  };
  EXPECT_LT(brightness(dark), 200);
  EXPECT_GT(brightness(light), 550);
  EXPECT_GT(colours_in(dark, second["boxes"]["roofline"]), 50U);
  EXPECT_EQ(load_picture(path("main.png")).width, 1600);
  EXPECT_GT(read_json("scaled.json")["second_window"]["boxes"]["tab.roofline"][3].get<double>(),
            1.4 * second["boxes"]["tab.roofline"][3].get<double>());
  const json one = read_json("one.json");
  EXPECT_TRUE(one["boxes"].contains("counters")) << "back, and in front where it was";
  EXPECT_TRUE(one["second_window"]["boxes"].contains("roofline"));
  const json together = read_json("together.json");
  EXPECT_TRUE(together["second_window"].is_null());
  EXPECT_TRUE(together["boxes"].contains("roofline"));
}

TEST_F(SecondWindowTest, ItIsRememberedAndDrawsNothingAtRest) {
  const std::string options = "--settings " + path("gui.json");
  ASSERT_EQ(play({{{"wait", "idle"}},
                  act("panel.move", "why=left_top"),
                  act("panel.tear_off", "why"),
                  {{"size", {640, 480}}, {"window", 2}},
                  some_frames(6),
                  {{"quit", true}}},
                 options),
            0)
      << output();
  // A program whose script has ended draws when something happens, and nothing does.
  start({{{"wait", "idle"}}, some_frames(5), facts_in(path("opened"))},
        "--db :memory: " + options + " --frame-times " + path("times.csv"));
  ASSERT_TRUE(wait_for("opened")) << output();
  const json opened = read_json("opened");
  EXPECT_EQ(opened["second_window"]["width"], 640);
  EXPECT_TRUE(opened["second_window"]["boxes"].contains("why"));
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const auto from = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(3));
  const auto to = std::chrono::steady_clock::now();
  on_display(FUSELINE_BIN_DIR "/close_window Fuseline");
  EXPECT_EQ(finish(), 0) << output();
  EXPECT_EQ(frames_between(from, to), 0);
  ASSERT_EQ(play({{{"wait", "idle"}},
                  act("window.close_second"),
                  some_frames(4),
                  facts_in(path("back.json")),
                  {{"screenshot", path("never.png")}, {"window", 2}}},
                 options),
            2);
  EXPECT_THAT(output(), ::testing::HasSubstr("there is no second window"));
  const json back = read_json("back.json");
  EXPECT_LT(back["boxes"]["tab.why"][0].get<double>(), 300) << "it went back to the left";
}

TEST_F(SecondWindowTest, ATabIsDraggedToAnotherAreaAndOutOfTheWindow) {
  start(steps_after_a_sweep({facts_in(path("start")), wait_file(path("held")), some_frames(3), facts_in(path("over")),
                             wait_file(path("dropped")), some_frames(6), facts_in(path("moved")),
                             wait_file(path("out")), some_frames(3), facts_in(path("outside")), wait_file(path("torn")),
                             some_frames(8), facts_in(path("apart")), wait_file(path("second_out")), some_frames(3),
                             wait_file(path("second_back")), some_frames(6), facts_in(path("together"))}),
        "--db :memory: --settings none --width 1300 --height 860");
  ASSERT_TRUE(wait_for("start")) << output();
  xdotool("search --sync --onlyvisible --name Fuseline windowmove --sync 0 0 windowfocus --sync");
  const json first = read_json("start"), right = first["boxes"]["details"];
  ASSERT_TRUE(first["boxes"].contains("tab.why"));
  drag(first["boxes"]["tab.why"], right[0].get<int>() + 100, right[1].get<int>() + 100);
  go_on("held");
  ASSERT_TRUE(wait_for("over")) << output();
  const json over = read_json("over");
  ASSERT_TRUE(over["boxes"].contains("drop_target")) << over["boxes"].dump();
  EXPECT_NEAR(over["boxes"]["drop_target"][0].get<double>(), right[0].get<double>(), 2);
  EXPECT_TRUE(over["boxes"].contains("drag"));
  xdotool("mouseup 1");
  go_on("dropped");
  ASSERT_TRUE(wait_for("moved")) << output();
  const json moved = read_json("moved");
  EXPECT_TRUE(moved["boxes"].contains("why"));
  EXPECT_NEAR(moved["boxes"]["why"][1].get<double>(), right[1].get<double>(), 2) << "it is where Details was in front";
  EXPECT_FALSE(moved["boxes"].contains("details"));

  drag(moved["boxes"]["tab.why"], 1500, 950);
  go_on("out");
  ASSERT_TRUE(wait_for("outside")) << output();
  EXPECT_FALSE(read_json("outside")["boxes"].contains("drop_target"));
  xdotool("mouseup 1");
  go_on("torn");
  ASSERT_TRUE(wait_for("apart")) << output();
  const json apart = read_json("apart");
  const json& second = apart["second_window"];
  ASSERT_FALSE(second.is_null());
  EXPECT_TRUE(second["boxes"].contains("why"));
  EXPECT_FALSE(apart["boxes"].contains("tab.why"));

  json tab = second["boxes"]["tab.why"];
  tab[0] = tab[0].get<double>() + second["x"].get<double>();
  tab[1] = tab[1].get<double>() + second["y"].get<double>();
  drag(tab, 1500, 30);
  go_on("second_out");
  xdotool("mouseup 1");
  go_on("second_back");
  ASSERT_TRUE(wait_for("together")) << output();
  EXPECT_EQ(finish(), 0) << output();
  const json together = read_json("together");
  EXPECT_TRUE(together["second_window"].is_null());
  EXPECT_TRUE(together["boxes"].contains("why"));
}

}  // namespace
}  // namespace fuseline::app::gui
