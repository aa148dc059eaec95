#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "toy.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;
using testing::kToySize;
using testing::Toy;

TEST(Sweep, EveryConfigurationIsMeasuredOnceAndTheBestIsFound) {
  Toy toy;
  toy.script["times"]["plain block=96 unroll=2"] = 1.0;
  const auto run = toy.sweep();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(std::set<std::string>([&] {
              const auto keys = testing::keys(*run);
              return std::set<std::string>(keys.begin(), keys.end());
            }())
                .size(),
            kToySize);
  for (std::size_t i = 0; i < run->evaluations.size(); ++i) EXPECT_EQ(run->evaluations[i].sequence, i);
  EXPECT_EQ(run->ranked().front()->configuration.key(), "plain block=96 unroll=2");
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_EQ(run->info.stop_reason, "space exhausted");
  EXPECT_EQ(run->info.space_size, kToySize);
  EXPECT_EQ(run->info.device.name, "Scripted GPU");
  EXPECT_EQ(run->info.compulsory_bytes, 8192);
  EXPECT_GT(run->info.gpu_busy_s, 0.5);
  EXPECT_GT(run->info.first_outcome_s, 0);
  EXPECT_GE(run->info.seconds, run->info.first_outcome_s);
  EXPECT_EQ(toy.last->state, SessionState::finished);
  EXPECT_EQ(toy.last->outcomes.at(Outcome::ok), kToySize);
  EXPECT_EQ(toy.last->planned, kToySize);
}

TEST(Sweep, TheStoreHasWhatTheRunHas) {
  Toy toy;
  toy.open_store();
  const auto run = toy.sweep();
  ASSERT_TRUE(run) << run.error().message();
  const auto kept = toy.store->load(*toy.store->latest());
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(testing::keys(*kept), testing::keys(*run));
  EXPECT_EQ(to_json(kept->info), to_json(run->info));
  EXPECT_EQ(to_json(kept->evaluations[3]), to_json(run->evaluations[3]));
}

TEST(Sweep, CeilingsAreMeasuredOnceADevice) {
  Toy toy;
  toy.open_store();
  const auto first = toy.sweep();
  const auto second = toy.sweep();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(toy.logged("ceilings"), 1);
  EXPECT_EQ(second->info.device.ceilings->read_gbps, 1100);
  EXPECT_NE(second->info.device.ceilings->streams.missing, "") << "that worker says nothing of counters";
}

TEST(Sweep, ABudgetOfEvaluationsIsKept) {
  Toy toy;
  auto request = toy.request();
  request.budget = "7";
  request.strategy = "random";
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), 7U);
  EXPECT_EQ(toy.logged("measured"), 7);
  EXPECT_EQ(run->info.stop_reason, "budget of 7 evaluations used");
  EXPECT_EQ(toy.last->planned, 7U);
}

TEST(Sweep, ABudgetOfSecondsIsKept) {
  Toy toy;
  toy.script["delay_ms"] = 50;
  auto request = toy.request();
  request.budget = "0.5s";
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_LT(run->evaluations.size(), kToySize);
  EXPECT_GE(run->evaluations.size(), 4U);
  EXPECT_EQ(run->info.stop_reason, "budget of 0.5 s used");
}

TEST(Sweep, TheSpaceCanBeNarrowed) {
  Toy toy;
  auto request = toy.request();
  request.variants = {"plain"};
  request.parameters["block"] = {"64", "128"};
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), 6U);
}

TEST(Sweep, TwoWorkersShareOneSession) {
  Toy toy;
  toy.script["delay_ms"] = 10;
  auto request = toy.request();
  request.workers = {toy.worker(), toy.worker()};
  auto environment = toy.environment();
  environment.ahead = 2;
  auto session = Session::start(request, environment);
  ASSERT_TRUE(session) << session.error().message();
  const auto run = (*session)->wait();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(toy.logged("measured"), static_cast<int>(kToySize));
  EXPECT_EQ(toy.logged("start"), 2);
  EXPECT_EQ(toy.logged("prepare"), 2);
}

