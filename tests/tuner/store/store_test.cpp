#include "tuner/store/store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <memory>
#include <thread>
#include <utility>

#include "tests/support/temporary_folder.hpp"
#include "tests/tuner/support/sample_run.hpp"
#include "tests/tuner/support/sample_source_profile.hpp"
#include "tuner/base/sanitized.hpp"
#include "tuner/store/database.hpp"
#include "tuner/store/readable_copy.hpp"

namespace fuseline::tuner {
namespace {

using testing::sample_failure;
using testing::sample_info;
using testing::sample_ok;
using testing::sample_run;

std::unique_ptr<Store> open_store(const std::string& path = ":memory:") {
  auto store = Store::open(path);
  if (!store) throw std::runtime_error(store.error().message());
  return std::move(*store);
}

std::int64_t start(Store& store, const std::string& key = "key") {
  RunInfo info = sample_info();
  info.state = RunState::running;
  info.finals.clear();
  EXPECT_TRUE(store.create_run(info, key));
  return info.id;
}

TEST(Store, ARunComesBackAsItWasStored) {
  const auto store = open_store();
  auto run = sample_run();
  ASSERT_TRUE(store->create_run(run.info));
  EXPECT_GT(run.info.id, 0);
  for (const Evaluation& evaluation : run.evaluations) ASSERT_TRUE(store->append(run.info.id, evaluation));
  const auto loaded = store->load(run.info.id);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(to_json(loaded->info), to_json(run.info));
  ASSERT_EQ(loaded->evaluations.size(), run.evaluations.size());
  for (std::size_t i = 0; i < run.evaluations.size(); ++i)
    EXPECT_EQ(to_json(loaded->evaluations[i]), to_json(run.evaluations[i])) << i;
}

TEST(Store, HowARunWasTimedComesBack) {
  const auto store = open_store();
  auto run = testing::sample_timed_run();
  ASSERT_TRUE(store->create_run(run.info));
  for (const Evaluation& evaluation : run.evaluations) ASSERT_TRUE(store->append(run.info.id, evaluation));
  const auto loaded = store->load(run.info.id);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(to_json(loaded->info), to_json(run.info));
  EXPECT_EQ(loaded->info.after, Predecessor::producer);
  ASSERT_EQ(loaded->info.final_rounds.size(), 24U);
  EXPECT_EQ(loaded->info.final_rounds[1].order, (std::vector<std::int64_t>{1, FinalRound::copy, 0}));
  EXPECT_EQ(loaded->info.final_rounds[3].place, 3);
  ASSERT_TRUE(loaded->info.clocks);
  EXPECT_EQ(loaded->info.clocks->retaken, 3U);
  EXPECT_EQ(loaded->evaluations[0].measurement.after, Predecessor::producer);
  EXPECT_EQ(loaded->evaluations[0].measurement.clocks->reasons, 0x04U);
}

/// Written by 0.1.0, which kept states by their position: one run in each state.
TEST(Store, HotLinesComeBackAsTheyWereStored) {
  const auto store = open_store();
  auto run = sample_run();
  run.evaluations[1].measurement.source_profile =
      std::make_shared<const SourceProfile>(testing::sample_source_profile());
  ASSERT_TRUE(store->create_run(run.info));
  for (const Evaluation& evaluation : run.evaluations) ASSERT_TRUE(store->append(run.info.id, evaluation));
  const auto loaded = store->load(run.info.id);
  ASSERT_TRUE(loaded) << loaded.error().message();
  ASSERT_NE(loaded->evaluations[1].measurement.source_profile, nullptr);
  EXPECT_EQ(to_json(loaded->evaluations[1]), to_json(run.evaluations[1]));
  EXPECT_EQ(loaded->evaluations[1].measurement.source_profile->instructions.size(), 10U);
  EXPECT_EQ(loaded->evaluations[0].measurement.source_profile, nullptr);
}

TEST(Store, ADatabaseOfTheFirstVersionIsRead) {
  const TemporaryFolder folder;
  std::filesystem::copy(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/v0_1/runs.db", folder.path());
  const auto store = open_store(folder.file("runs.db"));
  const auto runs = store->runs();
  ASSERT_TRUE(runs) << runs.error().message();
  ASSERT_EQ(runs->size(), 4U);
  const RunState states[] = {RunState::failed, RunState::running, RunState::interrupted, RunState::finished};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ((*runs)[i].state, states[i]) << i;
    EXPECT_EQ((*runs)[i].backend, Backend::cuda) << i;
    const auto loaded = store->load((*runs)[i].id);
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_EQ(loaded->info.state, states[i]) << i;
    EXPECT_EQ(loaded->evaluations.size(), (*runs)[i].evaluations) << i;
  }
  EXPECT_EQ((*runs)[3].note, "kept by 0.1.0");
  EXPECT_EQ((*runs)[3].evaluations, 20U);
  EXPECT_DOUBLE_EQ((*runs)[3].best_ms.value(), store->load(1)->info.finals.front().time_ms.median);
  EXPECT_EQ(store->resumable("key 1").value(), 2);
  EXPECT_EQ(store->resumable("key 3").value(), std::nullopt) << "it had failed";
  EXPECT_TRUE(store->ceilings("a device").value());
  RunInfo more = sample_info();
  EXPECT_TRUE(store->create_run(more)) << "it is written to as well";
}

TEST(Store, RunsOfACampaignAreFoundByItsMark) {
  const auto store = open_store(":memory:");
  const auto add = [&](const std::string& campaign, const std::string& key) {
    RunInfo info = sample_info();
    info.campaign = campaign;
    EXPECT_TRUE(store->create_run(info, key));
    EXPECT_EQ(store->load(info.id)->info.campaign, campaign);
    return info.id;
  };
  EXPECT_EQ(store->newest_campaign("a").value(), "");
  add("", "key");
  EXPECT_EQ(store->newest_campaign("a").value(), "");
  const auto first = add("a 1", "key");
  add("a 2", "key");
  const auto again = add("a 2", "key");
  add("b 3", "key");
  EXPECT_EQ(store->newest_campaign("a").value(), "a 2");
  EXPECT_EQ(store->newest_of_campaign("a 1", "key").value(), first);
  EXPECT_EQ(store->newest_of_campaign("a 2", "key").value(), again);
  EXPECT_EQ(store->newest_of_campaign("a 2", "other").value(), std::nullopt);
}

TEST(Store, WhatOneStoreCommittedAnotherReads) {
  const TemporaryFolder folder;
  const auto writer = open_store(folder.file("runs.db"));
  const auto reader = open_store(folder.file("runs.db"));
  const std::int64_t run = start(*writer);
  ASSERT_TRUE(writer->append(run, sample_ok(0, 128, 0.5)));
  EXPECT_EQ(reader->load(run)->evaluations.size(), 1u);
  ASSERT_TRUE(reader->append(run, sample_ok(1, 256, 0.4)));
  EXPECT_EQ(writer->load(run)->evaluations.size(), 2u);
}

TEST(Store, KeepsWhatWasStoredWhenReopened) {
  const TemporaryFolder folder;
  std::int64_t run = 0;
  {
    const auto store = open_store(folder.file("runs.db"));
    run = start(*store);
    ASSERT_TRUE(store->append(run, sample_ok(0, 128, 0.5)));
  }
  EXPECT_EQ(open_store(folder.file("runs.db"))->load(run)->evaluations.size(), 1u);
}

TEST(Store, AConfigurationHasOneOutcomeARun) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  ASSERT_TRUE(store->append(run, sample_ok(0, 128, 0.5)));
  const auto again = store->append(run, sample_ok(1, 128, 0.5));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message(), ":memory:: run 1 already has an outcome of \"rows block=128 gelu=erf\"");
  EXPECT_EQ(store->load(run)->evaluations.size(), 1u);
  const std::int64_t other = start(*store);
  EXPECT_TRUE(store->append(other, sample_ok(0, 128, 0.5)));
}

