// The program without its window: sweeps replayed to their end, runs opened, annotated, deleted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <tuple>

#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/package/packages.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class AppTest : public ::testing::Test {
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
  void sweep() {
    act("run.first");
    ASSERT_TRUE(update_until(*app, [&] { return !app->control.active() && app->control.snapshot() != nullptr; }));
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  }
  std::unique_ptr<App> app;
};

TEST_F(AppTest, AReplayedSweepFillsEveryModelAndIsKept) {
  sweep();
  ASSERT_GT(app->data.rows().size(), 50U);
  EXPECT_TRUE(app->data.replayed());
  EXPECT_EQ(app->results.order().size(), app->data.rows().size());
  EXPECT_GT(app->scene.marks().size(), 50U);
  ASSERT_TRUE(app->data.best());
  EXPECT_EQ(app->data.rows()[app->results.order().front()].evaluation->sequence, *app->data.best());
  ASSERT_EQ(app->history.runs().size(), 1U);
  EXPECT_EQ(app->history.runs()[0].state, tuner::RunState::finished);
  bool said = false;
  for (const Message& message : app->messages.all()) said = said || message.text.find("Replayed") != std::string::npos;
  EXPECT_TRUE(said);
}

TEST_F(AppTest, TheFirstSetupWithoutAGpuIsOneThatCanBeReplayed) {
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->setup.space.counting(); }));
  EXPECT_GT(app->setup.space.count().count.value_or(0), 0U) << app->setup.space.count().error;
  act("problem.choose", "bias_gelu");
  act("problem.shape", "small");  // Of which there is no recording.
  ASSERT_TRUE(update_until(*app, [&] { return !app->setup.space.count().error.empty(); }));
  const SpaceCount count = app->setup.space.count();
  EXPECT_THAT(count.error, HasSubstr("no recording"));
  EXPECT_LT(count.error.size(), count.detail.size());
}

TEST_F(AppTest, ANarrowedSweepRunsOnlyWhatTheCountSaid) {
  act("problem.choose", "layernorm_gelu_scale");
  act("device.choose", "replay:h200");
  act("space.narrow", "block=256");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->setup.space.counting(); }));
  const auto count = app->setup.space.count();
  ASSERT_TRUE(count.count && *count.count > 0) << count.error;
  act("run.start");
  ASSERT_TRUE(update_until(*app, [&] { return !app->control.active() && app->control.snapshot() != nullptr; }));
  EXPECT_EQ(app->data.rows().size(), *count.count);
}

TEST_F(AppTest, SelectionCopiesAndComparisonsFollowActions) {
  sweep();
  std::string clipboard;
  app->set_clipboard = [&](const std::string& text) { clipboard = text; };
  EXPECT_FALSE(app->actions.run("copy.text")) << "nothing is selected";
  act("select.best");
  act("copy.command");
  EXPECT_THAT(clipboard, HasSubstr("fuseline sweep"));
  EXPECT_THAT(clipboard, HasSubstr("--variant"));
  EXPECT_FALSE(app->actions.run("compare.selected"));
  act("select.rows", "0,1");
  act("compare.selected");
  EXPECT_EQ(app->layout.active(Area::right_bottom), "compare");
  EXPECT_FALSE(app->actions.run("select.rows", "99999999"));
}

TEST_F(AppTest, TheSlowestThatTheFilterLeavesIsComparedInOneAction) {
  EXPECT_FALSE(app->actions.run("compare.slowest")) << "there is no run";
  sweep();
  const auto slowest = [this] {
    act("compare.slowest");
    EXPECT_EQ(app->layout.active(Area::right_bottom), "compare");
    return app->data.by_sequence(app->selection.primary().value());
  };
  const Row* all = slowest();
  for (const Row& row : app->data.rows()) EXPECT_FALSE(row.ok() && row.time_ms > all->time_ms) << row.time_ms;
  act("results.filter", "time<" + std::to_string(all->time_ms / 2));
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_LT(slowest()->time_ms, all->time_ms / 2);
}

TEST_F(AppTest, TheNextTargetIsProjectedOnAndTheLastIsFollowedByTheFirst) {
  sweep();
  const std::string first = app->data.info().target->name;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < app->devices.targets().size(); ++i) {
    act("target.next");
    EXPECT_TRUE(seen.insert(app->data.info().target->name).second) << "each once";
    EXPECT_EQ(app->setup.how.target, app->data.info().target->name);
  }
  EXPECT_EQ(app->data.info().target->name, first);
}

