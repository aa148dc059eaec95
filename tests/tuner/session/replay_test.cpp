#include <gtest/gtest.h>

#include "toy.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/session/recordings.hpp"

namespace fuseline::tuner {
namespace {

using testing::kToySize;
using testing::Toy;

/// A toy whose sweep was recorded as "box".
class Replay : public ::testing::Test {
 protected:
  void SetUp() override {
    toy_.script["times"] = {
        {"plain block=64 unroll=1", 1.0}, {"plain block=64 unroll=2", 1.001}, {"other block=32", 1.03}};
    toy_.script["sm_mhz"] = 1965;
    toy_.rule("plain block=96 unroll=2", "verify", "exit");
    auto run = toy_.sweep();
    ASSERT_TRUE(run) << run.error().message();
    recorded_ = std::move(*run);
    toy_.folder().write("presets/recordings/box/toy.f32.small.t4.json", t4_json(recorded_).dump());
    std::filesystem::remove(toy_.path("log"));
  }
  SweepRequest request(const std::string& device = "replay:box") {
    auto request = toy_.request();
    request.device = device;
    request.workers.clear();
    return request;
  }
  Toy toy_;
  tuner::Run recorded_;
};

TEST_F(Replay, GivesTheRecordedOutcomesAndTheRecordedBest) {
  const auto run = toy_.sweep(request());
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(run->info.backend, Backend::replay);
  EXPECT_EQ(run->info.recording, "box");
  EXPECT_EQ(run->info.device.name, "Scripted GPU");
  EXPECT_FALSE(run->info.recorded_at.empty());
  EXPECT_EQ(run->outcome_counts(), recorded_.outcome_counts());
  EXPECT_EQ(run->ranked().front()->configuration, recorded_.ranked().front()->configuration);
  for (const auto& evaluation : recorded_.evaluations) {
    const auto* replayed = testing::find(*run, evaluation.configuration.key());
    ASSERT_NE(replayed, nullptr);
    EXPECT_EQ(replayed->measurement.samples_ms, evaluation.measurement.samples_ms);
    EXPECT_DOUBLE_EQ(replayed->measurement.cost_s, evaluation.measurement.cost_s);
  }
  EXPECT_TRUE(toy_.log().empty()) << "no worker was started";
  EXPECT_NE(toy_.messages().find("nothing is measured here"), std::string::npos);
}

TEST_F(Replay, TheFinalsAreTheRecordedOnesWhereAllFinalistsWereEvaluated) {
  const auto run = toy_.sweep(request());
  ASSERT_TRUE(run);
  ASSERT_EQ(run->info.finals.size(), recorded_.info.finals.size());
  for (std::size_t i = 0; i < run->info.finals.size(); ++i) {
    EXPECT_EQ(run->info.finals[i].samples_ms, recorded_.info.finals[i].samples_ms);
    EXPECT_EQ(run->evaluations[run->info.finals[i].sequence].configuration,
              recorded_.evaluations[recorded_.info.finals[i].sequence].configuration);
  }
}

TEST_F(Replay, TellsHowTheRecordingWasTimed) {
  const auto run = toy_.sweep(request());
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.after, Predecessor::clean);
  EXPECT_EQ(run->evaluations.front().measurement.after, Predecessor::clean);
  ASSERT_EQ(run->info.final_rounds.size(), 25U);
  const auto& recorded = recorded_.info.final_rounds;
  for (std::size_t i = 0; i < 25; ++i) {
    const FinalRound& round = run->info.final_rounds[i];
    EXPECT_EQ(round.place, recorded[i].place) << i;
    EXPECT_EQ(round.copy_gbps, recorded[i].copy_gbps) << i;
    ASSERT_EQ(round.order.size(), recorded[i].order.size()) << i;
    for (std::size_t turn = 0; turn < round.order.size(); ++turn) {
      const std::int64_t now = round.order[turn], then = recorded[i].order[turn];
      ASSERT_EQ(now == FinalRound::copy, then == FinalRound::copy) << i;
      if (now == FinalRound::copy) continue;
      EXPECT_EQ(run->evaluations[static_cast<std::size_t>(now)].configuration,
                recorded_.evaluations[static_cast<std::size_t>(then)].configuration)
          << i;
    }
  }
  ASSERT_TRUE(run->info.clocks && recorded_.info.clocks);
  EXPECT_EQ(run->info.clocks->readings, recorded_.info.clocks->readings);
  EXPECT_EQ(run->info.clocks->sm_mhz, 1965);
}

TEST_F(Replay, FollowsWhatTheRecordingDid) {
  auto asked = request();
  for (const char* after : {"", "clean"}) {
    asked.after = after;
    EXPECT_TRUE(toy_.sweep(asked)) << after;
  }
  asked.after = "producer";
  EXPECT_EQ(toy_.sweep(asked).error().message(),
            "--after: the recording was timed after 'clean', not after 'producer'");
}

TEST_F(Replay, ANarrowedSpaceIsRankedByTheSweepsMedians) {
  auto narrowed = request();
  narrowed.variants = {"plain"};
  narrowed.parameters["unroll"] = {"2"};
  const auto run = toy_.sweep(narrowed);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), 8U);
  EXPECT_TRUE(run->info.finals.empty());
  EXPECT_EQ(run->ranked().front()->configuration.key(), "plain block=64 unroll=2");
}