TEST(Store, ASequenceNumberIsUsedOnce) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  ASSERT_TRUE(store->append(run, sample_ok(0, 128, 0.5)));
  const auto again = store->append(run, sample_ok(0, 256, 0.5));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "run 1 already has an evaluation 0");
}

TEST(Store, AppendManyIsAllOrNothing) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  const std::vector<Evaluation> good = {sample_ok(0, 128, 0.5), sample_ok(1, 256, 0.5)};
  const std::vector<Evaluation> bad = {sample_ok(2, 512, 0.5), sample_ok(3, 128, 0.5)};
  ASSERT_TRUE(store->append_many(run, good));
  EXPECT_FALSE(store->append_many(run, bad));
  EXPECT_EQ(store->load(run)->evaluations.size(), 2u);
  EXPECT_TRUE(store->append(run, bad.front()));
}

TEST(Store, CountersThatComeLaterReplaceThoseOfTheirEvaluation) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  ASSERT_TRUE(store->append_many(run, std::vector<Evaluation>{sample_ok(0, 128, 0.5), sample_ok(1, 256, 0.4)}));
  const auto before = store->load(run);
  ASSERT_TRUE(store->set_counters(
      run, std::vector<CountersOf>{{1, {{"dram__bytes_read.sum", 1073741824.0}, {"a.ratio", 0.1}}}}));
  const auto after = store->load(run);
  ASSERT_TRUE(after);
  EXPECT_EQ(to_json(after->evaluations[0]), to_json(before->evaluations[0]));
  Evaluation expected = before->evaluations[1];
  expected.measurement.counters = {{"dram__bytes_read.sum", 1073741824.0}, {"a.ratio", 0.1}};
  EXPECT_EQ(to_json(after->evaluations[1]), to_json(expected));
}

