// Pins: what is compared with whatever run is on show, the baseline's figures, and what is remembered of them.
#include "app/gui/models/pins.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/gui/models/session_file.hpp"
#include "app/gui/models/why_model.hpp"
#include "tests/gui/models/support.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Run 3: the same problem on another GPU, its best 0.5 ms.
tuner::Run other_run(const std::string& device = "NVIDIA A100") {
  tuner::Run run = run_of({evaluation(0, "a", 128, 0.5), evaluation(1, "a", 256, 1.0)});
  run.info.id = 3;
  run.info.device.name = device;
  return run;
}

class PinsTest : public ::testing::Test {
 protected:
  void SetUp() override { open(":memory:"); }
  void open(const std::string& db) {
    app.reset();
    AppOptions options;
    options.data = tuner::data_folder();
    options.db = db;
    options.worker_program = "/nonexistent/fuseline-worker";
    options.settings = folder.path() / "gui.json";
    auto made = App::create(options);
    ASSERT_TRUE(made) << made.error().message();
    app = std::move(*made);
    settle();
  }
  void settle() {
    ASSERT_TRUE(update_until(*app, [&] { return app->idle() && !app->devices.searching(); }));
  }
  void act(const std::string& id, const std::string& value = {}) {
    const auto result = app->actions.run(id, value);
    ASSERT_TRUE(result) << result.error().message();
    app->update();
  }
  void show(const tuner::Run& run) {
    app->show_run(std::make_shared<const tuner::Run>(run));
    app->update();
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Pin& pin : app->pins.ordered()) all.push_back(pin.name());
    return all;
  }
  [[nodiscard]] std::string cell(std::uint64_t sequence) const {
    return column_text(*app->data.by_sequence(sequence), std::string(kAgainstBaseline));
  }
  TemporaryFolder folder;
  std::unique_ptr<App> app;
};

TEST_F(PinsTest, TheFirstIsTheBaselineAndStaysWhateverRunIsOnShow) {
  show(*small_run());
  EXPECT_EQ(app->results.column(std::string(kAgainstBaseline)), nullptr) << "nothing is pinned";
  act("select.rows", "1");
  act("pin.configuration");
  EXPECT_THAT(names(), ElementsAre("run 7 #1"));
  ASSERT_NE(app->results.column(std::string(kAgainstBaseline)), nullptr);
  EXPECT_EQ(cell(0), "\u2248 +80 %") << "0.9 ms against 0.5, measured apart";
  EXPECT_EQ(cell(2), "\u2248 -20 %");
  EXPECT_EQ(cell(1), "baseline");
  EXPECT_EQ(cell(3), "") << "it did not work";
  EXPECT_FALSE(app->data.against_baseline(*app->data.by_sequence(1))) << "it is the baseline";
  EXPECT_LT(app->data.against_baseline(*app->data.by_sequence(2))->ratio, 0.81);
  show(other_run());
  EXPECT_EQ(cell(0), "\u2248 +0.0 %") << "0.5 ms against 0.5 of run 7";
  act("select.rows", "1");
  act("pin.baseline");
  EXPECT_THAT(names(), ElementsAre("run 3 #1", "run 7 #1"));
  EXPECT_EQ(cell(0), "\u2248 -50 %");
  act("pin.baseline", "run 7 #1");
  EXPECT_EQ(names().front(), "run 7 #1");
  EXPECT_FALSE(app->actions.run("pin.baseline", "run 99 #1"));
  act("pin.configuration");
  EXPECT_THAT(names(), ElementsAre("run 7 #1")) << "a second time it is unpinned";
  act("pin.clear");
  EXPECT_EQ(app->results.column(std::string(kAgainstBaseline)), nullptr);
  EXPECT_EQ(cell(0), "");
}

TEST_F(PinsTest, TheTableIsSortedAndFilteredByTheDifference) {
  show(*small_run());
  act("select.rows", "1");
  act("pin.configuration");
  act("results.filter", "against_baseline<0");
  ASSERT_EQ(app->results.order().size(), 1U);
  EXPECT_EQ(app->data.rows()[app->results.order().front()].evaluation->sequence, 2U);
  act("results.filter", "");
  act("results.sort", std::string(kAgainstBaseline));
  EXPECT_EQ(app->data.rows()[app->results.order().front()].evaluation->sequence, 2U);
}

TEST_F(PinsTest, FinalistsOfOneRunAreComparedInTheirRounds) {
  tuner::Run run = *small_run();
  const std::vector<double> best = {0.40, 0.40, 0.40, 0.40, 0.50, 0.50, 0.50, 0.50};
  std::vector<double> other = best;
  for (double& ms : other) ms *= 1.02;
  run.info.finals = {{2, best, tuner::summarize(best), 1, {1, 1}, true},
                     {1, other, tuner::summarize(other), 1.02, {1.02, 1.02}, false}};
  show(run);
  act("select.rows", "2");
  act("pin.configuration");
  EXPECT_EQ(cell(1), "+2.0 %") << "and not by medians of the sweep, which are 0.5 and 0.4";
  EXPECT_EQ(cell(0), "\u2248 +125 %") << "no finalist";
}

