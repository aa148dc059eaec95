// Only what changed is drawn, and every frame is, to the pixel, what it would be drawn whole: --check-drawing compares.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/models/layout.hpp"
#include "tests/gui/scripted/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;

/// Each number of one column of the file of frames.
std::vector<double> column(const std::string& csv, const std::string& name) {
  std::istringstream lines(csv);
  std::string line;
  std::vector<double> numbers;
  std::size_t wanted = 0;
  for (bool first = true; std::getline(lines, line); first = false) {
    std::istringstream fields(line);
    std::string field;
    for (std::size_t i = 0; std::getline(fields, field, ','); ++i) {
      if (first && field == name) wanted = i;
      if (!first && i == wanted) numbers.push_back(std::stod(field));
    }
  }
  return numbers;
}

TEST_F(ScriptedTest, AFrameInWhichNothingChangedIsNotDrawnAndASelectionIsDrawnInPart) {
  ASSERT_EQ(play(after_a_sweep({some_frames(10),
                                facts_in(path("rest")),
                                some_frames(20),
                                facts_in(path("selecting")),
                                act("select.rows", "3"),
                                some_frames(1),
                                act("select.rows", "5"),
                                some_frames(1),
                                facts_in(path("end")),
                                {{"quit", true}}}),
                 "--settings none --width 1600 --height 1000 --check-drawing --frame-times " + path("times.csv")),
            0)
      << output();
  const std::vector<double> shares = column(tuner::read_file(path("times.csv")).value(), "share_drawn");
  const auto number = [&](const std::string& file) { return read_json(file)["frames"].get<std::size_t>(); };
  ASSERT_GE(shares.size(), number("end"));
  EXPECT_EQ(shares.front(), 1) << "the first frame is drawn whole";
  for (std::size_t i = number("rest") + 1; i < number("selecting"); ++i) EXPECT_EQ(shares[i], 0) << i;
  double most = 0;
  for (std::size_t i = number("selecting"); i < number("end"); ++i) most = std::max(most, shares[i]);
  EXPECT_GT(most, 0);
  EXPECT_LT(most, 0.9);
}

TEST_F(ScriptedTest, PanelsThemesScalesSizesAndASecondWindowAreDrawnAsIfWhole) {
  std::vector<json> steps;
  const auto each_panel = [&] {
    for (const PanelPlace& panel : default_panels()) {
      steps.push_back(act("panel.show", panel.id));
      steps.push_back(some_frames(3));
    }
  };
  each_panel();
  for (const std::string row : {"1", "2,7", "9"}) {
    steps.push_back(act("select.rows", row));
    steps.push_back(some_frames(2));
  }
  for (const auto& [action, value] : std::vector<std::pair<std::string, std::string>>{{"view.theme", "light"},
                                                                                      {"view.scale", "1.5"},
                                                                                      {"view.scale", "1"},
                                                                                      {"panel.tear_off", "why"},
                                                                                      {"view.theme", "dark"},
                                                                                      {"roofline.fit", ""},
                                                                                      {"palette.open", ""}}) {
    steps.push_back(act(action, value));
    steps.push_back(some_frames(4));
  }
  steps.push_back({{"size", {1100, 720}}});
  steps.push_back(some_frames(4));
  steps.push_back({{"size", {700, 500}}, {"window", 2}});
  steps.push_back(some_frames(4));
  steps.push_back(facts_in(path("sized")));
  steps.push_back(act("window.close_second"));
  each_panel();
  steps.push_back({{"quit", true}});
  ASSERT_EQ(play(after_a_sweep(steps), "--settings none --width 1500 --height 950 --check-drawing"), 0) << output();
  const json sized = read_json("sized");
  EXPECT_EQ(sized["width"], 1100);
  EXPECT_EQ(sized["second_window"]["width"], 700);
}

TEST_F(DrivenTest, MenusTooltipsTypingAndThePointerAreDrawnAsIfWhole) {
  begin(after_a_sweep(), "--check-drawing");
  const json facts = look();
  for (const std::string key : {"alt+f", "Right", "Right", "Down", "Escape", "Escape", "ctrl+f"}) press(key);
  type("block");
  look_after("Escape");
  // Over everything that the window names, for tooltips and what the pointer lights.
  int pointed = 0;
  for (const auto& [name, box] : facts["boxes"].items()) {
    if (++pointed % 3 == 0) point_at(box);
  }
  EXPECT_GT(pointed, 10);
  ASSERT_FALSE(facts["marks"].empty());
  xdotool("mousemove " + std::to_string(facts["marks"][0]["x"].get<int>()) + " " +
          std::to_string(facts["marks"][0]["y"].get<int>()));
  look();
  click(facts["boxes"]["results"]);
  for (const std::string key : {"Down", "Down", "Page_Down", "ctrl+p"}) press(key);
  type("theme");
  look_after("Escape");
  EXPECT_EQ(leave(), 0) << output();
}

}  // namespace
}  // namespace fuseline::app::gui