TEST(Store, CountersAreSetForAllOrNone) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  ASSERT_TRUE(store->append(run, sample_ok(0, 128, 0.5)));
  const auto before = store->load(run);
  const auto set = store->set_counters(run, std::vector<CountersOf>{{0, {{"a.sum", 1}}}, {7, {{"a.sum", 1}}}});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().reason, "run 1 has no evaluation 7");
  EXPECT_EQ(to_json(store->load(run)->evaluations[0]), to_json(before->evaluations[0]));
}

TEST(Store, OneEvaluationCanBeHad) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  ASSERT_TRUE(store->append_many(run, std::vector<Evaluation>{sample_ok(0, 128, 0.5), sample_ok(1, 256, 0.4)}));
  const auto evaluation = store->evaluation(run, 1);
  ASSERT_TRUE(evaluation) << evaluation.error().message();
  EXPECT_EQ(to_json(*evaluation), to_json(store->load(run)->evaluations[1]));
  EXPECT_EQ(store->evaluation(run, 2).error().reason, "run 1 has no evaluation 2");
  EXPECT_EQ(store->evaluation(42, 0).error().reason, "run 42 has no evaluation 0");
}

TEST(Store, AnUnknownRunIsAnErrorEverywhere) {
  const auto store = open_store();
  RunInfo info = sample_info();
  info.id = 42;
  EXPECT_EQ(store->append(42, sample_ok(0, 1, 0.5)).error().reason, "there is no run 42");
  EXPECT_EQ(store->load(42).error().reason, "there is no run 42");
  EXPECT_EQ(store->update_run(info).error().reason, "there is no run 42");
  EXPECT_EQ(store->annotate(42, "x").error().reason, "there is no run 42");
  EXPECT_EQ(store->remove(42).error().reason, "there is no run 42");
  EXPECT_EQ(store->latest().error().kind, ErrorKind::bad_input);
}

TEST(Store, ListsRunsNewestFirstWithTheirBest) {
  const auto store = open_store();
  const std::int64_t first = start(*store);
  const std::int64_t second = start(*store);
  ASSERT_TRUE(store->append(first, sample_ok(0, 128, 0.5)));
  ASSERT_TRUE(store->append(first, sample_ok(1, 256, 0.4)));
  ASSERT_TRUE(store->append(first, sample_failure(2, 256, Outcome::incorrect, "wrong")));
  const auto runs = store->runs();
  ASSERT_TRUE(runs) << runs.error().message();
  ASSERT_EQ(runs->size(), 2u);
  EXPECT_EQ((*runs)[0].id, second);
  EXPECT_EQ((*runs)[0].best_ms, std::nullopt);
  EXPECT_EQ((*runs)[1].evaluations, 3u);
  EXPECT_DOUBLE_EQ((*runs)[1].best_ms.value(), 0.4);
  EXPECT_EQ((*runs)[1].device, "NVIDIA H200");
  EXPECT_EQ((*runs)[1].state, RunState::running);
  EXPECT_EQ(store->latest().value(), second);
}

