#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "app/gui/models/script.hpp"
#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;

tuner::Result<void> done() { return {}; }

TEST(Shortcut, IsReadAndWritten) {
  const auto shortcut = Shortcut::parse("Ctrl+Shift+P");
  ASSERT_TRUE(shortcut);
  EXPECT_EQ(*shortcut, (Shortcut{"P", true, true, false}));
  EXPECT_EQ(shortcut->text(), "Ctrl+Shift+P");
  EXPECT_FALSE(Shortcut::parse("Ctrl+"));
  EXPECT_FALSE(Shortcut::parse("P+Ctrl"));
}

TEST(Actions, IdsAndShortcutsAreUnique) {
  ActionRegistry registry;
  EXPECT_TRUE(registry.add({"a", "A", "Ctrl+A", [](const std::string&) { return done(); }}));
  EXPECT_FALSE(registry.add({"a", "Another", "", [](const std::string&) { return done(); }}));
  EXPECT_FALSE(registry.add({"b", "B", "Ctrl+A", [](const std::string&) { return done(); }}));
  EXPECT_EQ(registry.for_shortcut({"A", true})->id, "a");
}

TEST(Actions, RefuseWhatIsNotPossibleAndSayWhatIs) {
  ActionRegistry registry;
  int runs = 0;
  registry.add({"run.start", "Start", "",
                [&](const std::string&) {
                  ++runs;
                  return done();
                },
                [] { return false; }});
  registry.add({"file.open",
                "Open",
                "",
                [](const std::string& file) -> tuner::Result<void> { return tuner::bad_input("no " + file); },
                {},
                "FILE"});
  EXPECT_THAT(registry.run("run.start").error().message(), HasSubstr("not possible"));
  EXPECT_THAT(registry.run("run.strt").error().message(), HasSubstr("run.start"));
  EXPECT_THAT(registry.run("file.open", "x").error().message(), HasSubstr("no x"));
  EXPECT_EQ(runs, 0);
}

TEST(Palette, FindsByLettersInOrderAndPrefersWordStarts) {
  ActionRegistry registry;
  for (const char* title : {"Toggle the strip", "Start the sweep", "Reset the layout"})
    registry.add({title, title, "", [](const std::string&) { return done(); }});
  ASSERT_FALSE(registry.search("sts").empty());
  EXPECT_EQ(registry.search("sts").front().text, "Start the sweep");
  EXPECT_TRUE(registry.search("xyz").empty());
  EXPECT_EQ(registry.search("").size(), 3U);
  EXPECT_GT(*fuzzy_score("rl", "Reset layout"), *fuzzy_score("rl", "parallel"));
}

TEST(Palette, WithoutAQueryWhatWasChosenLastComesFirstAndWhatNeedsAnArgumentLast) {
  ActionRegistry registry;
  for (const char* title : {"Open a run", "Start the sweep", "Reset the layout"})
    registry.add({title, title, "", [](const std::string&) { return done(); }, {}, title[0] == 'O' ? "RUN" : ""});
  EXPECT_EQ(registry.search("").back().text, "Open a run");
  registry.remember(registry.search("open").front());
  registry.remember(registry.search("reset").front());
  std::vector<std::string> texts;
  for (const PaletteEntry& entry : registry.search(" ")) texts.push_back(entry.text);
  EXPECT_THAT(texts, ::testing::ElementsAre("Reset the layout", "Open a run", "Start the sweep"));
}

TEST(Palette, OffersEveryChoiceOfAnArgument) {
  ActionRegistry registry;
  registry.add({"theme",
                "Theme",
                "",
                [](const std::string&) { return done(); },
                {},
                "NAME",
                [] {
                  return std::vector<std::string>{"light", "dark"};
                }});
  const auto entries = registry.search("dark");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].argument, "dark");
}

class ScriptTest : public ::testing::Test {
 protected:
  std::string write(const std::string& text) { return folder_.write("script.json", text).string(); }

 private:
  TemporaryFolder folder_;
};

TEST_F(ScriptTest, PlaysActionsAndWaitsInOrder) {
  const auto steps = load_script(write(
      R"([{"action": "a", "value": "1"}, {"wait": "sweep"}, {"action": "b"}, {"screenshot": "x.png", "window": 2}, {"quit": true}, {"action": "never"}])"));
  ASSERT_TRUE(steps) << steps.error().message();
  std::string log;
  bool sweeping = true;
  ScriptStage stage;
  stage.act = [&](const std::string& id, const std::string& value) {
    log += id + value + " ";
    return done();
  };
  stage.sweep_active = [&] { return sweeping; };
  stage.idle = [] { return true; };
  stage.screenshot = [&](const std::string& file, int window) {
    log += file + " of " + std::to_string(window) + " ";
    return done();
  };
  ScriptPlayer player(*steps);
  const auto now = ScriptPlayer::Clock::now();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(player.advance(stage, now));
  EXPECT_EQ(log, "a1 ");
  sweeping = false;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(player.advance(stage, now));
  EXPECT_EQ(log, "a1 b x.png of 2 ");
  EXPECT_TRUE(player.quit());
}

