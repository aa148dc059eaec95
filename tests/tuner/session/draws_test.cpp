// What comes close to the best is verified on further draws of the inputs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/npy.hpp"
#include "toy.hpp"

namespace fuseline::tuner {
namespace {

using testing::find;
using ::testing::HasSubstr;
using testing::kToySize;
using testing::Toy;

constexpr const char* kFirst = "plain block=64 unroll=2";
constexpr const char* kSecond = "plain block=96 unroll=4";
constexpr const char* kThird = "other block=32";

class Draws : public ::testing::Test {
 protected:
  Draws() {
    toy_.draws = 3;
    // The first alone is close to the best; once it is gone the second and the third are.
    toy_.script["times"] = {{kFirst, 0.5}, {kSecond, 0.6}, {kThird, 0.605}};
    toy_.script["noise"] = 0;
    toy_.open_store();
  }
  /// `key` is wrong with the inputs of that seed.
  void wrong(const char* key, std::uint64_t seed) {
    toy_.rule(key, "time", "outcome", {{"outcome", "incorrect"}, {"reason", "3 of 9 wrong"}, {"seed", seed}});
  }
  tuner::Run swept() {
    auto run = toy_.sweep();
    EXPECT_TRUE(run) << run.error().message();
    return run ? std::move(*run) : tuner::Run();
  }
  Toy toy_;
};

TEST_F(Draws, AreOfTheirOwnSeedsAndPreparedInTurn) {
  const tuner::Run run = swept();
  EXPECT_EQ(toy_.logged("prepare toy"), 3);
  EXPECT_EQ(toy_.logged(std::string("measured ") + kFirst), 3);
  EXPECT_EQ(toy_.logged(std::string("measured ") + kSecond), 1) << "not close to the best";
  EXPECT_EQ(run.info.draws, 3);
  EXPECT_EQ(run.info.finals.size(), 1U);
  const tuner::Run kept = toy_.store->load(run.info.id).value();
  EXPECT_EQ(kept.info.draws, 3);
}

TEST_F(Draws, WhatIsWrongOnOneIsNoLongerOk) {
  wrong(kFirst, 2001);
  const tuner::Run run = swept();
  ASSERT_EQ(run.evaluations.size(), kToySize);
  const Measurement& fallen = find(run, kFirst)->measurement;
  EXPECT_EQ(fallen.outcome, Outcome::incorrect);
  EXPECT_EQ(fallen.reason, "on draw 3 of the inputs, right on the first: 3 of 9 wrong");
  EXPECT_EQ(run.ranked().front()->configuration.key(), kSecond);
  EXPECT_EQ(run.info.finals.size(), 2U) << "the second and the third";
  EXPECT_EQ(toy_.last->outcomes.at(Outcome::incorrect), 1U);
  EXPECT_EQ(toy_.last->outcomes.at(Outcome::ok), kToySize - 1);
  EXPECT_EQ(toy_.last->best->configuration.key(), kSecond);
  EXPECT_THAT(toy_.messages(), HasSubstr(std::string(kFirst) + " is left out: on draw 3"));
  const tuner::Run kept = toy_.store->load(run.info.id).value();
  EXPECT_EQ(find(kept, kFirst)->measurement.outcome, Outcome::incorrect);
  EXPECT_EQ(toy_.store->runs().value().front().best_ms, run.time_of(*run.ranked().front()).median);
}

TEST_F(Draws, WhatComesCloseToTheBestThenIsVerifiedOnEveryOneToo) {
  wrong(kFirst, 1001);
  wrong(kThird, 1001);
  const tuner::Run run = swept();
  EXPECT_EQ(toy_.logged(std::string("measured ") + kSecond), 3);
  EXPECT_EQ(toy_.logged(std::string("measured ") + kThird), 2) << "not again on the last";
  EXPECT_EQ(find(run, kThird)->measurement.outcome, Outcome::incorrect);
  EXPECT_EQ(run.ranked().front()->configuration.key(), kSecond);
}

TEST_F(Draws, ACrashOnOneCostsTheConfiguration) {
  toy_.rule(kFirst, "verify", "exit", {{"seed", 1001}});
  const tuner::Run run = swept();
  EXPECT_EQ(find(run, kFirst)->measurement.outcome, Outcome::crashed);
  EXPECT_EQ(run.ranked().front()->configuration.key(), kSecond);
  EXPECT_EQ(run.info.state, RunState::finished);
  EXPECT_EQ(run.info.draws, 3);
}

TEST_F(Draws, ADeviceThatIsLostThenLeavesWhatWasMeasured) {
  toy_.script["lives"] = 1;
  toy_.rule(kFirst, "verify", "exit", {{"seed", 1001}});
  const tuner::Run run = swept();
  EXPECT_EQ(run.evaluations.size(), kToySize);
  EXPECT_EQ(run.info.draws, 1);
  EXPECT_THAT(toy_.messages(), HasSubstr("verified on fewer draws"));
}

TEST_F(Draws, AreAsManyAsAreAskedFor) {
  toy_.draws = 1;
  EXPECT_EQ(swept().info.draws, 1);
  EXPECT_EQ(toy_.logged("prepare toy"), 1);
}

TEST_F(Draws, SeveralWorkersAreAllPrepared) {
  wrong(kFirst, 1001);
  SweepRequest request = toy_.request();
  request.workers.push_back(request.workers.front());
  const auto run = toy_.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(toy_.logged("prepare toy"), 6);
  EXPECT_EQ(run->ranked().front()->configuration.key(), kSecond);
}

TEST_F(Draws, OfFilesAreTheShapesOfTheSameDimensions) {
  toy_.change_problem(R"({"name": "tiny", "description": "t", "dims": {"N": 64}})",
                      R"({"name": "draw2", "description": "d", "dims": {"N": 1024}},
                         {"name": "lacking", "description": "l", "dims": {"N": 1024}},
                         {"name": "tiny", "description": "t", "dims": {"N": 64}})");
  toy_.change_problem(R"("elements": "N"})", R"("elements": "N", "fill": {"kind": "file", "path": "x.{shape}.npy"}})");
  for (const char* shape : {"small", "draw2"}) {
    toy_.folder().write(std::string("kernels/toy/x.") + shape + ".npy",
                        npy_file("<f4", "(1024,)", std::vector<float>(1024, 1)));
  }
  wrong(kFirst, 1001);
  const tuner::Run run = swept();
  EXPECT_EQ(toy_.logged("data x 0 "), 2) << "of the shape swept, then of the other draw";
  EXPECT_EQ(run.info.draws, 2);
  EXPECT_EQ(run.ranked().front()->configuration.key(), kSecond);
  EXPECT_THAT(toy_.messages(), HasSubstr("nothing is verified on the draw lacking: "));
}

}  // namespace
}  // namespace fuseline::tuner