TEST(Store, TheBestOfARunIsTheFinals) {
  const auto store = open_store();
  auto run = sample_run();
  ASSERT_TRUE(store->create_run(run.info));
  ASSERT_TRUE(store->append_many(run.info.id, run.evaluations));
  EXPECT_DOUBLE_EQ(store->runs()->front().best_ms.value(), 0.506);
}

TEST(Store, UpdatingARunKeepsItsNote) {
  const auto store = open_store();
  RunInfo info = sample_info();
  ASSERT_TRUE(store->create_run(info));
  ASSERT_TRUE(store->annotate(info.id, "after the \"fix\"; --"));
  info.state = RunState::interrupted;
  info.seconds = 99;
  ASSERT_TRUE(store->update_run(info));
  const auto loaded = store->load(info.id);
  EXPECT_EQ(loaded->info.note, "after the \"fix\"; --");
  EXPECT_EQ(loaded->info.state, RunState::interrupted);
  EXPECT_EQ(loaded->info.seconds, 99);
  EXPECT_EQ(store->runs()->front().state, RunState::interrupted);
}

TEST(Store, RemovingARunRemovesItsEvaluations) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  ASSERT_TRUE(store->append(run, sample_ok(0, 128, 0.5)));
  ASSERT_TRUE(store->remove(run));
  EXPECT_FALSE(store->load(run));
  EXPECT_TRUE(store->runs()->empty());
  // Ids are not used again, so that a name of a run never means another.
  EXPECT_GT(start(*store), run);
}

TEST(Store, ADeletedRunIsNowhereAndComesBackWhole) {
  const auto store = open_store();
  const std::int64_t kept = start(*store, "a"), run = start(*store, "a");
  ASSERT_TRUE(store->append(run, sample_ok(0, 128, 0.5)));
  ASSERT_TRUE(store->annotate(run, "a note"));
  ASSERT_TRUE(store->remove(run));
  EXPECT_EQ(store->runs()->size(), 1U);
  EXPECT_EQ(store->latest().value(), kept);
  EXPECT_EQ(store->resumable("a").value(), kept);
  EXPECT_EQ(store->remove(run).error().reason, "there is no run 2") << "deleted once";
  ASSERT_EQ(store->removed()->size(), 1U);
  EXPECT_EQ(store->removed()->front().id, run);
  ASSERT_TRUE(store->restore(run));
  EXPECT_EQ(store->load(run)->evaluations.size(), 1U);
  EXPECT_EQ(store->load(run)->info.note, "a note");
  EXPECT_TRUE(store->removed()->empty());
  EXPECT_FALSE(store->restore(run)) << "it is there";
}

TEST(Store, WhatWasDeletedLongAgoIsGoneForGood) {
  const auto store = open_store();
  const std::int64_t run = start(*store), kept = start(*store);
  ASSERT_TRUE(store->append(run, sample_ok(0, 128, 0.5)));
  ASSERT_TRUE(store->remove(run));
  ASSERT_TRUE(store->purge());
  EXPECT_EQ(store->removed()->size(), 1U) << "not yet";
  ASSERT_TRUE(store->purge(std::chrono::seconds(0)));
  EXPECT_TRUE(store->removed()->empty());
  EXPECT_FALSE(store->restore(run));
  EXPECT_FALSE(store->evaluation(run, 0));
  EXPECT_TRUE(store->load(kept));
}

