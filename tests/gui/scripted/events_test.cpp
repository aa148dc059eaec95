// A session driven by the mouse and the keyboard of a virtual display.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/gui/scripted/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;

class EventsTest : public LiveTest {};

std::string at(double x, double y) { return fmt::format("mousemove {} {}", std::lround(x), std::lround(y)); }
TEST_F(EventsTest, MouseAndKeyboardDoWhatTheySay) {
  const json frames = some_frames(4);
  const auto report = [&](const std::string& go, const std::string& name) {
    return std::vector<json>{wait_file(path(go)),
                             frames,
                             {{"facts", path(name + ".tmp")}},
                             {{"screenshot", path(name + ".png")}},
                             {{"facts", path(name)}}};
  };
  json steps = {{{"wait", "idle"}},
                {{"action", "problem.choose"}, {"value", "layernorm_gelu_scale"}},
                {{"action", "device.choose"}, {"value", "replay:h200"}},
                {{"wait", "idle"}},
                {{"facts", path("ready")}},
                wait_file(path("go_started")),
                {{"wait", "sweep"}},
                {{"wait", "idle"}},
                {{"action", "messages.dismiss"}},
                {{"action", "roofline.fit_points"}},
                frames,
                {{"screenshot", path("swept.png")}},
                {{"facts", path("swept")}}};
  for (const char* name : {"clicked", "added", "palette", "tabbed", "dragged", "zoomed", "escaped"}) {
    for (const json& step : report("go_" + std::string(name), name)) steps.push_back(step);
  }
  steps.push_back(wait_file(path("never")));
  start(steps, "--db :memory: --settings none --width 1600 --height 1000");

  ASSERT_TRUE(wait_for("ready")) << output();
  // Without a window manager nobody gives the window the keyboard.
  xdotool("mousemove 800 500 search --sync --onlyvisible --name Fuseline windowfocus --sync");
  xdotool("key ctrl+Return");
  go_on("go_started");
  ASSERT_TRUE(wait_for("swept")) << output();
  const json swept = read_json("swept");
  ASSERT_GT(swept["rows"], 50);
  ASSERT_GT(swept["marks"].size(), 10U);
  json first = swept["marks"].front(), last = swept["marks"].back();
  for (const json& mark : swept["marks"]) {
    if (mark["y"] > first["y"]) first = mark;
  }
  ASSERT_NE(first["sequence"], last["sequence"]);

  xdotool(at(first["x"], first["y"]) + " sleep 0.1 click 1");
  go_on("go_clicked");
  ASSERT_TRUE(wait_for("clicked"));
  ASSERT_EQ(read_json("clicked")["selected"].size(), 1U);

  xdotool(fmt::format("{} sleep 0.1 keydown ctrl sleep 0.1 click 1 sleep 0.1 keyup ctrl", at(last["x"], last["y"])));
  go_on("go_added");
  ASSERT_TRUE(wait_for("added"));
  EXPECT_EQ(read_json("added")["selected"].size(), 2U);

  xdotool("key ctrl+shift+p");
  xdotool("type --delay 40 theme:light");
  // Held as a finger holds it: longer than a frame takes.
  xdotool("keydown Return sleep 0.15 keyup Return");
  go_on("go_palette");
  ASSERT_TRUE(wait_for("palette"));
  const Picture light = load_picture(path("palette.png"));
  EXPECT_GT(light.at(light.width / 2, light.height - 4).r, 200) << "the palette changed the theme";

  xdotool("mousemove " + middle_of(swept["boxes"]["tab.history"]) + " sleep 0.1 click 1");
  go_on("go_tabbed");
  ASSERT_TRUE(wait_for("tabbed"));
  EXPECT_TRUE(read_json("tabbed")["boxes"].contains("history"));

  const json& splitter = swept["boxes"]["splitter.left"];
  xdotool(
      fmt::format("{} sleep 0.1 mousedown 1 sleep 0.1 mousemove_relative 40 0 sleep 0.1 mousemove_relative 40 0 sleep "
                  "0.1 mouseup 1",
                  at(splitter[0].get<double>() + 3, 300)));
  go_on("go_dragged");
  ASSERT_TRUE(wait_for("dragged"));
  const json dragged = read_json("dragged");
  EXPECT_NEAR(dragged["boxes"]["splitter.left"][0].get<double>(), splitter[0].get<double>() + 80, 8);

  xdotool("mousemove " + middle_of(dragged["boxes"]["roofline.plot"]) + " sleep 0.1 click 5 click 5 click 5");
  go_on("go_zoomed");
  ASSERT_TRUE(wait_for("zoomed"));
  const auto spread = [](const json& facts) {
    double low = 1e9, high = 0;
    for (const json& mark : facts["marks"])
      low = std::min(low, mark["y"].get<double>()), high = std::max(high, mark["y"].get<double>());
    return high - low;
  };
  EXPECT_LT(spread(read_json("zoomed")), 0.9 * spread(dragged)) << "the wheel zooms out";

  xdotool("key Escape");
  go_on("go_escaped");
  ASSERT_TRUE(wait_for("escaped"));
  EXPECT_TRUE(read_json("escaped")["selected"].empty());

  xdotool("key ctrl+q");
  EXPECT_EQ(finish(), 0) << output();
}

}  // namespace
}  // namespace fuseline::app::gui
