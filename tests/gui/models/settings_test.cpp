// Settings are on disk while the program runs, and a file that cannot be read is not lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class KeptSettingsTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<App> open() const {
    AppOptions options;
    options.data = tuner::data_folder();
    options.db = ":memory:";
    options.worker_program = "/nonexistent/fuseline-worker";
    options.settings = file;
    auto made = App::create(std::move(options));
    EXPECT_TRUE(made) << made.error().message();
    return made ? std::move(*made) : nullptr;
  }
  TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "config" / "gui.json";
};

TEST_F(KeptSettingsTest, AreWrittenAsTheyChange) {
  const auto app = open();
  ASSERT_TRUE(app);
  app->keep_settings();
  ASSERT_TRUE(std::filesystem::exists(file)) << "a program that is killed loses nothing";
  ASSERT_TRUE(app->actions.run("view.theme", "light"));
  ASSERT_TRUE(app->actions.run("problem.choose", "softmax_bias_scale_sigmoid"));
  app->keep_settings();
  EXPECT_THAT(tuner::read_file(file).value(), HasSubstr("\"dark\": true")) << "not every frame";
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  app->keep_settings();
  const std::string text = tuner::read_file(file).value();
  EXPECT_THAT(text, HasSubstr("\"dark\": false"));
  EXPECT_THAT(text, HasSubstr("softmax_bias_scale_sigmoid"));
  const auto written = std::filesystem::last_write_time(file);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  app->keep_settings();
  EXPECT_EQ(std::filesystem::last_write_time(file), written) << "nothing changed";
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path()))
    EXPECT_EQ(entry.path(), file) << "no temporary file stays";
}

TEST_F(KeptSettingsTest, ABrokenFileIsKeptBesideTheNewOne) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << "{\"dark\": fal";
  const auto app = open();
  ASSERT_TRUE(app);
  ASSERT_FALSE(app->messages.all().empty());
  EXPECT_THAT(app->messages.all().front().advice, HasSubstr("gui.json.broken"));
  ASSERT_TRUE(app->save());
  EXPECT_EQ(tuner::read_file(file.string() + ".broken").value(), "{\"dark\": fal");
  EXPECT_THAT(tuner::read_file(file).value(), HasSubstr("fuseline/gui/1"));
}

TEST(Settings, TheTableIsRememberedAsItWas) {
  const std::string file = ::testing::TempDir() + "table_gui.json";
  Settings settings;
  settings.table.order = {"time", "sequence"};
  settings.table.widths = {{"variant", 222.F}};
  settings.table.hidden = {"gbps"};
  settings.table.sort = "gbps";
  settings.table.descending = true;
  settings.table.filter = "block=256 time<0.6";
  settings.plot_theme = "light";
  settings.also_targets = {"rtx5090"};
  settings.roofline_view = "instructions";
  settings.last_store = "/somewhere/runs.db";
  settings.last_run = 12;
  settings.worker_places = {"host gpubox:4"};
  settings.pins = {{"/somewhere/runs.db", 12, "", 3, true}, {"", 0, "/a/recording.json", std::nullopt, false}};
  const Layout layout(default_panels());
  ASSERT_TRUE(save_settings(file, settings_text(settings, layout)));
  Settings read;
  Layout placed(default_panels());
  const auto loaded = load_settings(file, read, placed);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(read.table.order, settings.table.order);
  EXPECT_EQ(read.table.widths, settings.table.widths);
  EXPECT_EQ(read.table.hidden, settings.table.hidden);
  EXPECT_EQ(read.table.sort, "gbps");
  EXPECT_TRUE(read.table.descending);
  EXPECT_EQ(read.table.filter, settings.table.filter);
  EXPECT_EQ(read.plot_theme, "light");
  EXPECT_EQ(read.worker_places, settings.worker_places);
  EXPECT_EQ(read.pins, settings.pins);
  EXPECT_EQ(read.also_targets, settings.also_targets);
  EXPECT_EQ(read.roofline_view, "instructions");
  EXPECT_EQ(read.last_store, settings.last_store);
  EXPECT_EQ(read.last_run, 12);
}

}  // namespace
}  // namespace fuseline::app::gui