TEST(Sweep, WorkersWithDifferentGpusAreRefused) {
  Toy toy;
  auto request = toy.request();
  toy.script["device_name"] = "Another GPU";
  request.workers.push_back(toy.worker("other.json"));
  const auto run = toy.sweep(request);
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().reason.find("Another GPU"), std::string::npos) << run.error().message();
}

TEST(Sweep, EvaluationsAreSeenInOrder) {
  Toy toy;
  std::vector<std::uint64_t> seen;
  auto environment = toy.environment();
  environment.on_evaluation = [&](const Evaluation& evaluation) { seen.push_back(evaluation.sequence); };
  auto session = Session::start(toy.request(), environment);
  ASSERT_TRUE(session);
  ASSERT_TRUE((*session)->wait());
  ASSERT_EQ(seen.size(), kToySize);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

/// What a sweep has found, but for when.
nlohmann::json found_by(const Run& run) {
  auto json = nlohmann::json::array();
  for (Evaluation evaluation : run.evaluations) {
    evaluation.elapsed_s = evaluation.measurement.cost_s = 0;
    json.push_back(to_json(evaluation));
  }
  return json;
}

TEST(Sweep, WhatNobodyFollowsIsInTheStoreAloneUntilTheSearchHasEnded) {
  Toy followed, toy;
  toy.follow = false;
  for (Toy* each : {&followed, &toy}) {
    each->open_store();
    each->script["noise"] = 0;
    each->rule("plain block=64 unroll=2", "verify", "outcome", {{"outcome", "incorrect"}, {"reason", "made up"}});
  }
  const auto counting = [](Toy& each) {
    auto request = each.request();
    request.counters = CounterMode::all;
    return request;
  };
  const auto expected = followed.sweep(counting(followed));
  ASSERT_TRUE(expected) << expected.error().message();

  Session* session = nullptr;
  std::atomic<bool> started{false};
  std::uint64_t seen = 0, most_held = 0;
  auto environment = toy.environment();
  environment.on_publish = [&] {
    while (!started) std::this_thread::yield();
    const auto snapshot = session->snapshot();
    if (snapshot->state != SessionState::running || snapshot->activity != "searching") return;
    seen = std::max(seen, snapshot->evaluated);
    most_held = std::max<std::uint64_t>(most_held, snapshot->evaluations.size());
  };
  toy.script["delay_ms"] = 5;
  auto unfollowed = Session::start(counting(toy), environment);
  ASSERT_TRUE(unfollowed) << unfollowed.error().message();
  session = unfollowed->get();
  started = true;
  const auto run = session->wait();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_GT(seen, 2U) << "progress is told all the same";
  EXPECT_EQ(most_held, 0U);
  EXPECT_EQ(session->snapshot()->evaluated, kToySize);
  EXPECT_EQ(session->snapshot()->evaluations.size(), kToySize);
  EXPECT_EQ(found_by(*run), found_by(*expected));
  EXPECT_EQ(run->outcome_counts(), expected->outcome_counts());
  EXPECT_EQ(run->ranked().front()->configuration.key(), expected->ranked().front()->configuration.key());
  EXPECT_EQ(run->info.finals.size(), expected->info.finals.size());
  EXPECT_EQ(found_by(*toy.store->load(run->info.id)), found_by(*run));
}

TEST(Sweep, SaysWhichOfTheRankedAreInTheTargetsSpace) {
  Toy toy;
  // Blocks of 256 threads are over the target's limit here, and the best are such.
  auto target = nlohmann::json::parse(read_file(toy.path("presets/devices/rtx4090.json")).value());
  target["limits"]["max_threads_per_block"] = 128;
  toy.folder().write("presets/devices/rtx4090.json", target.dump());
  toy.script["times"] = {
      {"plain block=256 unroll=1", 1.0}, {"plain block=192 unroll=1", 1.01}, {"plain block=128 unroll=2", 1.02}};
  toy.script["noise"] = 0;
  toy.open_store();
  auto request = toy.request();
  auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_FALSE(run->info.target_fit) << "no target was asked for";
  request.target = "rtx4090";
  run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  ASSERT_TRUE(run->info.target_fit);
  EXPECT_EQ(run->info.target_fit->misfit, "256 threads a block are over the 128 there");
  ASSERT_NE(run->best_for_target(), nullptr);
  EXPECT_EQ(run->best_for_target()->configuration.key(), "plain block=128 unroll=2");
  const auto kept = toy.store->load(run->info.id);
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(kept->best_for_target()->sequence, run->best_for_target()->sequence);
  request.parameters["block"] = {"192", "256"};
  request.variants = {"plain"};
  run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->best_for_target(), nullptr);
}