TEST(Store, RunsHaveTitlesAndTagsAndAreFoundByThem) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  ASSERT_TRUE(store->rename(run, "Before the rewrite"));
  ASSERT_TRUE(store->set_tags(run, {"baseline", "paper-v2"}));
  RunInfo info = sample_info();
  info.id = run;
  ASSERT_TRUE(store->update_run(info)) << "a sweep that goes on leaves them";
  const RunSummary found = store->runs()->front();
  EXPECT_EQ(found.title, "Before the rewrite");
  EXPECT_EQ(found.tags, (std::vector<std::string>{"baseline", "paper-v2"}));
  EXPECT_TRUE(has_words(found, "REWRITE tag:Baseline"));
  EXPECT_TRUE(has_words(found, "paper")) << "a word may lie in a tag";
  EXPECT_FALSE(has_words(found, "tag:paper")) << "tag: is the whole of it";
  EXPECT_TRUE(has_words(found, ""));
  for (const char* wrong : {"", "two words", "a,b", "\x1b[31m"}) EXPECT_FALSE(store->set_tags(run, {wrong})) << wrong;
  EXPECT_EQ(store->runs()->front().tags.size(), 2U);
  EXPECT_EQ(store->rename(42, "x").error().reason, "there is no run 42");
}

TEST(Store, RunsLikeOneHaveItsProblemDimensionsTypeAndDevice) {
  const auto store = open_store();
  const auto with = [&](const auto& change) {
    RunInfo info = sample_info();
    change(info);
    EXPECT_TRUE(store->create_run(info));
    return info.id;
  };
  const std::int64_t first = with([](RunInfo&) {});
  with([](RunInfo& info) { info.problem = "another"; });
  with([](RunInfo& info) { info.dims.front().value += 1; });
  with([](RunInfo& info) { info.device.name = "NVIDIA A100"; });
  const std::int64_t last = with([](RunInfo& info) { info.request.strategy = "random"; });
  const auto like = store->like(first);
  ASSERT_TRUE(like) << like.error().message();
  ASSERT_EQ(like->size(), 2U);
  EXPECT_EQ(like->front().id, last);
  EXPECT_EQ(like->back().id, first);
  EXPECT_TRUE(store->like(42)->empty());
}

TEST(Store, AStoreOfTheFirstVersionIsBroughtUpToDateWithAllThatIsInIt) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  {
    const auto store = open_store(file);
    ASSERT_TRUE(store->append(start(*store), sample_ok(0, 128, 0.5)));
  }
  {
    SQLite::Database database(file, SQLite::OPEN_READWRITE);
    for (const char* column : {"title", "tags", "removed_at"})
      database.exec(std::string("ALTER TABLE runs DROP COLUMN ") + column);
    database.exec("PRAGMA user_version = 1");
  }
  const auto store = open_store(file);
  EXPECT_EQ(store->load(1)->evaluations.size(), 1U);
  EXPECT_TRUE(store->rename(1, "old"));
  EXPECT_EQ(store->runs()->front().title, "old");
  EXPECT_EQ(SQLite::Database(file).execAndGet("PRAGMA user_version").getInt(), 2);
}

TEST(Store, AnOldStoreThatCannotBeWrittenIsReadFromACopy) {
  const TemporaryFolder folder;
  const std::string file = folder.file("runs.db");
  {
    const auto store = open_store(file);
    ASSERT_TRUE(store->append(start(*store), sample_ok(0, 128, 0.5)));
  }
  {
    SQLite::Database database(file, SQLite::OPEN_READWRITE);
    for (const char* column : {"title", "tags", "removed_at"})
      database.exec(std::string("ALTER TABLE runs DROP COLUMN ") + column);
    database.exec("PRAGMA user_version = 1");
    database.exec("PRAGMA journal_mode = DELETE");
  }
  EXPECT_FALSE(open_database_to_read(file)) << "it lacks columns";
  auto copy = ReadableCopy::make(file);
  ASSERT_TRUE(copy) << copy.error().message();
  EXPECT_EQ(open_store((*copy)->file())->runs()->size(), 1U);
  EXPECT_EQ(SQLite::Database(file).execAndGet("PRAGMA user_version").getInt(), 1) << "the store itself stays";
}