TEST_F(Replay, TimeIsTheRecordedCostAndNoneIsWaited) {
  const auto began = std::chrono::steady_clock::now();
  auto timed = request();
  timed.budget = "0.1s";
  const auto run = toy_.sweep(timed);
  ASSERT_TRUE(run) << run.error().message();
  double cost = 0;
  for (const auto& evaluation : run->evaluations) {
    EXPECT_LT(cost, 0.1);
    cost += evaluation.measurement.cost_s;
    EXPECT_NEAR(evaluation.elapsed_s, cost, 1e-9);
  }
  EXPECT_GE(cost, 0.1);
  EXPECT_LT(run->evaluations.size(), kToySize);
  EXPECT_NEAR(run->info.seconds, cost, 1e-9);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST_F(Replay, IsTheSameEachTimeForASeed) {
  auto random = request();
  random.strategy = "random";
  random.budget = "9";
  const auto first = toy_.sweep(random);
  const auto second = toy_.sweep(random);
  random.seed = 2;
  const auto other = toy_.sweep(random);
  ASSERT_TRUE(first && second && other);
  EXPECT_EQ(testing::keys(*first), testing::keys(*second));
  EXPECT_NE(testing::keys(*first), testing::keys(*other));
}

TEST_F(Replay, IsStoredLikeAnyOther) {
  toy_.open_store();
  const auto run = toy_.sweep(request());
  ASSERT_TRUE(run) << run.error().message();
  const auto kept = toy_.store->load(run->info.id);
  ASSERT_TRUE(kept) << kept.error().message();
  EXPECT_EQ(kept->evaluations.size(), kToySize);
  EXPECT_EQ(kept->info.backend, Backend::replay);
}

TEST_F(Replay, ThatNobodyFollowsIsInTheStoreAloneUntilItsEnd) {
  const auto expected = toy_.sweep(request());
  ASSERT_TRUE(expected) << expected.error().message();
  toy_.open_store();
  toy_.follow = false;
  const auto run = toy_.sweep(request());
  ASSERT_TRUE(run) << run.error().message();
  ASSERT_EQ(run->evaluations.size(), expected->evaluations.size());
  for (std::size_t i = 0; i < run->evaluations.size(); ++i)
    EXPECT_EQ(to_json(run->evaluations[i]), to_json(expected->evaluations[i]));
  EXPECT_EQ(run->info.finals.size(), expected->info.finals.size());
  EXPECT_EQ(toy_.store->load(run->info.id)->evaluations.size(), kToySize);
}

TEST_F(Replay, AFileNeedsNoProblemName) {
  auto foreign = request("replay:" + toy_.path("presets/recordings/box/toy.f32.small.t4.json").string());
  foreign.problem.clear();
  const auto run = toy_.sweep(foreign);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.problem, "toy");
  EXPECT_EQ(run->info.compulsory_bytes, 8192);
  EXPECT_EQ(run->evaluations.size(), kToySize);
}

TEST_F(Replay, ACacheOfKernelTunerIsARecordingToo) {
  const auto text = kernel_tuner_text(recorded_);
  ASSERT_TRUE(text) << text.error().message();
  auto foreign = request("replay:" + toy_.folder().write("cache.json", *text).string());
  foreign.problem.clear();
  const auto run = toy_.sweep(foreign);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  ASSERT_FALSE(run->ranked().empty());
  EXPECT_NEAR(run->ranked().front()->measurement.time_ms.median, 1.0, 0.01);
}

