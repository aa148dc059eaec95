// Who is blamed for the loss of a worker, and what becomes of the others. Every way to lose one is in tests/faults.
#include <gtest/gtest.h>

#include <csignal>

#include "toy.hpp"

namespace fuseline::tuner {
namespace {

using testing::kToySize;
using testing::Toy;

const std::string kVictim = "plain block=96 unroll=2";

/// All were evaluated once; the victim as `outcome` with `reason` in its text, the others ok.
void expect_one_lost(Toy& toy, const Result<Run>& run, Outcome outcome, const std::string& reason) {
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  const auto* victim = testing::find(*run, kVictim);
  ASSERT_NE(victim, nullptr);
  EXPECT_EQ(to_string(victim->measurement.outcome), to_string(outcome)) << victim->measurement.reason;
  EXPECT_NE(victim->measurement.reason.find(reason), std::string::npos) << victim->measurement.reason;
  EXPECT_EQ(run->outcome_counts().at(Outcome::ok), kToySize - 1);
  EXPECT_EQ(toy.logged("start"), 2) << toy.messages();
  EXPECT_EQ(run->info.state, RunState::finished);
}

/// Nothing was blamed: every configuration is ok, measured once, by two workers.
void expect_none_lost(Toy& toy, const Result<Run>& run) {
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(run->outcome_counts().at(Outcome::ok), kToySize);
  EXPECT_EQ(toy.logged("start"), 2) << toy.messages();
}

TEST(Faults, AnExitCostsTheConfigurationOnTheDevice) {
  Toy toy;
  toy.rule(kVictim, "verify", "exit");
  const auto run = toy.sweep();
  expect_one_lost(toy, run, Outcome::crashed, "exited with status 3");
  EXPECT_NE(testing::find(*run, kVictim)->measurement.reason.find("last words"), std::string::npos);
  EXPECT_NE(toy.messages().find("replaced"), std::string::npos);
}

TEST(Faults, AWorkerKilledFromOutsideBlamesNobodyTheFirstTime) {
  Toy toy;
  toy.rule(kVictim, "verify", "signal", {{"signal", SIGKILL}});
  expect_none_lost(toy, toy.sweep());
}

TEST(Faults, AFatalErrorAfterAnOutcomeBlamesNobody) {
  Toy toy;
  toy.rule(kVictim, "after", "fatal");
  expect_none_lost(toy, toy.sweep());
}

TEST(Faults, ADeathBetweenConfigurationsBlamesNobody) {
  Toy toy;
  toy.rule(kVictim, "after", "exit");
  expect_none_lost(toy, toy.sweep());
}

TEST(Faults, ASilentWorkerWithNothingBegunIsReplaced) {
  Toy toy;
  toy.rule(kVictim, "compile", "hang");
  expect_none_lost(toy, toy.sweep());
}

TEST(Faults, ALateAnswerIsStillAnAnswer) {
  Toy toy;
  toy.script["delay_ms"] = 200;
  auto request = toy.request();
  request.budget = "3";
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->outcome_counts().at(Outcome::ok), 3U);
  EXPECT_EQ(toy.logged("start"), 1);
}

TEST(Faults, AConfigurationThatKillsItsCompilerIsFoundByEvaluatingSuspectsAlone) {
  Toy toy;
  toy.rule("plain block=32 unroll=1", "compile", "exit", {{"times", 1000}});
  auto request = toy.request();
  request.variants = {"plain"};
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), 24U);
  EXPECT_EQ(run->outcome_counts().at(Outcome::ok), 23U);
  EXPECT_EQ(testing::find(*run, "plain block=32 unroll=1")->measurement.outcome, Outcome::crashed);
  EXPECT_EQ(toy.logged("start"), 4);
}

TEST(Faults, AWorkerThatDiesWhilePreparingIsGivenUpAfterThreeDeaths) {
  Toy toy;
  toy.script["lives"] = 0;
  const auto run = toy.sweep();
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().reason.find("exited with status 7"), std::string::npos) << run.error().reason;
  EXPECT_EQ(toy.logged("start"), 3);
}

TEST(Faults, ARefusedProblemIsNotTriedAgain) {
  Toy toy;
  toy.script["refuse_prepare"] = "the reference does not compile";
  const auto run = toy.sweep();
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().reason.find("the reference does not compile"), std::string::npos);
  EXPECT_EQ(toy.logged("start"), 1);
}

TEST(Faults, OneOfTwoWorkersMayBeGivenUp) {
  Toy toy;
  auto request = toy.request();
  toy.script["lives"] = 0;
  toy.script["log"] = toy.path("dying.log").string();
  request.workers.push_back(toy.worker("dying.json"));
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
}

TEST(Faults, AFinalistThatKillsTheWorkerIsLeftOutOfTheFinals) {
  Toy toy;
  toy.script["times"] = {{kVictim, 1.0}, {"other block=32", 1.01}};
  toy.rule(kVictim, "finals", "exit", {{"times", 1000}});
  const auto run = toy.sweep();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.finals.size(), 1U);
  EXPECT_EQ(run->evaluations.size(), kToySize);
}

TEST(Faults, ACommandThatIsNoWorkerIsAnErrorThatShowsItsOutput) {
  Toy toy;
  auto request = toy.request();
  request.workers = {"echo Welcome to the cluster"};
  const auto run = toy.sweep(request);
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().reason.find("Welcome"), std::string::npos) << run.error().reason;
}

/// Of a search that ends where kernels cost workers before any worked.
Result<Run> impatient(Toy& toy) {
  SessionEnvironment environment = toy.environment();
  environment.ends_at_losses = true;
  auto session = Session::start(toy.request(), environment);
  if (!session) return tl::unexpected(session.error());
  return (*session)->wait();
}

TEST(Faults, AHangOrTwoCrashesEndTheSearchWhereThatIsAskedFor) {
  for (const auto& [deed, evaluations] : {std::pair("hang", std::size_t{1}), std::pair("exit", std::size_t{2})}) {
    Toy toy;
    toy.ahead = 1;
    toy.rule("", "verify", deed, {{"times", 1000}});
    const auto run = impatient(toy);
    ASSERT_TRUE(run) << run.error().message();
    EXPECT_EQ(run->evaluations.size(), evaluations) << deed;
    EXPECT_EQ(run->info.stop_reason, "kernels hung or crashed before any worked");
    EXPECT_EQ(run->info.state, RunState::finished);
  }
}

TEST(Faults, OnceOneHasWorkedTheSearchGoesOn) {
  Toy toy;
  toy.rule("", "after", "exit", {{"times", 4}});
  const auto run = impatient(toy);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(toy.logged("start"), 5);
  EXPECT_EQ(run->evaluations.size(), kToySize);
}

TEST(Faults, ACommandThatDoesNotExistIsAnErrorWithTheShellsWords) {
  Toy toy;
  auto request = toy.request();
  request.workers = {"/no/such/worker"};
  const auto run = toy.sweep(request);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::worker);
  EXPECT_NE(run.error().reason.find("not found"), std::string::npos) << run.error().reason;
}

TEST(Faults, AnotherProtocolIsAnError) {
  Toy toy;
  toy.script["protocol"] = 99;
  const auto run = toy.sweep();
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().reason.find("protocol 99"), std::string::npos);
}

TEST(Faults, AWorkerWithoutAGpuIsAnError) {
  Toy toy;
  toy.script["no_device"] = true;
  const auto run = toy.sweep();
  ASSERT_FALSE(run);
  EXPECT_NE(run.error().reason.find("no GPU"), std::string::npos);
}

}  // namespace
}  // namespace fuseline::tuner
