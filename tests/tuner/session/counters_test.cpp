// Hardware counters of a sweep: read alongside and of the best, kept, and never worth an outcome.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "toy.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;
using testing::find;
using ::testing::HasSubstr;
using testing::kToySize;
using ::testing::Not;
using testing::Toy;

SweepRequest counting(Toy& toy, CounterMode mode = CounterMode::all) {
  auto request = toy.request();
  request.counters = mode;
  return request;
}

std::size_t with_counters(const Run& run) {
  return static_cast<std::size_t>(std::count_if(run.evaluations.begin(), run.evaluations.end(),
                                                [](const auto& e) { return !e.measurement.counters.empty(); }));
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(SweepCounters, AreNotReadUnasked) {
  Toy toy;
  const auto run = toy.sweep(counting(toy, CounterMode::none));
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(with_counters(*run), 0U);
  EXPECT_EQ(toy.logged("counters"), 0);
  EXPECT_EQ(toy.logged("gathered"), 0);
}

TEST(SweepCounters, AllReadsTheFastSetAlongsideAndTheFullSetOfTheBest) {
  Toy toy;
  toy.open_store();
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(with_counters(*run), kToySize);
  EXPECT_EQ(toy.logged("gathered 4"), kToySize / 4);
  const auto fast = *metric_set("fast"), full = *metric_set("full");
  for (const auto& evaluation : run->evaluations) {
    for (const auto& name : fast) EXPECT_TRUE(evaluation.measurement.counters.contains(name)) << name;
  }
  const auto& best = run->ranked().front()->measurement.counters;
  for (const auto& name : full) EXPECT_TRUE(best.contains(name)) << name;
  EXPECT_EQ(run->info.counter_cost.at("fast").configurations, kToySize);
  EXPECT_EQ(run->info.counter_cost.at("full").configurations, 16U);
  EXPECT_EQ(run->info.counter_cost.at("fast").passes, 2);
  EXPECT_GT(run->info.counter_cost.at("fast").seconds, 0);
}

TEST(SweepCounters, OfTheBestAloneAreReadAfterTheFinals) {
  Toy toy;
  const auto run = toy.sweep(counting(toy, CounterMode::best));
  ASSERT_TRUE(run);
  EXPECT_EQ(toy.logged("gathered"), 0);
  EXPECT_EQ(with_counters(*run), 16U);
  for (const auto& timing : run->info.finals) {
    if (timing.tied) {
      EXPECT_FALSE(run->evaluations[timing.sequence].measurement.counters.empty());
    }
  }
  EXPECT_FALSE(run->ranked().front()->measurement.counters.empty());
}

TEST(SweepCounters, AChosenListOfMetricsTakesThePlaceOfTheFullSet) {
  Toy toy;
  auto request = counting(toy, CounterMode::best);
  request.metrics = {"dram__bytes_read.sum"};
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run);
  const auto& counters = run->ranked().front()->measurement.counters;
  EXPECT_EQ(counters.size(), 2U);
  EXPECT_TRUE(counters.contains("dram__bytes_read.sum"));
  EXPECT_TRUE(run->info.counter_cost.contains("custom"));
}

TEST(SweepCounters, TheGridComesFromTheLaunch) {
  Toy toy;
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run);
  for (const auto& evaluation : run->evaluations) {
    const auto& grid = evaluation.measurement.launches.front().grid;
    EXPECT_EQ(evaluation.measurement.counters.at(metric::kGridSize), static_cast<double>(grid[0] * grid[1] * grid[2]));
  }
}

TEST(SweepCounters, AreInTheStoreAndInTheSnapshot) {
  Toy toy;
  toy.open_store();
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run);
  const auto stored = toy.store->load(run->info.id);
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->evaluations.size(), run->evaluations.size());
  for (std::size_t i = 0; i < run->evaluations.size(); ++i) {
    EXPECT_EQ(stored->evaluations[i].measurement.counters, run->evaluations[i].measurement.counters);
    EXPECT_EQ(toy.last->evaluations[i]->measurement.counters, run->evaluations[i].measurement.counters);
  }
  EXPECT_EQ(stored->info.counter_cost.at("fast").configurations, kToySize);
  ASSERT_TRUE(toy.last->best);
  EXPECT_FALSE(toy.last->best->measurement.counters.empty());
}

TEST(SweepCounters, NoneOnThisWorkerIsSaidOnceAndAskedOnce) {
  Toy toy;
  toy.script["counters_unavailable"] = "no permission: set NVreg_RestrictProfilingToAdminUsers=0";
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_EQ(with_counters(*run), 0U);
  EXPECT_EQ(occurrences(toy.messages(), "no hardware counters"), 1U) << toy.messages();
  EXPECT_THAT(toy.messages(), HasSubstr("NVreg_RestrictProfilingToAdminUsers"));
  EXPECT_EQ(toy.logged("counters "), 0);
  EXPECT_FALSE(run->info.finals.empty());
}