TEST(Store, ResumesTheNewestUnfinishedRunOfTheKey) {
  const auto store = open_store();
  const std::int64_t old_run = start(*store, "a");
  const std::int64_t new_run = start(*store, "a");
  start(*store, "b");
  EXPECT_EQ(store->resumable("a").value(), new_run);
  EXPECT_EQ(store->resumable("c").value(), std::nullopt);
  RunInfo info = sample_info();
  info.id = new_run;
  info.state = RunState::finished;
  ASSERT_TRUE(store->update_run(info));
  EXPECT_EQ(store->resumable("a").value(), old_run);
  info.id = old_run;
  info.state = RunState::interrupted;
  ASSERT_TRUE(store->update_run(info));
  EXPECT_EQ(store->resumable("a").value(), old_run);
}

TEST(Store, ARunWithoutAKeyIsNotResumed) {
  const auto store = open_store();
  start(*store, "");
  EXPECT_EQ(store->resumable("").value(), std::nullopt);
}

TEST(Store, KeepsCeilingsByDevice) {
  const auto store = open_store();
  EXPECT_EQ(store->ceilings("gpu").value().has_value(), false);
  ASSERT_TRUE(store->keep_ceilings("gpu", Ceilings{1, 2, 3, 4, "then"}));
  const StreamCounters streams = {{{"dram__bytes_read.sum", 1e9}}, {{"dram__bytes_read.sum", 2e9}}, "", "", ""};
  ASSERT_TRUE(store->keep_ceilings("gpu", Ceilings{4245.5, 2, 3, 4, "now", streams}));
  const auto kept = store->ceilings("gpu").value();
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->copy_gbps, 4245.5);
  EXPECT_EQ(kept->measured_at, "now");
  EXPECT_EQ(kept->streams.copy, streams.copy);
  EXPECT_EQ(kept->streams.read, streams.read);
}

TEST(Store, TextThatIsNoUtf8IsStillKept) {
  const auto store = open_store();
  const std::int64_t run = start(*store);
  Evaluation evaluation = sample_failure(0, 128, Outcome::compile_error, "bad \xFF byte");
  ASSERT_TRUE(store->append(run, evaluation));
  const auto loaded = store->load(run);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(loaded->evaluations.front().measurement.reason, "bad \xEF\xBF\xBD byte");
}

TEST(Store, ThreadsMayShareIt) {
  const TemporaryFolder folder;
  const auto store = open_store(folder.file("runs.db"));
  const std::int64_t run = start(*store);
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const int place = t * 50 + i;
          if (!store->append(run, sample_ok(static_cast<std::uint64_t>(place), place + 1, 0.5))) ++failures;
          if (i % 10 == 0 && !store->load(run)) ++failures;
        }
      });
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(store->load(run)->evaluations.size(), 200u);
}

TEST(Store, StoresOpenedAtOnceMakeOneSchema) {
  const TemporaryFolder folder;
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(6);
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&] {
        const auto store = Store::open(folder.file("runs.db"));
        if (!store) {
          ADD_FAILURE() << store.error().message();
          return;
        }
        RunInfo info = sample_info();
        if (!(*store)->create_run(info)) ++failures;
      });
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(open_store(folder.file("runs.db"))->runs()->size(), 6u);
}

