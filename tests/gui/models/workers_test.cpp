// Places for workers: written as the command line takes them, tried, used, remembered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/gui/models/support.hpp"
#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class WorkersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = make_app();
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    std::ofstream(folder.file("worker.json")) << "{}";
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << result.error().message();
  }
  [[nodiscard]] std::string refused(const std::string& id, const std::string& value) const {
    const auto result = app->actions.run(id, value);
    return result ? "done" : result.error().message();
  }
  void settle() {
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  }
  TemporaryFolder folder;
  std::unique_ptr<App> app;
};

TEST_F(WorkersTest, AWorkerIsTriedByItsGreetingAndThenUsed) {
  const std::string command = std::string(FUSELINE_BIN_DIR) + "/scripted_worker " + folder.file("worker.json");
  act("workers.add", "command  " + command);
  const std::string place = "command " + command;
  EXPECT_THAT(app->workers.texts(), ElementsAre(place));
  EXPECT_THAT(refused("workers.use", place), HasSubstr("try it first"));
  act("workers.try", place);
  EXPECT_EQ(app->workers.places().front().state, WorkerPlace::State::trying);
  EXPECT_THAT(refused("workers.try", place), HasSubstr("being tried"));
  settle();
  const WorkerPlace& tried = app->workers.places().front();
  ASSERT_EQ(tried.state, WorkerPlace::State::answered) << tried.said;
  ASSERT_FALSE(tried.gpus.empty());
  EXPECT_THAT(tried.gpus.front(), HasSubstr(", driver "));
  act("workers.use", place);
  EXPECT_THAT(app->setup.how.workers, ElementsAre(command));
  EXPECT_EQ(app->setup.how.device, "auto");
}

TEST_F(WorkersTest, WhatDoesNotAnswerSaysWhy) {
  act("workers.add", "command /nonexistent/fuseline-worker");
  act("workers.try", "command /nonexistent/fuseline-worker");
  settle();
  EXPECT_EQ(app->workers.places().front().state, WorkerPlace::State::failed);
  EXPECT_THAT(app->workers.places().front().said, HasSubstr("/nonexistent/fuseline-worker"));
  const EnvironmentVariable ssh("FUSELINE_SSH", "/nonexistent/ssh");
  act("workers.add", "host gpubox:4");
  act("workers.try", "host gpubox:4");
  settle();
  EXPECT_EQ(app->workers.find("host gpubox:4")->state, WorkerPlace::State::failed);
  EXPECT_FALSE(app->workers.find("host gpubox:4")->said.empty());
  act("workers.remove", "host gpubox:4");
  EXPECT_EQ(app->workers.find("host gpubox:4"), nullptr);
}

TEST_F(WorkersTest, APlaceIsWrittenAsTheCommandLineTakesIt) {
  EXPECT_EQ(refused("workers.add", "host me@gpubox:2"), "done");
  EXPECT_EQ(refused("workers.add", "slurm 4 --partition=gpu"), "done");
  EXPECT_THAT(refused("workers.add", "slurm 4 --partition=gpu"), HasSubstr("already"));
  EXPECT_THAT(refused("workers.add", "slurm many"), HasSubstr("number of workers"));
  EXPECT_THAT(refused("workers.add", "slurm 0"), HasSubstr("number of workers"));
  EXPECT_THAT(refused("workers.add", "host -oProxyCommand=x"), Not(HasSubstr("done")));
  EXPECT_THAT(refused("workers.add", "host gpubox:none"), Not(HasSubstr("done")));
  EXPECT_THAT(refused("workers.add", "gpubox"), HasSubstr("host NAME[:N]"));
  EXPECT_THAT(refused("workers.add", "host"), HasSubstr("follow"));
  EXPECT_THAT(refused("workers.remove", "host other"), HasSubstr("no place"));
  EXPECT_EQ(app->workers.places().size(), 2U);
}

}  // namespace
}  // namespace fuseline::app::gui