TEST_F(PinsTest, ARunOfAnotherGpuIsDrawnOnlyWhereThatIsAskedFor) {
  show(other_run());
  act("pin.run");
  EXPECT_THAT(names(), ElementsAre("run 3"));
  EXPECT_TRUE(app->scene.frame().overlaid.empty()) << "it is the run on show";
  show(*small_run());
  EXPECT_TRUE(app->scene.frame().overlaid.empty());
  EXPECT_EQ(app->runs_not_overlaid(), 1U);
  act("pin.other_gpus");
  ASSERT_EQ(app->scene.frame().overlaid.size(), 1U);
  const tuner::OverlaidRun& run = app->scene.frame().overlaid.front();
  EXPECT_EQ(tuner::overlaid_text(run), "run 3 (measured), on NVIDIA A100, another GPU");
  EXPECT_EQ(run.gflops.size(), 2U);
  EXPECT_DOUBLE_EQ(run.best_gflops, 2e9 / 0.5 / 1e6);
  act("pin.remove", "run 3");
  EXPECT_TRUE(app->scene.frame().overlaid.empty());
  show(other_run("NVIDIA H200"));
  act("pin.run");
  show(*small_run());
  act("pin.other_gpus");
  ASSERT_EQ(app->scene.frame().overlaid.size(), 1U) << "of this GPU it always is";
  EXPECT_EQ(app->scene.frame().overlaid.front().differs, "");
}

TEST_F(PinsTest, AMillionConfigurationsAreAsManyMarksAsCanBeToldApart) {
  tuner::Run run = other_run();
  for (std::uint64_t i = 2; i < 30000; ++i)
    run.evaluations.push_back(evaluation(i, "a", 128, 0.5 + 0.0001 * static_cast<double>(i % 5000)));
  show(run);
  act("pin.run");
  EXPECT_LT(app->pins.all().front().gflops.size(), 200U) << "half a percent apart between 0.5 and 1.0 ms";
  EXPECT_GT(app->pins.all().front().gflops.size(), 100U);
}

TEST_F(PinsTest, AreThereAgainAfterTheNextStart) {
  const std::string db = folder.file("runs.db");
  open(db);
  for (tuner::Run run : {*small_run(), other_run()}) {
    ASSERT_TRUE(app->store->create_run(run.info));
    ASSERT_TRUE(app->store->append_many(run.info.id, run.evaluations));
  }
  act("history.open", "1");
  settle();
  act("select.rows", "4");
  act("pin.configuration");
  act("pin.run", "2");
  settle();
  act("pin.baseline", "run 2");
  EXPECT_THAT(names(), ElementsAre("run 2", "run 1 #4"));
  ASSERT_TRUE(app->save());
  open(db);
  EXPECT_THAT(names(), ElementsAre("run 2", "run 1 #4"));
  EXPECT_EQ(app->data.baseline()->name, "run 2");
  ASSERT_TRUE(app->store->remove(1));
  ASSERT_TRUE(app->save());
  // Another store in between has runs of its own.
  open(":memory:");
  EXPECT_TRUE(app->pins.empty());
  ASSERT_TRUE(app->save());
  open(db);
  EXPECT_THAT(names(), ElementsAre("run 2")) << "the other one was deleted";
}

TEST_F(PinsTest, TravelWithASessionFile) {
  show(other_run());
  act("pin.run");
  show(*small_run());
  act("select.rows", "1");
  act("pin.baseline");
  const std::string file = folder.file("mine.fuseline");
  act("session.save", file);
  settle();
  EXPECT_TRUE(tuner::validate_schema(tuner::read_json_file(file).value(), "session", file));
  act("pin.clear");
  act("session.open", file);
  settle();
  ASSERT_EQ(app->pins.all().size(), 2U);
  const Pin& run = app->pins.all()[1];
  EXPECT_TRUE(run.whole);
  EXPECT_EQ(run.info->device.name, "NVIDIA A100");
  EXPECT_EQ(run.gflops.size(), 2U);
  EXPECT_EQ(app->pins.baseline()->evaluation->sequence, 1U);
  EXPECT_TRUE(app->data.is_baseline(*app->data.by_sequence(1))) << "it is of the run in the file";
  EXPECT_EQ(cell(2), "\u2248 -20 %");
}

TEST_F(PinsTest, APinInASessionFileThatMakesNoSenseIsOneClearError) {
  SessionFile session;
  session.run = *small_run();
  session.pins = {pin_of(info(), evaluation(1, "a", 256, 0.5))};
  tuner::OrderedJson json = tuner::parse_json(session_text(session).value(), "s").value();
  const auto said = [&] {
    const auto read = session_from_text(json.dump(), "a.fuseline");
    return read ? "read" : read.error().message();
  };
  EXPECT_EQ(said(), "read");
  json["pins"][0]["gflops"] = {-1};
  EXPECT_THAT(said(), HasSubstr("/pins/0"));
  json["pins"][0].erase("gflops");
  json["pins"][0]["run"]["results"] = tuner::OrderedJson::array();
  EXPECT_THAT(said(), HasSubstr("a.fuseline"));
  EXPECT_NE(said(), "read");
}

TEST_F(PinsTest, CountersSayHowFarTheyAreFromTheBaseline) {
  tuner::Evaluation base = evaluation(0, "a", 128, 0.5), own = evaluation(1, "a", 256, 0.4);
  base.measurement.counters = {{"dram__bytes_read.sum", 1e9},
                               {"dram__throughput.avg.pct_of_peak_sustained_elapsed", 40}};
  own.measurement.counters = {{"dram__bytes_read.sum", 1.5e9},
                              {"dram__throughput.avg.pct_of_peak_sustained_elapsed", 52}};
  const tuner::Run run = run_of({base, own});
  CountersView view = counters_view(run, run.evaluations[1], nullptr, "");
  compare_with(own.measurement, base.measurement, "#0", view);
  EXPECT_EQ(view.baseline, "#0");
  EXPECT_EQ(view.gauges.front().line.difference, "+12.0 points") << "a share is told in points";
  bool found = false;
  for (const CounterSection& section : view.sections) {
    for (const CounterLine& line : section.lines) {
      if (line.metric != "dram__bytes_read.sum") continue;
      EXPECT_EQ(line.difference, "+50 %");
      found = true;
    }
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace fuseline::app::gui
