// Menus, dialogs and the palette by the keyboard alone, and files dropped from outside.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/gui/scripted/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class KeyboardTest : public DrivenTest {};

TEST_F(KeyboardTest, MenusDialogsAndThePaletteNeedNoMouse) {
  begin(after_a_sweep());
  // A look after every key: what it opens is there before the next one comes.
  const auto after = [&](const std::string& key) { return look_after(key); };

  EXPECT_TRUE(after("F10")["boxes"].contains("open.file"));
  (void)after("Right");
  const json next = after("Down");
  EXPECT_TRUE(next["boxes"].contains("open.sweep")) << next["boxes"].dump();
  EXPECT_FALSE(next["boxes"].contains("open.file"));
  (void)after("Escape");
  EXPECT_FALSE(after("Escape")["boxes"].contains("open.sweep"));

  (void)after("F10");
  (void)after("Down");
  (void)after("Up");
  EXPECT_TRUE(after("Return")["boxes"].contains("dialog.Open a file")) << "the first line of the first menu";
  EXPECT_FALSE(after("Escape")["boxes"].contains("dialog.Open a file"));

  EXPECT_TRUE(after("ctrl+e")["boxes"].contains("dialog.Export"));
  (void)look_after_typing(path("typed.json"));
  EXPECT_FALSE(after("Return")["boxes"].contains("dialog.Export"));
  EXPECT_EQ(read_json("typed.json")["problem"]["name"], "layernorm_gelu_scale");

  // Opens the palette and types; the first line is done.
  const auto palette = [&](const std::string& words) {
    EXPECT_TRUE(after("ctrl+shift+p")["boxes"].contains("palette"));
    (void)look_after_typing(words);
    return after("Return");
  };
  const json light = palette("light or dark theme:");
  EXPECT_FALSE(light["boxes"].contains("palette"));
  EXPECT_EQ(light["theme"], "light");
  (void)after("ctrl+shift+p");
  type("light or dark theme:");
  (void)after("Down");
  EXPECT_EQ(after("Return")["theme"], "dark") << "the second line";
  (void)after("ctrl+shift+p");
  type("light or dark theme:");
  (void)after("Down");
  (void)after("Up");
  EXPECT_EQ(after("Return")["theme"], "light") << "the first line again";
  EXPECT_EQ(palette("light or dark theme: dark")["theme"], "dark");
  (void)after("ctrl+shift+p");
  EXPECT_FALSE(after("Escape")["boxes"].contains("palette"));

  const json asked = palette("delete a run, after");
  EXPECT_TRUE(asked["boxes"].contains("dialog.Delete the run?"));
  EXPECT_EQ(asked["runs"], 1);
  const json kept = after("Return");
  EXPECT_FALSE(kept["boxes"].contains("dialog.Delete the run?"));
  EXPECT_EQ(kept["runs"], 1) << "Enter keeps it";
  (void)palette("delete a run, after");
  (void)after("Left");
  EXPECT_EQ(after("Return")["runs"], 0);
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(KeyboardTest, TabTakesWhatWasTypedIntoAField) {
  begin({{{"wait", "idle"}}, act("problem.choose", "layernorm_gelu_scale"), act("messages.dismiss")});
  const json first = look();
  const auto add_to = [&](const std::string& field, const std::string& text) {
    const json& box = first["boxes"][field];
    const double right = box[0].get<double>() + box[2].get<double>() - 12;
    const double middle = box[1].get<double>() + box[3].get<double>() / 2;
    xdotool(fmt::format("mousemove --sync {:.0f} {:.0f} sleep 0.2 click 1", right, middle));
    type(text);
    press("Tab");
  };
  // What is no number is refused with what was typed behind the value.
  add_to("field.N", "x");
  EXPECT_THAT(look()["toasts"].dump(), HasSubstr("'32x' is no integer"));
  add_to("field.eps", "y");
  EXPECT_THAT(look()["toasts"].dump(), HasSubstr("'1e-05y' is no number"));
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(KeyboardTest, EnterNeverOverwritesAndCtrlFFilters) {
  begin(after_a_sweep());
  const auto after = [&](const std::string& key) { return look_after(key); };
  std::ofstream(path("there.json")) << "of somebody else";
  (void)after("ctrl+e");
  (void)look_after_typing(path("there.json"));
  EXPECT_TRUE(after("Return")["boxes"].contains("dialog.Export")) << "it asks";
  (void)after("Return");
  EXPECT_EQ(tuner::read_file(path("there.json")).value(), "of somebody else");
  EXPECT_FALSE(after("Escape")["boxes"].contains("dialog.Export"));

  (void)after("ctrl+f");
  type("block=256");
  const json filtered = look();
  EXPECT_EQ(filtered["filter"], "block=256");
  EXPECT_LT(filtered["shown_rows"].get<int>(), filtered["rows"].get<int>());

  // Tab goes on with a path in the dialog that opens files.
  (void)after("ctrl+o");
  type(path("the"));
  press("Tab");
  (void)look();
  EXPECT_EQ(after("Return")["boxes"].contains("dialog.Open a file"), false) << "there.json was completed, and opened";
  EXPECT_THAT(look()["messages"].dump(), HasSubstr("there.json"));
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(KeyboardTest, ARowIsPinnedTheBaselineMovedAndADeletionUndoneByKeys) {
  begin(after_a_sweep({act("panel.show", "results"), act("select.rows", "3")}));
  const auto after = [&](const std::string& key) { return look_after(key); };
  using Names = std::vector<std::string>;
  EXPECT_EQ(after("ctrl+k")["pins"].get<Names>(), (Names{"run 1 #3"}));
  EXPECT_EQ(after("ctrl+b")["selected"].size(), 1U);
  const Names two = after("ctrl+shift+k")["pins"].get<Names>();
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[1], "run 1 #3") << "the best is the baseline now";
  EXPECT_TRUE(after("ctrl+d")["boxes"].contains("compare"));
  EXPECT_EQ(after("ctrl+k")["pins"].get<Names>(), (Names{"run 1 #3"})) << "and no more";
  (void)after("ctrl+p");
  (void)look_after_typing("delete a run at once");
  press("Return");
  type("1");
  EXPECT_EQ(after("Return")["runs"], 0);
  EXPECT_EQ(after("ctrl+shift+z")["runs"], 1) << "it is back";
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(KeyboardTest, TwoRowsAreSelectedAndComparedWithoutAMouse) {
  begin(after_a_sweep({act("panel.show", "convergence")}));
  const auto after = [&](const std::string& key) { return look_after(key); };
  const auto selected = [](const json& facts) { return facts["selected"].get<std::vector<int>>(); };
  (void)after("ctrl+p");
  (void)look_after_typing("show the panel: results");
  (void)after("Return");
  const auto first = selected(after("Down"));
  ASSERT_EQ(first.size(), 1U) << "the first key is at the first row, not at a header";
  const auto second = selected(after("Down"));
  ASSERT_EQ(second.size(), 1U);
  const auto third = selected(after("Down"));
  EXPECT_THAT((std::set<int>{first[0], second[0], third[0]}), SizeIs(3));
  EXPECT_EQ(selected(after("shift+Up")), (std::vector<int>{third[0], second[0]})) << "from where it was";
  EXPECT_EQ(selected(after("shift+Up")).size(), 3U);
  EXPECT_EQ(selected(after("shift+Down")), (std::vector<int>{third[0], second[0]})) << "and back";
  EXPECT_EQ(selected(after("Home")), first);
  (void)after("ctrl+Down");
  EXPECT_EQ(selected(after("ctrl+Down")), first) << "Ctrl goes and selects nothing";
  EXPECT_EQ(selected(after("space")), (std::vector<int>{first[0], third[0]}));
  const json compared = after("Return");
  EXPECT_TRUE(compared["boxes"].contains("compare")) << compared["boxes"].dump();
  EXPECT_EQ(selected(compared), (std::vector<int>{first[0], third[0]}));
  const auto last = selected(after("End"));
  EXPECT_NE(last, first);
  EXPECT_NE(selected(after("Prior")), last) << "a page up";
  const json details = after("Return");
  EXPECT_TRUE(details["boxes"].contains("details"));
  press("Tab");
  (void)look();
  type("block=256");
  EXPECT_EQ(look()["filter"], "block=256") << "Tab goes to the filter";
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(KeyboardTest, TheMenuOfARowStaysOpenWhereTheTableHasTheKeyboard) {
  begin(after_a_sweep({act("panel.show", "results")}));
  (void)look_after("ctrl+p");
  (void)look_after_typing("show the panel: results");
  (void)look_after("Return");
  const json shown = look_after("Down");
  const json& box = shown["boxes"]["results"];
  for (const double below : {110.0, 150.0}) {
    point_at({box[0].get<double>() + 110, box[1].get<double>() + below, 0, 0});
    xdotool("mousedown 3 sleep 0.2 mouseup 3");
    EXPECT_TRUE(look()["boxes"].contains("popup.row")) << below;
    EXPECT_FALSE(look_after("Escape")["boxes"].contains("popup.row")) << below;
  }
  EXPECT_EQ(leave(), 0) << output();
}

TEST_F(KeyboardTest, RightGoesToTheNextMenuAndOpensItEightTimesOfEight) {
  begin({{{"wait", "idle"}}, act("messages.dismiss")});
  const auto open = [&](const std::string& key) {
    press(key);
    std::vector<std::string> menus;
    const json facts = look();
    for (const auto& [name, box] : facts["boxes"].items()) {
      if (name.starts_with("open.")) menus.push_back(name.substr(5));
    }
    return menus;
  };
  using Menus = std::vector<std::string>;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(open("F10"), Menus{"file"}) << i;
    EXPECT_EQ(open("Right"), Menus{"sweep"}) << i;
    EXPECT_EQ(open("Right"), Menus{"selection"}) << i;
    EXPECT_EQ(open("Left"), Menus{"sweep"}) << i;
    EXPECT_EQ(open("Escape"), Menus{}) << i;
  }
  EXPECT_EQ(open("alt+l"), Menus{"selection"});
  EXPECT_EQ(open("Escape"), Menus{});
  EXPECT_EQ(open("alt+h"), Menus{"help"});
  EXPECT_EQ(open("Right"), Menus{"file"}) << "round the end";
  EXPECT_EQ(open("Left"), Menus{"help"});
  EXPECT_EQ(open("Escape"), Menus{});
  EXPECT_EQ(leave(), 0) << output();
}

class DropTest : public KeyboardTest {};

TEST_F(DropTest, FilesDroppedOnTheWindowAreOpened) {
  const std::string recording =
      (tuner::data_folder() / "presets/recordings/h200/rmsnorm_residual.f32.wide.t4.json").string();
  std::filesystem::copy_file(recording, path("a recording.t4.json"));
  std::filesystem::create_directory(path("folder"));
  begin({json{{"wait", "idle"}}});

  drop("'" + path("a recording.t4.json") + "'");
  const json opened = look();
  EXPECT_GT(opened["rows"], 10) << opened["toasts"].dump();
  EXPECT_TRUE(opened["replayed"].get<bool>() ||
              opened["device"]["name"].get<std::string>().find("H200") != std::string::npos);

  drop(path("folder") + " " + path("nothing.json"));
  const json refused = look();
  ASSERT_EQ(refused["toasts"].size(), 2U) << refused["toasts"].dump();
  EXPECT_THAT(refused["toasts"].dump(), HasSubstr("holds no problem.json"));
  EXPECT_THAT(refused["toasts"].dump(), HasSubstr("nothing.json"));
  EXPECT_EQ(refused["rows"], opened["rows"]) << "what was on show stays";
  (void)look();
  EXPECT_EQ(leave(), 0) << output();
}

}  // namespace
}  // namespace fuseline::app::gui