TEST_F(AppTest, ResultAndRooflineAreWrittenTogetherAndNeitherIsReplacedUnasked) {
  sweep();
  const TemporaryFolder folder;
  act("export.pair");
  ASSERT_TRUE(app->dialogs.export_);
  app->dialogs.export_file = folder.file("best.json");
  folder.write("best.roofline.svg", "of somebody else");
  answer_export(*app, false);
  EXPECT_EQ(app->dialogs.export_asks, folder.file("best.roofline.svg"));
  EXPECT_FALSE(std::filesystem::exists(folder.file("best.json"))) << "not the half of it";
  answer_export(*app, true);
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_FALSE(app->dialogs.export_);
  EXPECT_THAT(tuner::read_file(folder.file("best.json")).value(), HasSubstr("\"problem\""));
  EXPECT_THAT(tuner::read_file(folder.file("best.roofline.svg")).value(), HasSubstr("</svg>"));
  EXPECT_THAT(app->messages.all().back().text, HasSubstr("best.json and "));
}

TEST_F(AppTest, TheRunOnShowIsNamedAndComparedWithByOneAction) {
  EXPECT_FALSE(app->actions.run("history.name_dialog")) << "nothing is on show";
  sweep();
  sweep();
  act("history.name_dialog");
  EXPECT_EQ(app->dialogs.annotating, app->data.info().id);
  EXPECT_TRUE(app->dialogs.naming);
  act("history.note_dialog", "1");
  EXPECT_FALSE(app->dialogs.naming);
  act("history.compare_shown", "1");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_EQ(app->history.compared(), (std::pair<std::string, std::string>{"run 1", "run 2"}));
  EXPECT_FALSE(app->actions.run("history.compare_shown", "99"));
}

TEST_F(AppTest, RunsAreOpenedAnnotatedAndDeleted) {
  sweep();
  const std::int64_t id = app->history.runs().front().id;
  act("history.annotate", std::to_string(id) + "=a note = with signs");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_EQ(app->history.runs().front().note, "a note = with signs");
  EXPECT_THAT(app->history.line_of(id), ::testing::AllOf(::testing::StartsWith(std::to_string(id).insert(0, "Run ")),
                                                         HasSubstr(app->history.runs().front().problem),
                                                         HasSubstr(", best "), HasSubstr(" evaluated")))
      << "what is deleted is told by more than a number";
  EXPECT_EQ(app->history.line_of(99), "Run 99");
  EXPECT_EQ(differences("a lanes=16 block=128", "a lanes=8 block=128"),
            (std::pair<std::string, std::string>{"lanes=16", "lanes=8"}));
  act("history.open", std::to_string(id));
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_FALSE(app->watching());
  EXPECT_GT(app->data.rows().size(), 50U);
  act("run.watch");
  EXPECT_TRUE(app->watching());
  act("history.remove", std::to_string(id));
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_TRUE(app->history.runs().empty());
}

TEST_F(AppTest, TwoRunsAreComparedByTheirNumbers) {
  sweep();
  sweep();
  ASSERT_EQ(app->history.runs().size(), 2U);
  act("history.compare", "1,2");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  ASSERT_TRUE(app->history.comparison());
  EXPECT_DOUBLE_EQ(app->history.comparison()->change, 0) << "the same recording";
  EXPECT_EQ(app->history.compared(), (std::pair<std::string, std::string>{"run 1", "run 2"}));
  EXPECT_FALSE(app->actions.run("history.compare", "1"));
  app->history.mark(1, true);
  app->history.mark(2, true);
  act("history.remove", "1");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_EQ(app->history.marked(), std::set<std::int64_t>{2}) << "what is gone cannot be compared";
  EXPECT_FALSE(app->history.comparison());
}