TEST(Sweep, WithoutAStoreEveryEvaluationIsKeptInMemory) {
  Toy toy;
  toy.follow = false;
  const auto run = toy.sweep();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
}

TEST(Sweep, APausedSweepWaitsAndGoesOn) {
  Toy toy;
  toy.script["delay_ms"] = 20;
  auto environment = toy.environment();
  environment.ahead = 1;
  auto session = Session::start(toy.request(), environment);
  ASSERT_TRUE(session);
  (*session)->pause();
  while ((*session)->snapshot()->state != SessionState::paused) std::this_thread::sleep_for(5ms);
  std::this_thread::sleep_for(100ms);
  const auto before = (*session)->snapshot()->evaluations.size();
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ((*session)->snapshot()->evaluations.size(), before);
  EXPECT_LT(before, kToySize);
  (*session)->resume();
  const auto run = (*session)->wait();
  ASSERT_TRUE(run);
  EXPECT_EQ(run->evaluations.size(), kToySize);
}

TEST(Sweep, AStoppedSweepIsInterruptedAndSoon) {
  Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 30;
  auto session = Session::start(toy.request(), toy.environment());
  ASSERT_TRUE(session);
  while ((*session)->snapshot()->evaluations.size() < 3) std::this_thread::sleep_for(5ms);
  const auto asked = std::chrono::steady_clock::now();
  (*session)->stop();
  const auto run = (*session)->wait();
  ASSERT_TRUE(run);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 1500ms);
  EXPECT_EQ(run->info.state, RunState::interrupted);
  EXPECT_EQ(run->info.stop_reason, "interrupted");
  EXPECT_EQ((*session)->snapshot()->state, SessionState::interrupted);
  EXPECT_EQ(toy.store->load(run->info.id)->evaluations.size(), run->evaluations.size());
}

TEST(Sweep, DroppingTheSessionStopsIt) {
  Toy toy;
  toy.script["delay_ms"] = 50;
  {
    auto session = Session::start(toy.request(), toy.environment());
    ASSERT_TRUE(session);
  }
  EXPECT_LT(toy.logged("measured"), static_cast<int>(kToySize));
}

TEST(Sweep, SnapshotsCanBeReadWhileItRuns) {
  Toy toy;
  std::atomic<int> published{0};
  auto environment = toy.environment();
  environment.on_publish = [&] { ++published; };
  auto session = Session::start(toy.request(), environment);
  ASSERT_TRUE(session);
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      std::size_t before = 0;
      while (true) {
        const auto snapshot = (*session)->snapshot();
        EXPECT_GE(snapshot->evaluations.size(), before);
        before = snapshot->evaluations.size();
        for (const auto& evaluation : snapshot->evaluations) EXPECT_FALSE(evaluation->configuration.variant.empty());
        if (snapshot->state == SessionState::finished) return;
        std::this_thread::yield();
      }
    });
  }
  ASSERT_TRUE((*session)->wait());
  for (auto& reader : readers) reader.join();
  EXPECT_GT(published.load(), 1);
}

}  // namespace
}  // namespace fuseline::tuner
