// Files and folders from within the window: paths as typed, exports that ask, problems of the user's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>

#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Paths, AreAbsoluteWithTheHomeFolder) {
  EXPECT_TRUE(typed_path("  ").empty());
  EXPECT_EQ(typed_path(" /a/./b/../c.json "), "/a/c.json");
  EXPECT_EQ(typed_path("~/x.json"), std::filesystem::path(std::getenv("HOME")) / "x.json");
  EXPECT_EQ(typed_path("x.json"), std::filesystem::current_path() / "x.json");
}

TEST(Paths, AreCompletedFoldersFirst) {
  const TemporaryFolder folder;
  for (const char* name : {"sweep_a.json", "sweep_b.json", ".hidden"}) folder.write(name, "");
  folder.write("swept/inside.json", "");
  const std::string base = folder.path().string() + "/";
  const auto found = completions(base + "sw");
  EXPECT_THAT(found, ElementsAre(base + "swept/", base + "sweep_a.json", base + "sweep_b.json"));
  EXPECT_EQ(completed(base + "sw", found), base + "swe");
  EXPECT_EQ(completed(base + "sweep", completions(base + "sweep")), base + "sweep_");
  EXPECT_THAT(completions(base + "swept/"), ElementsAre(base + "swept/inside.json"));
  EXPECT_EQ(completions(base).size(), 3U) << "what is hidden stays so";
  EXPECT_THAT(completions(base + ".h"), ElementsAre(base + ".hidden"));
  EXPECT_TRUE(completions("/nowhere/at/all").empty());
  EXPECT_EQ(completed("as it was", {}), "as it was");
  EXPECT_EQ(completed("", {"\u00e4", "\u00f6"}), "") << "no half of a character";
}

/// PATH with a chooser in it that answers with a path.
class ChooserTest : public ::testing::Test {
 protected:
  void SetUp() override { before_ = std::getenv("PATH"); }
  void TearDown() override { ::setenv("PATH", before_.c_str(), 1); }
  void put(const std::string& name, const std::string& script) {
    const auto file = folder.write(name, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    ::setenv("PATH", (folder.path().string() + ":" + before_).c_str(), 1);
  }
  static bool closes(NativeChooser& chooser) {
    for (int i = 0; i < 2000; ++i) {
      if (chooser.poll()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  TemporaryFolder folder;
  std::string before_;
};

TEST_F(ChooserTest, TheDesktopsChooserGivesAPath) {
  put("zenity", "echo \"/chosen by/$1\"");
  std::string chosen;
  NativeChooser chooser;
  ASSERT_TRUE(
      chooser.start(NativeChooser::Kind::open, "/start", "Open", [&](const std::string& path) { chosen = path; }));
  EXPECT_TRUE(chooser.open());
  EXPECT_FALSE(chooser.start(NativeChooser::Kind::open, "", "", [](const std::string&) {})) << "one at a time";
  ASSERT_TRUE(closes(chooser));
  EXPECT_EQ(chosen, "/chosen by/--file-selection");
  EXPECT_FALSE(chooser.open());
  const auto words = NativeChooser::command(NativeChooser::Kind::save, "/a b.json", "Export");
  EXPECT_THAT(words, ::testing::Contains("--save"));
  EXPECT_THAT(words, ::testing::Contains("--filename=/a b.json"));
}

TEST_F(ChooserTest, AChooserThatIsLeftGivesNothing) {
  put("zenity", "exit 1");
  bool called = false;
  NativeChooser chooser;
  ASSERT_TRUE(chooser.start(NativeChooser::Kind::folder, "", "", [&](const std::string&) { called = true; }));
  ASSERT_TRUE(closes(chooser));
  EXPECT_FALSE(called);
}

TEST_F(ChooserTest, APlotIsCopiedByTheProgramThatKeepsPictures) {
  ::unsetenv("WAYLAND_DISPLAY");
  Background background;
  Messages messages;
  RunData data;
  data.show(small_run());
  const auto copy = [&] {
    const auto started = start_plot_copy(background, messages, data.freeze(), {"roofline", "", {}});
    EXPECT_TRUE(started) << started.error().message();
    EXPECT_TRUE(pump_until(background, [&] { return background.running() == 0; }));
    return messages.all().back().text;
  };
  put("xclip", "cp \"$6\" " + (folder.path() / "copied.png").string());
  EXPECT_EQ(copy(), "Copied as a picture: roofline");
  EXPECT_EQ(tuner::read_file(folder.path() / "copied.png").value().substr(1, 3), "PNG");
  put("xclip", "exit 1");
  EXPECT_THAT(copy(), HasSubstr("xclip exited with status 1"));
  ::setenv("PATH", "/nonexistent", 1);
  const auto refused = start_plot_copy(background, messages, data.freeze(), {"roofline", "", {}});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("wl-copy (Wayland) or xclip (X11)"));
}

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = make_app();
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << result.error().message();
  }
  void settle() {
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  }
  [[nodiscard]] std::string said() const {
    std::string all;
    for (const Message& message : app->messages.all()) all += message.text + "\n";
    return all;
  }
  /// The sources of a user's problem.
  void copy_problem() {
    std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/user_problem",
                          folder.path() / "mine", std::filesystem::copy_options::recursive);
  }
  TemporaryFolder folder;
  std::unique_ptr<App> app;
};