TEST(SharedStore, ASweepOfAnotherProgramAppearsAndGoesOnWhereItIsShown) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "runs.db").string();
  AppOptions options;
  options.data = tuner::data_folder();
  options.db = file;
  options.worker_program = "/nonexistent/fuseline-worker";
  auto app = App::create(options).value();
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  app->watch_store();

  auto other = tuner::Store::open(file).value();
  tuner::RunInfo running = info();
  running.id = 0;
  running.state = tuner::RunState::running;
  ASSERT_TRUE(other->create_run(running));
  ASSERT_TRUE(other->append(running.id, evaluation(0, "a", 128, 0.9)));
  const auto watched_until = [&](auto&& done) {
    return update_until(*app, [&] {
      app->watch_store();
      return done();
    });
  };
  ASSERT_TRUE(watched_until([&] { return app->history.runs().size() == 1; }));
  ASSERT_TRUE(app->actions.run("history.open", std::to_string(running.id)));
  ASSERT_TRUE(watched_until([&] { return app->data.rows().size() == 1; }));
  ASSERT_TRUE(other->append(running.id, evaluation(1, "a", 256, 0.5)));
  EXPECT_TRUE(watched_until([&] { return app->data.rows().size() == 2; }))
      << "a sweep of the command line goes on in the window";
}

TEST_F(AppTest, AWorkerThatCannotBeStartedIsAMessageAndNothingElse) {
  act("device.choose", "cuda:0");
  act("search.worker", "/nonexistent/worker");
  act("run.start");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  ASSERT_FALSE(app->messages.all().empty());
  EXPECT_EQ(app->messages.all().back().severity, Severity::error);
  act("search.worker", "");
  sweep();
}

TEST_F(AppTest, WhatLaunchesFollowIsChosenInOneWord) {
  for (const std::string after : {"clean", "producer", "itself"}) {
    act("search.after", after);
    EXPECT_EQ(app->setup.how.after, after);
  }
  for (const std::string wrong : {"", "unsettled", "warm"}) EXPECT_FALSE(app->actions.run("search.after", wrong));
  EXPECT_EQ(app->setup.how.after, "itself");
  act("search.after", "problem");
  EXPECT_EQ(app->setup.how.after, "");
}

TEST_F(AppTest, FilesThatAreNoRecordingsAreRefusedByName) {
  act("file.open", "/nonexistent/recording.json");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_THAT(app->messages.all().back().text, HasSubstr("/nonexistent/recording.json"));
}

TEST(AppAtStart, AFolderThatDoesNotLoadIsAMessageAndNothingElse) {
  const TemporaryFolder folder;
  folder.write("mine/problem.json", "{");
  const auto app = make_app({folder.path()});
  ASSERT_TRUE(app) << app.error().message();
  ASSERT_FALSE((*app)->messages.all().empty());
  const Message& message = (*app)->messages.all().front();
  EXPECT_EQ(message.severity, Severity::warning);
  EXPECT_THAT(message.text, HasSubstr("left out: " + (folder.path() / "mine" / "problem.json").string()));
  EXPECT_FALSE((*app)->catalog->entries().empty());
}

TEST_F(AppTest, AResultIsComparedWithTheRunOnShow) {
  const std::string file = ::testing::TempDir() + "best_to_compare.json";
  sweep();
  act("export.json", file);
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  act("file.open", file);
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && app->history.comparison().has_value(); }))
      << app->messages.all().back().text;
  EXPECT_FALSE(app->history.comparison()->regression) << "with itself";
  EXPECT_DOUBLE_EQ(app->history.comparison()->change, 0);
}

TEST_F(AppTest, AResultIsOpenedWhereThereIsNothingToCompareWith) {
  const std::string file = ::testing::TempDir() + "best_to_open.json";
  sweep();
  act("export.json", file);
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  const double best = app->history.runs().front().best_ms.value();
  SetUp();
  act("file.open", file);
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->data.empty(); })) << app->messages.all().back().text;
  EXPECT_DOUBLE_EQ(app->data.rows().front().evaluation->measurement.time_ms.median, best);
  EXPECT_EQ(app->data.info().recording, file);
}

TEST_F(AppTest, AsksBeforeARunIsDeletedAndWritesItsNote) {
  sweep();
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->history.runs().empty(); }));
  const std::string id = std::to_string(app->history.runs().front().id);
  act("history.note_dialog", id);
  EXPECT_TRUE(app->dialogs.modal());
  app->dialogs.annotating = 0;
  act("history.remove_dialog", id);
  EXPECT_TRUE(app->dialogs.modal());
  EXPECT_FALSE(app->history.runs().empty()) << "asked, not done";
  EXPECT_FALSE(app->actions.run("history.remove_dialog", "4711"));
  EXPECT_FALSE(app->actions.run("menu.open", "edit"));
  EXPECT_FALSE(app->actions.run("panel.move", "why=middle"));
  act("panel.move", "why=left_top");
}

