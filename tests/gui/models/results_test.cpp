#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/gui/models/support.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Results : public ::testing::Test {
 protected:
  void SetUp() override {
    data.show(small_run());
    results.update(data);
  }
  RunData data;
  ResultsModel results;
};

TEST_F(Results, AreSortedByTimeWithFailuresLast) { EXPECT_THAT(results.order(), ElementsAre(2, 1, 4, 0, 3)); }

TEST_F(Results, ASweepsTimeUnderTheBestsPutsNothingAboveIt) {
  tuner::Run run = *small_run();
  // The device slowed down for the finals: #1 was timed before, and is no finalist.
  run.info.finals = {{2, {0.6}, {0.6, 0.6, 0.6, 0.6, 1}, 1, {1, 1}, true},
                     {4, {0.59}, {0.59, 0.59, 0.59, 0.59, 1}, 1.1, {1.05, 1.2}, false}};
  data.show(std::make_shared<const tuner::Run>(run));
  for (const char* column : {"time", "against_best"}) {
    results.sort_by(column, false);
    results.update(data);
    EXPECT_EQ(results.order()[0], 2U) << column;
    EXPECT_EQ(results.order()[1], 4U) << column;
  }
  for (const char* column : {"gbps", "of_copy", "of_peak", "gflops"}) {
    results.sort_by(column, true);
    results.update(data);
    EXPECT_THAT(results.order(), ElementsAre(2, 4, 1, 0, 3)) << column;
  }
  EXPECT_EQ(column_text(data.rows()[1], "timed_in"), "sweep");
  EXPECT_EQ(column_text(data.rows()[4], "time"), "0.6600");
}

TEST_F(Results, ColumnsAreFoundByTheirWordsAndTheChoiceIsKept) {
  tuner::Run run = *small_run();
  run.evaluations[0].measurement.counters = {{"dram__bytes_read.sum", 1e9}};
  data.show(std::make_shared<const tuner::Run>(run));
  results.update(data);
  const std::string counter = tuner::counter_column("dram__bytes_read.sum");
  ASSERT_NE(results.column(counter), nullptr);
  EXPECT_NE(results.column(counter)->title, "dram__bytes_read.sum") << "as other panels call it";
  EXPECT_THAT(results.column(counter)->tooltip, HasSubstr("dram__bytes_read.sum"));
  EXPECT_THAT(results.find_columns("BYTES_READ"), ElementsAre(counter));
  EXPECT_EQ(results.find_columns("").size(), results.columns().size());
  results.show_column(counter, true);
  results.show_column("gbps", false);
  ResultsModel next;
  next.set_look(results.look());
  next.update(data);
  EXPECT_TRUE(next.column(counter)->shown);
  EXPECT_FALSE(next.column("gbps")->shown);
  next.usual_columns();
  next.update(data);
  EXPECT_TRUE(next.column("gbps")->shown);
  next.set_filter("dram__bytes_read.sum>5e8");
  next.update(data);
  EXPECT_THAT(next.order(), ElementsAre(0));
}

TEST_F(Results, ColumnsAreMovedAndSizedAndANewOneStandsByItsNeighbour) {
  const auto ids = [](const ResultsModel& model) {
    std::vector<std::string> all;
    for (const Column& column : model.columns()) all.push_back(column.id);
    return all;
  };
  results.move_column("time", "variant");
  results.move_column("outcome", "");
  auto order = ids(results);
  EXPECT_THAT((std::vector<std::string>(order.begin(), order.begin() + 3)), ElementsAre("sequence", "time", "variant"));
  EXPECT_EQ(order.back(), "outcome");
  results.set_width("variant", 222);
  results.sort_by("gbps", true);
  results.set_filter("block=128");

  ResultsModel next;
  next.set_look(results.look());
  tuner::Run run = *small_run();
  run.evaluations[0].measurement.counters = {{"dram__bytes_read.sum", 1e9}};
  data.show(std::make_shared<const tuner::Run>(run));
  next.update(data);
  order = ids(next);
  EXPECT_EQ(order[1], "time");
  EXPECT_EQ(next.column("variant")->width, 222);
  EXPECT_EQ(next.sort_column(), "gbps");
  EXPECT_THAT(next.order(), ElementsAre(2, 0)) << "filtered, the faster first";
  const std::string counter = tuner::counter_column("dram__bytes_read.sum");
  EXPECT_EQ(*(std::find(order.begin(), order.end(), counter) - 1), "reason") << "where it would stand";
  next.usual_columns();
  next.update(data);
  EXPECT_EQ(ids(next)[1], "variant");
}

