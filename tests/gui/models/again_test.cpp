// Measuring the same configurations again after an edit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "app/gui/models/facts.hpp"
#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

AgainEntry entry_of(double before_ms, double after_ms) {
  AgainEntry entry;
  entry.before = evaluation(3, "a", 128, before_ms).measurement;
  entry.after = evaluation(0, "a", 128, after_ms).measurement;
  for (tuner::Measurement* one : {&entry.before, &*entry.after}) {
    one->samples_ms.clear();
    for (int i = 0; i < 20; ++i) one->samples_ms.push_back(one->time_ms.median * (1 + 0.001 * (i - 10)));
  }
  return entry;
}

TEST(Again, IsFasterSlowerOrCannotBeTold) {
  EXPECT_EQ(again_verdict(entry_of(0.5, 0.4)), AgainVerdict::faster);
  EXPECT_EQ(again_verdict(entry_of(0.4, 0.5)), AgainVerdict::slower);
  EXPECT_EQ(again_verdict(entry_of(0.5, 0.5005)), AgainVerdict::cannot_tell);
  EXPECT_NEAR(again_ratio(entry_of(0.5, 0.4)).ratio, 0.8, 1e-12);
  AgainEntry few = entry_of(0.5, 0.4);
  few.after->samples_ms.resize(3);
  EXPECT_EQ(again_verdict(few), AgainVerdict::cannot_tell) << "three samples bound nothing";
  AgainEntry wrong = entry_of(0.5, 0.4);
  wrong.after->outcome = tuner::Outcome::incorrect;
  wrong.after->reason = "off by one";
  EXPECT_EQ(again_verdict(wrong), AgainVerdict::failed);
  EXPECT_EQ(again_text(wrong), "incorrect: off by one");
  wrong.after.reset();
  EXPECT_EQ(again_verdict(wrong), AgainVerdict::waiting);
}

/// A sweep of a user's problem by a worker whose times a file says.
class AgainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(FUSELINE_SOURCE_DIR) / "tests/data/user_problem",
                          folder.path() / "mine", std::filesystem::copy_options::recursive);
    auto made = make_app({folder.path() / "mine"});
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
    act("problem.choose", "scale_add");
    act("problem.shape", "small");
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << result.error().message();
  }
  void sweep() {
    work(1.0);
    act("search.worker",
        std::string(FUSELINE_BIN_DIR) + "/scripted_worker " + (folder.path() / "worker.json").string());
    act("search.budget", "6");
    act("run.start");
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && app->control.sweeps_ended() == 1; }));
    ASSERT_TRUE(app->data.best());
  }
  /// How the worker behaves from its next start on.
  void work(double factor, const nlohmann::json& rules = nlohmann::json::array()) const {
    nlohmann::json times = nlohmann::json::object();
    int i = 0;
    for (const char* order : {"plain", "fused"}) {
      for (const int block : {64, 128, 256}) {
        for (const int items : {1, 2, 4, 8})
          times["strided block=" + std::to_string(block) + " items=" + std::to_string(items) + " order=" + order] =
              factor * (0.4 + 0.01 * ++i);
      }
    }
    std::ofstream(folder.path() / "worker.json")
        << nlohmann::json{{"times", times}, {"rules", rules}, {"log", (folder.path() / "worker.log").string()}}.dump();
  }
  void edit(const std::string& text) const { std::ofstream(folder.path() / "mine/strided.cu", std::ios::app) << text; }
  bool until_done() {
    return update_until(*app, [&] {
      app->watch_problems();
      return app->idle() && !app->again.active() && !app->again.entries().empty();
    });
  }
  [[nodiscard]] std::string said() const {
    std::string all;
    for (const Message& message : app->messages.all()) all += message.text + "\n";
    return all;
  }
  TemporaryFolder folder;
  std::unique_ptr<App> app;
};

TEST_F(AgainTest, TheBestThreeAreMeasuredBesideWhatTheyTook) {
  sweep();
  const std::size_t rows = app->data.rows().size();
  const auto best = app->data.best_row()->evaluation;
  work(0.5);
  act("run.again");
  ASSERT_TRUE(until_done());
  ASSERT_EQ(app->again.entries().size(), kAgainBest);
  const AgainEntry& first = app->again.entries().front();
  EXPECT_EQ(first.sequence, best->sequence);
  EXPECT_EQ(first.before.time_ms.median, best->measurement.time_ms.median);
  for (const AgainEntry& entry : app->again.entries()) {
    ASSERT_TRUE(entry.after) << entry.failure;
    EXPECT_NEAR(again_ratio(entry).ratio, 0.5, 0.02) << again_text(entry);
    EXPECT_EQ(again_verdict(entry), AgainVerdict::faster);
  }
  EXPECT_EQ(app->data.rows().size(), rows) << "the run that they are of stays on show";
  std::size_t beside = 0;
  for (const tuner::RooflineMark& mark : app->scene.frame().marks)
    beside += mark.label.find("measured again") != std::string::npos ? 1 : 0;
  EXPECT_EQ(beside, kAgainBest) << "and they are marks beside it";
  EXPECT_THAT(said(), HasSubstr("faster"));
  const auto facts = session_facts(*app);
  ASSERT_EQ(facts["again"].size(), kAgainBest);
  EXPECT_EQ(facts["again"][0]["verdict"], "faster");
  EXPECT_EQ(facts["again"][0]["before_ms"], best->measurement.time_ms.median);
  EXPECT_NEAR(facts["again"][0]["ratio"].get<double>(), 0.5, 0.02);
  EXPECT_EQ(facts["best_ms"], best->measurement.time_ms.median) << "of the run on show, which is the one before";
  EXPECT_TRUE(facts["compiled"].is_null());
  EXPECT_TRUE(facts["lines"].is_null());
  EXPECT_THAT(facts["errors"], IsEmpty());
  app->show_run(small_run());
  app->update();
}

TEST_F(AgainTest, ASaveMeasuresWhatIsSelectedAndTellsWhatFails) {
  sweep();
  act("select.best");
  act("run.again_on_save");
  work(1, {{{"match", "strided"}, {"at", "time"}, {"do", "outcome"}, {"outcome", "compile_error"}, {"times", 1000}}});
  app->folder_watch.take(app->problem_folders());  // As it is now: what comes after is a change.
  edit("\nbroken\n");
  ASSERT_TRUE(until_done());
  ASSERT_EQ(app->again.entries().size(), 1U);
  EXPECT_EQ(again_verdict(app->again.entries()[0]), AgainVerdict::failed);
  EXPECT_THAT(again_text(app->again.entries()[0]), HasSubstr("compile_error"));
}

TEST_F(AgainTest, ARecordingCannotBeMeasuredAgain) {
  app->show_run(small_run());
  app->update();
  act("device.choose", "replay:h200");
  const auto refused = app->actions.run("run.again");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("a recording cannot be measured again"));
  EXPECT_THAT(app->again.entries(), IsEmpty());
}

}  // namespace
}  // namespace fuseline::app::gui