TEST(SweepCounters, ADeathWhileTheyAreReadAlongsideCostsOneReadingAndNoOutcome) {
  Toy toy;
  toy.rule("plain block=64 unroll=2", "counters", "signal");
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run) << run.error().message();
  ASSERT_EQ(run->evaluations.size(), kToySize);
  for (const auto& evaluation : run->evaluations)
    EXPECT_EQ(evaluation.measurement.outcome, Outcome::ok) << evaluation.measurement.reason;
  EXPECT_GE(with_counters(*run), kToySize - 1);
  EXPECT_THAT(toy.messages(), HasSubstr("was lost and is replaced"));
  EXPECT_THAT(toy.messages(), Not(HasSubstr("no hardware counters")));
}

TEST(SweepCounters, AfterTwoDeathsTheyAreGivenUpAndTheSweepGoesOn) {
  Toy toy;
  toy.rule("", "counters", "exit", {{"times", 100}});
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_EQ(run->evaluations.size(), kToySize);
  for (const auto& evaluation : run->evaluations) EXPECT_EQ(evaluation.measurement.outcome, Outcome::ok);
  EXPECT_EQ(with_counters(*run), 0U);
  EXPECT_EQ(occurrences(toy.messages(), "no hardware counters"), 1U) << toy.messages();
  EXPECT_EQ(toy.logged("start"), 3);
  EXPECT_FALSE(run->info.finals.empty());
}

TEST(SweepCounters, AWorkerThatHangsOverThemIsReplaced) {
  Toy toy;
  toy.rule("other", "counters", "hang");
  auto environment = toy.environment();
  environment.deadlines.counters_s = 0.5;
  auto session = Session::start(counting(toy, CounterMode::best), environment);
  ASSERT_TRUE(session);
  const auto run = (*session)->wait();
  ASSERT_TRUE(run);
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_GE(with_counters(*run), 15U);
}

TEST(SweepCounters, ReadingsOfWhatWasNotAskedCostTheWorker) {
  Toy toy;
  toy.rule("", "counters", "wrong_id");
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_THAT(toy.messages(), HasSubstr("it sent counters of configuration 10000"));
  EXPECT_GE(with_counters(*run), kToySize - 1);  // The others are asked of the replacement.
}

TEST(SweepCounters, ARefusalIsPassedOnAndTheSweepEndsAsEver) {
  Toy toy;
  toy.rule("", "counters", "refuse", {{"times", 100}});
  const auto run = toy.sweep(counting(toy, CounterMode::best));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_EQ(with_counters(*run), 0U);
  EXPECT_THAT(toy.messages(), HasSubstr("the counters are in use"));
}

TEST(SweepCounters, AConfigurationWithoutValuesIsCountedAndNotAskedAgain) {
  Toy toy;
  toy.rule("other", "counters", "no_values", {{"times", 100}});
  const auto run = toy.sweep(counting(toy));
  ASSERT_TRUE(run);
  EXPECT_EQ(with_counters(*run), kToySize - 2);
  EXPECT_THAT(toy.messages(), HasSubstr("of 2 configurations could not be read"));
  EXPECT_THAT(toy.messages(), HasSubstr("could not be run again"));
}

TEST(SweepCounters, AreReadByEveryWorkerOfSeveral) {
  Toy toy;
  auto request = counting(toy);
  request.workers = {toy.worker("a.json"), toy.worker("b.json")};
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(with_counters(*run), kToySize);
}

TEST(SweepCounters, OfAResumedRunAreKeptAndTheMissingOnesRead) {
  Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 10;
  const auto plain = counting(toy, CounterMode::none);
  auto session = Session::start(plain, toy.environment());
  ASSERT_TRUE(session);
  while ((*session)->snapshot()->evaluations.size() < 5) std::this_thread::sleep_for(2ms);
  (*session)->stop();
  ASSERT_TRUE((*session)->wait());
  const auto id = *toy.store->latest();
  ASSERT_TRUE(toy.store->set_counters(id, std::vector<CountersOf>{{0, {{"kept.sum", 42}}}}));
  auto environment = toy.environment();
  environment.resume = true;
  auto again = Session::start(counting(toy), environment);
  ASSERT_TRUE(again) << again.error().message();
  const auto run = (*again)->wait();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.id, id);
  EXPECT_EQ(with_counters(*run), kToySize);
  EXPECT_EQ(run->evaluations[0].measurement.counters.at("kept.sum"), 42);
}

}  // namespace
}  // namespace fuseline::tuner