TEST_F(Results, TheNumberOfAConfigurationHasRoomForItsDigits) {
  const float narrow = results.column("sequence")->width;
  tuner::Run run = *small_run();
  run.info.space_size = 1'000'000;
  data.show(std::make_shared<const tuner::Run>(run));
  results.update(data);
  EXPECT_GT(results.column("sequence")->width, narrow + 20);
}

TEST_F(Results, ColumnsOfTheTargetAreThereWithOne) {
  EXPECT_EQ(results.column("projected"), nullptr);
  data.set_target(tuner::find_target(tuner::data_folder(), "rtx4090").value());
  results.update(data);
  ASSERT_NE(results.column("projected"), nullptr);
  EXPECT_TRUE(results.column("of_target")->shown);
  const Row& best = *data.best_row();
  const auto projection = tuner::projected(data.info(), *best.evaluation, best.time_ms);
  ASSERT_TRUE(projection);
  EXPECT_NEAR(column_number(best, "projected").value(), projection->time_ms, 1e-9);
  EXPECT_NEAR(column_number(best, "of_target").value(), 100 * projection->share, 1e-9);
}

TEST_F(Results, WhatIsTooLongForTheClipboardIsGivenUp) {
  std::vector<const Row*> rows(5000, data.best_row());
  const std::string whole = rows_as_text(rows, results.columns());
  const std::string cut = rows_as_text(rows, results.columns(), 2000);
  EXPECT_GT(cut.size(), 2000U) << "which tells that it is no whole";
  EXPECT_LT(cut.size(), 3000U);
  EXPECT_GT(whole.size(), 100000U);
  EXPECT_LT(rows_as_json(rows, 2000).size(), 4000U);
  EXPECT_LT(rows_as_commands(rows, data.info(), {}, 2000).size(), 4000U);
}

TEST_F(Results, AFilterNamesTheColumnThatIsNone) {
  results.set_filter("foo=3");
  results.update(data);
  EXPECT_THAT(results.order(), IsEmpty());
  EXPECT_EQ(results.unknown_column(), "foo");
  results.set_filter("block=128");
  results.update(data);
  EXPECT_EQ(results.unknown_column(), "");
}

TEST_F(Results, FailuresStayLastWhenTheOrderIsTurnedRound) {
  results.sort_by("time", true);
  results.update(data);
  EXPECT_THAT(results.order(), ElementsAre(0, 4, 1, 2, 3));
}