TEST_F(Replay, AutoFallsBackToARecordingAndSaysSo) {
  auto automatic = request("auto");
  auto environment = toy_.environment();
  environment.worker_program = "/no/such/worker";
  auto session = Session::start(automatic, environment);
  ASSERT_TRUE(session) << session.error().message();
  ASSERT_TRUE((*session)->wait());
  const auto snapshot = (*session)->snapshot();
  ASSERT_GE(snapshot->messages.size(), 2U);
  EXPECT_NE(snapshot->messages[0].text.find("no GPU can be used here"), std::string::npos);
  EXPECT_NE(snapshot->messages[1].text.find("replay"), std::string::npos);
  EXPECT_EQ(snapshot->info.backend, Backend::replay);
}

TEST_F(Replay, AutoPrefersAGpu) {
  toy_.folder().write("worker.sh", "#!/bin/sh\nexec " + toy_.worker() + "\n");
  std::filesystem::permissions(toy_.path("worker.sh"), std::filesystem::perms::owner_all);
  auto automatic = request("auto");
  auto environment = toy_.environment();
  environment.worker_program = toy_.path("worker.sh").string();
  auto session = Session::start(automatic, environment);
  ASSERT_TRUE(session) << session.error().message();
  ASSERT_TRUE((*session)->wait());
  EXPECT_EQ((*session)->snapshot()->info.backend, Backend::cuda);
}

struct Refusal {
  const char* name;
  void (*change)(SweepRequest&);
  const char* text;
};
class ReplayRefusals : public Replay, public ::testing::WithParamInterface<Refusal> {};

TEST_P(ReplayRefusals, AreBadInputThatSaysWhatThereIs) {
  auto wrong = request();
  GetParam().change(wrong);
  const auto run = toy_.sweep(wrong);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::bad_input);
  EXPECT_NE(run.error().message().find(GetParam().text), std::string::npos) << run.error().message();
}

INSTANTIATE_TEST_SUITE_P(
    All, ReplayRefusals,
    ::testing::Values(Refusal{"recording", [](SweepRequest& r) { r.device = "replay:nowhere"; }, "'box'"},
                      Refusal{"dtype", [](SweepRequest& r) { r.dtype = "f16"; },
                              "there are box f32 small of this problem"},
                      Refusal{"dims",
                              [](SweepRequest& r) {
                                r.dims = {{"N", 128}};
                              },
                              "N=128"},
                      Refusal{"variant", [](SweepRequest& r) { r.variants = {"fancy"}; }, "other, plain"},
                      Refusal{"parameter", [](SweepRequest& r) { r.parameters["warps"] = {"1"}; }, "block, unroll"},
                      Refusal{"value", [](SweepRequest& r) { r.parameters["unroll"] = {"3"}; }, "1, 2, 4"},
                      Refusal{"problem", [](SweepRequest& r) { r.problem.clear(); }, "name the problem"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Replay, AFileOfAnotherKindIsRefusedByName) {
  const auto file = toy_.folder().write("notes.json", R"({"hello": 1})");
  const auto run = toy_.sweep(request("replay:" + file.string()));
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::bad_input);
  EXPECT_NE(run.error().message().find("notes.json"), std::string::npos);
}

TEST_F(Replay, ARecordingOfAProblemThatIsNotHereBringsItsOwn) {
  nlohmann::json elsewhere = t4_json(recorded_);
  elsewhere["metadata"]["fuseline"]["problem"] = "theirs";
  toy_.folder().write("presets/recordings/box/theirs.f32.small.t4.json", elsewhere.dump());
  SweepRequest asked = request();
  asked.problem = "theirs";
  const auto run = toy_.sweep(asked);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.problem, "theirs");
  EXPECT_EQ(run->evaluations.size(), kToySize);
  asked.dtype = "f16";
  EXPECT_FALSE(toy_.sweep(asked)) << "it was not recorded in that";
  asked.dtype.clear();
  asked.dims = {{"N", 128}};
  EXPECT_FALSE(toy_.sweep(asked)) << "nor with that";
}

TEST_F(Replay, RecordingsAreListed) {
  toy_.folder().write("presets/recordings/box/README.md", "not a recording");
  const auto recordings = list_recordings(toy_.folder().path());
  ASSERT_TRUE(recordings) << recordings.error().message();
  ASSERT_EQ(recordings->size(), 1U);
  const auto& recording = recordings->front();
  EXPECT_EQ(recording.name, "box");
  EXPECT_EQ(recording.problem, "toy");
  EXPECT_EQ(recording.shape, "small");
  EXPECT_EQ(recording.device, "Scripted GPU");
  EXPECT_EQ(recording.evaluations, kToySize);
}

}  // namespace
}  // namespace fuseline::tuner
