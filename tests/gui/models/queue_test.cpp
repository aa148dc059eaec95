// Sweeps that wait for one another, and what becomes of deleted and named runs.
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

class QueueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = make_app();
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
    act("problem.choose", "layernorm_gelu_scale");
    act("device.choose", "replay:h200");
    act("search.budget", "20");
    settle();
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << id << ": " << result.error().message();
  }
  void settle() {
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && app->queue.empty(); }));
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  }
  [[nodiscard]] std::vector<std::string> titles() const {
    std::vector<std::string> all;
    for (const QueuedSweep& each : app->queue.waiting()) all.push_back(each.title.substr(0, each.title.find(' ')));
    return all;
  }
  std::unique_ptr<App> app;
};

TEST_F(QueueTest, StartingWhileOneRunsAsksAndTheQueueIsSweptInItsOrder) {
  act("run.start");
  ASSERT_TRUE(app->control.active());
  act("run.start");
  EXPECT_TRUE(app->dialogs.queueing) << "asked, not done";
  EXPECT_TRUE(app->queue.empty());
  act("problem.choose", "bias_gelu");
  act("run.queue");
  EXPECT_FALSE(app->dialogs.queueing);
  act("problem.choose", "softmax_bias_scale_sigmoid");
  act("run.queue");
  EXPECT_THAT(titles(), ElementsAre("bias_gelu", "softmax_bias_scale_sigmoid"));
  EXPECT_THAT(app->queue.waiting()[0].title, ::testing::HasSubstr("replayed from the recording h200"));
  act("queue.earlier", std::to_string(app->queue.waiting()[1].id));
  EXPECT_THAT(titles(), ElementsAre("softmax_bias_scale_sigmoid", "bias_gelu"));
  act("queue.earlier", std::to_string(app->queue.waiting()[0].id));
  EXPECT_EQ(titles().front(), "softmax_bias_scale_sigmoid") << "at the front it stays";
  settle();
  ASSERT_EQ(app->history.runs().size(), 3U);
  EXPECT_EQ(app->history.runs()[0].problem, "bias_gelu");
  EXPECT_EQ(app->history.runs()[1].problem, "softmax_bias_scale_sigmoid");
  EXPECT_EQ(app->data.info().problem, "bias_gelu") << "the sweep is on show";
}

TEST_F(QueueTest, AFailedSweepDoesNotStopTheQueue) {
  act("run.start");
  act("device.choose", "replay:/nonexistent/recording.json");
  act("run.queue");
  act("device.choose", "replay:h200");
  act("problem.choose", "bias_gelu");
  act("run.queue");
  settle();
  EXPECT_EQ(app->history.runs().front().problem, "bias_gelu");
  EXPECT_EQ(app->history.runs().size(), 2U);
  bool said = false;
  for (const Message& message : app->messages.all())
    said = said || (message.severity == Severity::error && message.text.find("/nonexistent") != std::string::npos);
  EXPECT_TRUE(said);
}

TEST_F(QueueTest, WhatIsTakenOutIsNotSwept) {
  act("run.start");
  act("problem.choose", "bias_gelu");
  act("run.queue");
  EXPECT_FALSE(app->actions.run("queue.remove", "99"));
  EXPECT_FALSE(app->actions.run("queue.remove", "first"));
  act("queue.remove", std::to_string(app->queue.waiting().front().id));
  EXPECT_FALSE(app->actions.run("queue.clear")) << "it is empty";
  settle();
  EXPECT_EQ(app->history.runs().size(), 1U);
}

TEST_F(QueueTest, AStopHoldsTheQueueUntilSomebodyGoesOn) {
  // On a busy machine a replay may have ended before the stop gets to it: then the queue went on, rightly, and it is
  // stopped once more.
  const auto stopped = [this] {
    act("problem.choose", "layernorm_gelu_scale");
    act("search.budget", "");
    act("run.start");
    act("problem.choose", "bias_gelu");
    act("search.budget", "20");
    act("run.queue");
    act("run.stop");
    EXPECT_TRUE(update_until(*app, [&] { return app->idle() && !app->control.active(); }));
    return app->control.snapshot()->state == tuner::SessionState::interrupted;
  };
  bool held = stopped();
  for (int tries = 1; !held && tries < 10; ++tries) held = stopped();
  ASSERT_TRUE(held) << "no stop was in time";
  EXPECT_TRUE(app->queue.held());
  EXPECT_EQ(app->queue.waiting().size(), 1U);
  act("queue.go_on");
  settle();
  EXPECT_EQ(app->history.runs().front().problem, "bias_gelu");
}

TEST_F(QueueTest, TheDesktopIsToldOfTheEndWhereNobodyLooks) {
  const TemporaryFolder folder;
  const std::string program = folder.file("notify-send"), told = folder.file("told");
  std::ofstream(program) << "#!/bin/sh\nprintf '%s\\n' \"$@\" > " << told << "\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const char* path = std::getenv("PATH");
  const EnvironmentVariable with("PATH", folder.path().string() + ":" + (path == nullptr ? "" : path));
  act("run.start");
  settle();
  EXPECT_FALSE(std::filesystem::exists(told)) << "the window has the focus";
  app->window_focused = false;
  act("run.start");
  settle();
  const std::string text = tuner::read_file(told).value_or("");
  EXPECT_THAT(text, HasSubstr("Fuseline: layernorm_gelu_scale"));
  EXPECT_THAT(text, HasSubstr("20 configurations, best "));
}

TEST_F(QueueTest, RunsAreNamedTaggedFoundDeletedAndBroughtBack) {
  act("run.start");
  settle();
  const std::string id = std::to_string(app->history.runs().front().id);
  act("history.title", id + "=Before = the rewrite ");
  act("history.tags", id + "=paper  baseline");
  settle();
  EXPECT_EQ(app->history.runs().front().title, "Before = the rewrite");
  EXPECT_THAT(app->history.tags(), ElementsAre("baseline", "paper"));
  act("history.find", "tag:paper rewrite");
  EXPECT_EQ(app->history.found().size(), 1U);
  act("history.find", "tag:rewrite");
  EXPECT_TRUE(app->history.found().empty());
  act("history.note_dialog", id);
  EXPECT_EQ(app->dialogs.title, "Before = the rewrite");
  EXPECT_EQ(app->dialogs.tags, "paper baseline");
  app->dialogs.annotating = 0;
  EXPECT_FALSE(app->actions.run("history.undo")) << "nothing was deleted";
  act("history.remove", id);
  settle();
  EXPECT_TRUE(app->history.runs().empty());
  act("history.undo");
  settle();
  ASSERT_EQ(app->history.runs().size(), 1U);
  EXPECT_EQ(app->history.runs().front().title, "Before = the rewrite");
}

TEST_F(QueueTest, TheTrendIsOfTheRunsLikeTheOneOnShow) {
  const TemporaryFolder folder;
  for (const char* problem : {"layernorm_gelu_scale", "bias_gelu", "layernorm_gelu_scale"}) {
    act("problem.choose", problem);
    act("run.start");
    settle();
  }
  ASSERT_TRUE(update_until(*app, [&] { return app->history.like(app->data.info().id) != nullptr; }));
  EXPECT_EQ(app->history.like(app->data.info().id)->size(), 2U);
  const std::string file = folder.file("trend.svg");
  act("export.trend", file);
  settle();
  EXPECT_THAT(tuner::read_file(file).value_or(""), HasSubstr("best so far"));
}

}  // namespace
}  // namespace fuseline::app::gui