TEST_F(ScriptTest, AStepThatFailsIsNamedAndAWaitEnds) {
  const auto steps = load_script(write(R"([{"wait": "frames", "count": 2}, {"action": "a"}])"));
  ASSERT_TRUE(steps);
  ScriptStage stage;
  stage.act = [](const std::string&, const std::string&) -> tuner::Result<void> {
    return tuner::bad_input("it broke");
  };
  ScriptPlayer player(*steps);
  const auto now = ScriptPlayer::Clock::now();
  ASSERT_TRUE(player.advance(stage, now));
  ASSERT_TRUE(player.advance(stage, now));
  const auto failed = player.advance(stage, now);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message(), HasSubstr("step 2: it broke"));
  ScriptPlayer waiting({{ScriptStep::Kind::wait_sweep, {}, {}, 0, 0}});
  stage.sweep_active = [] { return true; };
  ASSERT_TRUE(waiting.advance(stage, now));
  EXPECT_FALSE(waiting.advance(stage, now + std::chrono::minutes(3)));
}

TEST_F(ScriptTest, WaitsUntilTheRunHasAsManyRows) {
  const auto steps = load_script(write(R"([{"wait": "rows", "count": 3}, {"quit": true}])"));
  ASSERT_TRUE(steps) << steps.error().message();
  std::size_t rows = 2;
  ScriptStage stage;
  stage.rows = [&] { return rows; };
  ScriptPlayer player(*steps);
  const auto now = ScriptPlayer::Clock::now();
  ASSERT_TRUE(player.advance(stage, now));
  EXPECT_FALSE(player.quit());
  rows = 3;
  ASSERT_TRUE(player.advance(stage, now));
  EXPECT_TRUE(player.quit());
}

TEST_F(ScriptTest, WaitsUntilWhatIsMeasuredAgainIsDone) {
  const auto steps = load_script(write(R"([{"wait": "again"}, {"quit": true}])"));
  ASSERT_TRUE(steps) << steps.error().message();
  bool done = false;
  ScriptStage stage;
  stage.measured_again = [&] { return done; };
  ScriptPlayer player(*steps);
  const auto now = ScriptPlayer::Clock::now();
  ASSERT_TRUE(player.advance(stage, now));
  EXPECT_FALSE(player.quit());
  done = true;
  ASSERT_TRUE(player.advance(stage, now));
  EXPECT_TRUE(player.quit());
}

TEST_F(ScriptTest, MalformedScriptsAreRefusedWithTheirPlace) {
  EXPECT_THAT(load_script(write(R"([{"wait": "forever"}])")).error().message(), HasSubstr("/0/wait"));
  EXPECT_FALSE(load_script(write(R"({"action": "a"})")));
  EXPECT_FALSE(load_script(write("[")));
  EXPECT_FALSE(load_script(write(R"([{}])")));
  EXPECT_FALSE(load_script("/nonexistent/script.json"));
}

TEST(AppActions, AreCompleteAndHaveTitles) {
  auto app = make_app();
  ASSERT_TRUE(app) << app.error().message();
  std::set<std::string> ids;
  for (const Action& action : (*app)->actions.all()) {
    EXPECT_TRUE(ids.insert(action.id).second);
    EXPECT_FALSE(action.title.empty()) << action.id;
  }
  EXPECT_EQ(action_group("run.start"), "SWEEP");
  EXPECT_EQ(action_group("export.csv"), "FILES AND RUNS");
  EXPECT_EQ(action_group("palette.open"), "PROGRAM") << "what is of no group";
  // In a menu each group is there once.
  std::vector<std::string> groups;
  for (const ExportFormat& format : export_formats()) {
    if (groups.empty() || groups.back() != export_group(format)) groups.push_back(export_group(format));
  }
  EXPECT_THAT(groups, ::testing::ElementsAre("DATA", "DOCUMENTS", "PLOTS (SVG OR PNG)", "PACKAGES"));
  // What a failed registration would leave out.
  for (const char* id :
       {"run.start",    "run.pause",           "run.stop",     "problem.choose", "space.narrow",    "select.best",
        "copy.text",    "copy.json",           "copy.command", "export.json",    "export.roofline", "file.export",
        "roofline.fit", "roofline.fit_points", "view.theme",   "view.larger",    "view.smaller",    "panel.hide",
        "layout.reset", "compare.selected",    "palette.open", "help.shortcuts", "program.quit"}) {
    EXPECT_EQ(ids.count(id), 1U) << id;
  }
}

TEST(AppActions, SetScalarsAndRefuseWhatIsNone) {
  auto app = make_app();
  ASSERT_TRUE(app) << app.error().message();
  ActionRegistry& actions = (*app)->actions;
  ASSERT_TRUE(actions.run("problem.choose", "layernorm_gelu_scale"));
  ASSERT_TRUE(actions.run("problem.scalar", "scale=-0.5"));
  EXPECT_EQ((*app)->setup.request()->scalars, (tuner::Scalars{{"scale", -0.5}}));
  EXPECT_THAT(actions.run("problem.scalar", "scale").error().message(), HasSubstr("sets no scalar"));
  EXPECT_THAT(actions.run("problem.scalar", "scale=half").error().message(), HasSubstr("'half' is no number"));
  EXPECT_THAT(actions.run("problem.scalar", "scael=1").error().message(), HasSubstr("there are eps, scale"));
  EXPECT_EQ((*app)->setup.request()->scalars, (tuner::Scalars{{"scale", -0.5}})) << "what was set stays";
}

}  // namespace
}  // namespace fuseline::app::gui