TEST_F(Results, AreSortedByTextsAndByParameters) {
  results.sort_by("param:block", true);
  results.update(data);
  EXPECT_THAT(results.order(), ElementsAre(4, 3, 1, 0, 2));
  results.sort_by("variant", false);
  results.update(data);
  EXPECT_THAT(results.order(), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(Results, FiltersByWordsColumnsAndOutcomes) {
  results.set_filter("b normal");
  results.update(data);
  EXPECT_THAT(results.order(), ElementsAre(1, 4, 3)) << "'b' is in every 'block'";
  results.set_filter("variant=b block>=512");
  results.update(data);
  EXPECT_THAT(results.order(), ElementsAre(4, 3));
  results.set_filter("time<0.6");
  results.update(data);
  EXPECT_THAT(results.order(), ElementsAre(2, 1));
  results.set_filter("block!=128");
  results.set_outcomes({tuner::Outcome::incorrect});
  results.update(data);
  EXPECT_THAT(results.order(), ElementsAre(3));
  EXPECT_TRUE(results.shows(data.rows()[3]));
  EXPECT_FALSE(results.shows(data.rows()[2]));
  results.set_filter("nothing has this");
  results.update(data);
  EXPECT_THAT(results.order(), IsEmpty());
}

TEST_F(Results, RememberWhichColumnsAreShownFromRunToRun) {
  results.show_column("registers", false);
  results.show_column("grid", true);
  data.show(small_run());
  results.update(data);
  EXPECT_FALSE(results.column("registers")->shown);
  EXPECT_TRUE(results.column("grid")->shown);
  EXPECT_NE(results.column("param:load"), nullptr);
}

TEST_F(Results, CountersGetColumnsOfTheirOwn) {
  tuner::Run run = *small_run();
  run.evaluations[0].measurement.counters["lts__t_sector_hit_rate.pct"] = 50.3;
  data.show(std::make_shared<const tuner::Run>(run));
  results.update(data);
  ASSERT_NE(results.column("counter:lts__t_sector_hit_rate.pct"), nullptr);
  EXPECT_EQ(column_text(data.rows()[0], "counter:lts__t_sector_hit_rate.pct"), "50.3");
  EXPECT_EQ(column_text(data.rows()[1], "counter:lts__t_sector_hit_rate.pct"), "");
}

TEST_F(Results, AreCopiedAsTextJsonAndCommands) {
  const std::vector<const Row*> rows = {&data.rows()[2], &data.rows()[3]};
  const std::string text = rows_as_text(rows, results.columns());
  EXPECT_THAT(text, HasSubstr("variant\toutcome\ttime (ms)"));
  EXPECT_THAT(text, HasSubstr("0.4000"));
  const auto json = nlohmann::json::parse(rows_as_json(rows));
  EXPECT_EQ(json[0]["config"]["block"], 128);
  EXPECT_EQ(json[0]["time_ms"], 0.4);
  EXPECT_EQ(json[1]["outcome"], "incorrect");
  EXPECT_EQ(rows_as_commands({rows[0]}, data.info()),
            "fuseline sweep p --variant b --param block=128 --param load=streaming\n");
}

TEST(Command, QuotesWhatAShellWouldTakeApart) {
  tuner::SweepRequest request;
  request.problem = "p";
  request.dims = {{"N", 3}};
  request.scalars = {{"eps", 1e-6}};
  request.workers = {"ssh box 'x y'"};
  request.counters = tuner::CounterMode::all;
  EXPECT_EQ(command_of(request),
            "fuseline sweep p --dim N=3 --scalar eps=1e-06 --counters all --worker 'ssh box '\\''x y'\\'''");
  tuner::SweepRequest after;
  after.problem = "p";
  after.after = "producer";
  EXPECT_EQ(command_of(after), "fuseline sweep p --after producer");
}

/// What is merged in bit by bit is in the same order as what is sorted at once.
TEST(ResultsAsTheyArrive, AreInTheOrderOfASortOfAll) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> time(0.1, 2);
  tuner::Snapshot snapshot;
  snapshot.info = info();
  RunData data;
  ResultsModel growing, whole;
  for (std::uint64_t i = 0; i < 500; ++i) {
    snapshot.evaluations.push_back(std::make_shared<const tuner::Evaluation>(
        evaluation(i, i % 3 == 0 ? "a" : "b", 64 << (i % 5), time(random),
                   i % 17 == 0 ? tuner::Outcome::timeout : tuner::Outcome::ok)));
    if (i % 7 != 0) continue;
    data.follow(snapshot);
    growing.update(data);
  }
  data.follow(snapshot);
  growing.update(data);
  whole.update(data);
  EXPECT_EQ(growing.order(), whole.order());
  EXPECT_EQ(growing.order().size(), 500U);
}

TEST(ResultsAsTheyArrive, AHundredThousandRowsTakeInAFewMoreQuickly) {
  tuner::Snapshot snapshot;
  snapshot.info = info();
  for (std::uint64_t i = 0; i < 100'000; ++i)
    snapshot.evaluations.push_back(std::make_shared<const tuner::Evaluation>(
        evaluation(i, "a", 64, 1 + static_cast<double>((i * 7919) % 100'003) / 1e5)));
  RunData data;
  ResultsModel results;
  data.follow(snapshot);
  results.update(data);
  for (std::uint64_t i = 0; i < 20; ++i)
    snapshot.evaluations.push_back(std::make_shared<const tuner::Evaluation>(evaluation(100'000 + i, "a", 64, 1.5)));
  const auto begin = std::chrono::steady_clock::now();
  data.follow(snapshot);
  results.update(data);
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(results.order().size(), 100'020U);
  // Generous for debug builds, sanitizers and a busy machine; sorting all of them again takes longer.
  EXPECT_LT(ms, 400);
}

}  // namespace
}  // namespace fuseline::app::gui