TEST_F(FilesTest, AnExportAsksBeforeItOverwritesAndSaysWhereItWrote) {
  app->show_run(small_run());
  app->update();
  const std::string file = folder.file("a.json");
  act("file.export");
  EXPECT_TRUE(std::filesystem::path(app->dialogs.export_file).is_absolute());
  app->dialogs.export_file = file;
  answer_export(*app, false);
  settle();
  EXPECT_FALSE(app->dialogs.export_);
  EXPECT_THAT(said(), HasSubstr("Wrote " + file));
  std::ofstream(file) << "of somebody else";
  act("file.export");
  app->dialogs.export_file = file;
  answer_export(*app, false);
  settle();
  EXPECT_TRUE(app->dialogs.export_) << "it stays and asks";
  EXPECT_EQ(app->dialogs.export_asks, file);
  EXPECT_EQ(tuner::read_file(file).value(), "of somebody else");
  answer_export(*app, true);
  settle();
  EXPECT_FALSE(app->dialogs.export_);
  EXPECT_THAT(tuner::read_file(file).value(), HasSubstr("\"schema\""));
}

TEST_F(FilesTest, AnExportThatFailsKeepsTheDialogAndTheFolder) {
  app->show_run(small_run());
  app->update();
  app->settings.export_folder = folder.path().string();
  act("export.csv");
  app->dialogs.export_file = folder.file("no/such/folder/a.csv");
  answer_export(*app, false);
  settle();
  EXPECT_TRUE(app->dialogs.export_);
  EXPECT_THAT(app->dialogs.export_error, HasSubstr("no/such/folder"));
  EXPECT_EQ(app->settings.export_folder, folder.path().string());
  app->dialogs.export_file = folder.path().string();
  answer_export(*app, true);
  EXPECT_THAT(app->dialogs.export_error, HasSubstr("is a folder"));
  act("export.csv");
  EXPECT_TRUE(app->dialogs.export_error.empty());
}

TEST_F(FilesTest, AFolderOfProblemsIsOpenedWatchedAndForgotten) {
  copy_problem();
  const auto mine = folder.path() / "mine";
  std::string name;
  act("file.open", mine.string());
  settle();
  ASSERT_THAT(app->settings.problem_folders, ElementsAre(mine.string())) << said();
  const auto entry = app->setup.choice.entry();
  ASSERT_FALSE(entry->built_in) << said();
  EXPECT_THAT(said(), HasSubstr("Problems of your own: " + entry->problem.name));
  const auto catalog = app->catalog;
  app->watch_problems();
  settle();
  EXPECT_EQ(app->catalog, catalog) << "nothing changed";

  std::filesystem::path json = mine / "problem.json";
  for (const auto& each : std::filesystem::recursive_directory_iterator(mine)) {
    if (each.path().filename() == "problem.json") json = each.path();
  }
  const std::string good = tuner::read_file(json).value();
  const std::string title = "\"title\": \"" + entry->problem.title + "\"";
  ASSERT_THAT(good, HasSubstr(title));
  std::string other = good;
  other.replace(other.find(title), title.size(), "\"title\": \"Another title\"");
  const auto look = [&](const std::function<bool()>& seen) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!seen() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      app->watch_problems();
      settle();
    }
    EXPECT_TRUE(seen()) << said();
  };
  const auto title_is = [&](const std::string& wanted) {
    return [&, wanted] { return app->setup.choice.entry()->problem.title == wanted; };
  };
  std::ofstream(json) << other;
  look(title_is("Another title"));

  std::ofstream(json) << "{ broken";
  look([&] { return said().find("left out: ") != std::string::npos; });
  EXPECT_EQ(app->setup.choice.entry()->problem.title, "Another title") << "what was read stays set up";
  std::ofstream(json) << good;
  look(title_is(entry->problem.title));

  std::string clipboard;
  app->set_clipboard = [&](const std::string& text) { clipboard = text; };
  act("copy.setup");
  EXPECT_THAT(clipboard, HasSubstr("--preset-path " + mine.string()));
  act("file.forget_folder", mine.string());
  settle();
  EXPECT_TRUE(app->settings.problem_folders.empty());
  EXPECT_FALSE(app->catalog->find(entry->problem.name));
}

TEST_F(FilesTest, AFolderWithoutProblemsIsAMessageAndNotRemembered) {
  act("file.open", folder.path().string());
  settle();
  EXPECT_THAT(said(), HasSubstr(folder.path().string()));
  EXPECT_TRUE(app->settings.problem_folders.empty());
}

TEST_F(FilesTest, AFolderThatIsGoneDoesNotKeepTheProgramFromStarting) {
  const auto started = make_app({"/nowhere/at/all"});
  ASSERT_TRUE(started) << started.error().message();
  EXPECT_THAT((*started)->messages.all().front().text, HasSubstr("/nowhere/at/all"));
  EXPECT_TRUE((*started)->setup.choice.entry());
}

TEST_F(FilesTest, FilesOpenedAreRememberedNewestFirst) {
  for (int i = 0; i < 20; ++i) app->remember_file("/f" + std::to_string(i));
  app->remember_file("/f12");
  EXPECT_EQ(app->settings.recent.size(), 12U);
  EXPECT_EQ(app->settings.recent[0], "/f12");
  EXPECT_EQ(app->settings.recent[1], "/f19");
}

}  // namespace
}  // namespace fuseline::app::gui
