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

}  // namespace
}  // namespace fuseline::app::gui