TEST(Store, ManyEvaluationsAreStoredAndLoadedInSeconds) {
  constexpr std::size_t kCount = kSanitized ? 2'000 : 10'000;
  const TemporaryFolder folder;
  const auto store = open_store(folder.file("runs.db"));
  const std::int64_t run = start(*store);
  std::vector<Evaluation> evaluations;
  evaluations.reserve(kCount);
  for (std::size_t i = 0; i < kCount; ++i) evaluations.push_back(sample_ok(i, static_cast<int>(i) + 1, 0.5));
  // Processor time, so that a busy machine does not fail it.
  const std::clock_t begin = std::clock();
  for (std::size_t i = 0; i < 1'000; ++i) ASSERT_TRUE(store->append(run, evaluations[i]));
  const std::clock_t appended = std::clock();
  ASSERT_TRUE(store->append_many(run, std::span(evaluations).subspan(1'000)));
  const std::clock_t stored = std::clock();
  EXPECT_EQ(store->load(run)->evaluations.size(), kCount);
  const std::clock_t loaded = std::clock();
  EXPECT_EQ(store->runs()->front().evaluations, kCount);
  const auto us = [](std::clock_t ticks) { return static_cast<double>(ticks) * 1e6 / CLOCKS_PER_SEC; };
  RecordProperty("append_us", std::to_string(us(appended - begin) / 1'000));
  RecordProperty("append_many_us", std::to_string(us(stored - appended) / (kCount - 1'000.0)));
  RecordProperty("load_us", std::to_string(us(loaded - stored) / kCount));
  // Generous: a debug build under sanitizers must pass too.
  EXPECT_LT(us(appended - begin), 10e6);
  EXPECT_LT(us(loaded - stored), 30e6);
}

TEST(ResumeKey, ChangesWithWhateverChangesAMeasurement) {
  const RunInfo info = sample_info();
  const std::string key = resume_key(info, "sources");
  EXPECT_EQ(key.size(), 64u);
  EXPECT_EQ(resume_key(info, "sources"), key);
  EXPECT_NE(resume_key(info, "other sources"), key);
  const std::vector<void (*)(RunInfo&)> changes = {[](RunInfo& i) { i.problem = "other"; },
                                                   [](RunInfo& i) {
                                                     i.scalars = {{"eps", 1e-6}};
                                                     i.set_scalars = {"eps"};
                                                   },
                                                   [](RunInfo& i) { i.dims[0].value = 16; },
                                                   [](RunInfo& i) { i.dtype = Dtype::f16; },
                                                   [](RunInfo& i) { i.subspaces[0].parameters[0].values.pop_back(); },
                                                   [](RunInfo& i) { i.request.strategy = "random"; },
                                                   [](RunInfo& i) { i.request.seed = 8; },
                                                   [](RunInfo& i) { i.after = Predecessor::itself; },
                                                   [](RunInfo& i) { i.after = Predecessor::producer; },
                                                   [](RunInfo& i) { i.device.uuid = "GPU-5"; },
                                                   [](RunInfo& i) { i.device.driver = "581"; },
                                                   [](RunInfo& i) { i.device.cuda = "13.1"; },
                                                   [](RunInfo& i) { i.backend = Backend::replay; },
                                                   [](RunInfo& i) { i.recording = "h200"; }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    RunInfo changed = info;
    changes[i](changed);
    EXPECT_NE(resume_key(changed, "sources"), key) << "change " << i;
  }
}

TEST(ResumeKey, DoesNotDependOnTheOrderOfVariantsAndValues) {
  RunInfo info = sample_info();
  info.subspaces.push_back(info.subspaces[0]);
  info.subspaces[1].variant = "other";
  const std::string key = resume_key(info, "sources");
  std::swap(info.subspaces[0], info.subspaces[1]);
  auto& values = info.subspaces[0].parameters[0].values;
  ASSERT_GT(values.size(), 1U);
  std::reverse(values.begin(), values.end());
  EXPECT_EQ(resume_key(info, "sources"), key);
}

TEST(ResumeKey, IsThatOfBeforeScalarsCouldBeSetWhereNoneIs) {
  RunInfo info = sample_info();
  ASSERT_TRUE(info.scalars.empty());
  const std::string before = resume_key(info, "sources");
  info.scalars = {{"eps", 1e-5}};
  EXPECT_EQ(resume_key(info, "sources"), before);
  info.set_scalars = {"eps"};
  const std::string set = resume_key(info, "sources");
  info.scalars[0].second = 1e-6;
  EXPECT_NE(resume_key(info, "sources"), set);
}

TEST(ResumeKey, DoesNotDependOnHowFarTheRunIs) {
  RunInfo info = sample_info();
  const std::string key = resume_key(info, "sources");
  info.id = 9;
  info.state = RunState::interrupted;
  info.seconds = 100;
  info.started_at = "later";
  info.request.budget = "200";
  info.copy_gbps = 1;
  EXPECT_EQ(resume_key(info, "sources"), key);
}

TEST(CeilingsKey, NamesTheCardAndItsDriver) {
  DeviceInfo device = sample_info().device;
  EXPECT_EQ(ceilings_key(device), "GPU-1234 driver 580.95");
  device.uuid.clear();
  EXPECT_EQ(ceilings_key(device), "NVIDIA H200 driver 580.95");
}

}  // namespace
}  // namespace fuseline::tuner