TEST_F(AppTest, RunsAreFoundByTheirWordsAndOrdered) {
  sweep();
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->history.runs().empty(); }));
  const std::size_t all = app->history.found().size();
  EXPECT_EQ(all, app->history.runs().size());
  HistoryModel& history = app->history;
  history.query = app->history.runs().front().problem.substr(0, 5) + "  h200";
  EXPECT_EQ(history.found().size(), all);
  history.query = "no such word";
  EXPECT_TRUE(history.found().empty());
  history.query.clear();
  sweep();
  ASSERT_TRUE(update_until(*app, [&] { return app->idle() && history.runs().size() == all + 1; }));
  history.order = HistoryModel::Order::best;
  const auto runs = history.found();
  for (std::size_t i = 1; i < runs.size(); ++i) EXPECT_LE(runs[i - 1]->best_ms.value(), runs[i]->best_ms.value());
}

TEST_F(AppTest, APackageOfEveryKindIsWrittenWithEveryOption) {
  const TemporaryFolder folder;
  const std::string package = (folder.path() / "fused_ops").string();
  std::ofstream(folder.path() / "script.json") << "{}";
  app->options.workers = {"'" FUSELINE_BIN_DIR "/scripted_worker' '" + (folder.path() / "script.json").string() + "'"};
  sweep();
  app->dialogs.package.capabilities = "80, 86";
  app->dialogs.package.distil = "1";
  for (const tuner::PackageKind& kind : tuner::package_kinds()) {
    const std::string written = package + "_" + kind.id;
    act("export." + kind.id, written);
    ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
    const auto wisdom = tuner::read_json_file(written + "/wisdom.json", {});
    ASSERT_TRUE(wisdom) << app->messages.all().back().text;
    EXPECT_TRUE(std::filesystem::exists(written + "/" + kind.mark)) << kind.id;
    EXPECT_TRUE(wisdom->at("entries")[0].contains("untuned")) << kind.id;
    EXPECT_EQ(wisdom->at("entries").size(), 4U) << "the GPU measured, an RTX 4090, and one of each capability";
    EXPECT_THAT(app->messages.all().back().text, HasSubstr("4 entries, 8 images"));
  }
}

TEST_F(AppTest, WhatAPackageCannotBeMadeOfIsSaid) {
  sweep();
  PackageChoice& choice = app->dialogs.package;
  for (const auto& [member, text, reason] :
       {std::tuple(&PackageChoice::capabilities, "80,hopper", "'hopper' is no compute capability such as 86"),
        std::tuple(&PackageChoice::capabilities, "8", "'8' is no compute capability"),
        std::tuple(&PackageChoice::distil, "0", "'0' is no number of configurations"),
        std::tuple(&PackageChoice::distil, "2,3", "one number of configurations"),
        std::tuple(&PackageChoice::runs, "1,x", "'x' is no run's number")}) {
    choice = {};
    choice.*member = text;
    const auto result = app->actions.run("export.torch", "/nowhere/fused_ops");
    ASSERT_FALSE(result) << text;
    EXPECT_THAT(result.error().message(), HasSubstr(reason));
  }
  choice = {};
  choice.runs = "4711";
  act("export.torch", "/nowhere/fused_ops");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_THAT(app->messages.all().back().text, HasSubstr("4711"));
  choice = {};
  act("export.torch", "/nowhere/fused_ops");
  ASSERT_TRUE(update_until(*app, [&] { return app->idle(); }));
  EXPECT_THAT(app->messages.all().back().text, HasSubstr("there is no such worker program"));
}

TEST_F(AppTest, EffectsAndProgressAreWorkedOutInTheBackground) {
  sweep();
  ASSERT_TRUE(update_until(*app, [&] { return app->effects() != nullptr && app->convergence() != nullptr; }));
  EXPECT_GT(app->effects()->parameters.size(), 2U);
  EXPECT_FALSE(app->convergence()->samples.empty());
}

TEST_F(AppTest, ClosingDuringASweepStopsItAndKeepsTheStore) {
  act("run.first");
  auto store = app->store;
  app.reset();
  const auto runs = store->runs();
  ASSERT_TRUE(runs);
  for (const tuner::RunSummary& run : *runs) EXPECT_NE(run.state, tuner::RunState::running);
}

}  // namespace
}  // namespace fuseline::app::gui
