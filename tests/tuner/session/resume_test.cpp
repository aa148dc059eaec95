#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "toy.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;
using testing::kToySize;
using testing::Toy;

std::vector<std::string> measured(const Toy& toy) {
  std::vector<std::string> keys;
  for (const auto& line : toy.log()) {
    if (line.starts_with("measured ")) keys.push_back(line.substr(9));
  }
  return keys;
}

void interrupt_after(Toy& toy, const SweepRequest& request, std::size_t count) {
  auto session = Session::start(request, toy.environment());
  ASSERT_TRUE(session) << session.error().message();
  while ((*session)->snapshot()->evaluations.size() < count) std::this_thread::sleep_for(2ms);
  (*session)->stop();
  ASSERT_TRUE((*session)->wait());
}

Result<Run> resumed(Toy& toy, const SweepRequest& request, std::uint64_t* reused = nullptr) {
  auto environment = toy.environment();
  environment.resume = true;
  auto session = Session::start(request, environment);
  if (!session) return tl::unexpected(session.error());
  auto run = (*session)->wait();
  if (reused != nullptr) *reused = (*session)->snapshot()->reused;
  return run;
}

class Resume : public ::testing::TestWithParam<const char*> {};

TEST_P(Resume, NothingIsLostAndNothingKeptIsMeasuredAgain) {
  Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 10;
  auto request = toy.request();
  request.strategy = GetParam();
  interrupt_after(toy, request, 5);
  const auto kept = toy.store->load(*toy.store->latest());
  ASSERT_TRUE(kept);
  std::filesystem::remove(toy.path("log"));
  std::uint64_t reused = 0;
  const auto run = resumed(toy, request, &reused);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.id, kept->info.id);
  EXPECT_EQ(reused, kept->evaluations.size());
  EXPECT_EQ(run->evaluations.size(), kToySize);
  for (std::size_t i = 0; i < run->evaluations.size(); ++i) EXPECT_EQ(run->evaluations[i].sequence, i);
  const auto again = measured(toy);
  EXPECT_EQ(again.size(), kToySize - kept->evaluations.size());
  for (const auto& key : testing::keys(*kept)) EXPECT_EQ(std::count(again.begin(), again.end(), key), 0) << key;
  for (std::size_t i = 1; i < run->evaluations.size(); ++i) EXPECT_GE(run->evaluations[i].elapsed_s, run->evaluations[i - 1].elapsed_s);
}

INSTANTIATE_TEST_SUITE_P(Strategies, Resume, ::testing::Values("exhaustive", "random"));

TEST(ResumeRules, ABudgetCountsWhatTheInterruptedRunHas) {
  Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 10;
  auto request = toy.request();
  interrupt_after(toy, request, 5);
  request.budget = "20";
  const auto run = resumed(toy, request);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), 20U);
}

TEST(ResumeRules, ThereMustBeSomethingToResume) {
  Toy toy;
  toy.open_store();
  const auto nothing = resumed(toy, toy.request());
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::bad_input);
  ASSERT_TRUE(toy.sweep());
  EXPECT_FALSE(resumed(toy, toy.request())) << "a finished run is not resumed";
}

TEST(ResumeRules, AnotherSweepIsNotResumed) {
  Toy toy;
  toy.open_store();
  toy.script["delay_ms"] = 10;
  auto request = toy.request();
  interrupt_after(toy, request, 3);
  request.dtype = "f16";
  EXPECT_FALSE(resumed(toy, request));
  request.dtype = "f32";
  request.variants = {"plain"};
  EXPECT_FALSE(resumed(toy, request));
}

TEST(ResumeRules, WithoutAStoreThereIsNothingToResume) {
  Toy toy;
  const auto run = resumed(toy, toy.request());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::bad_input);
}

/// The coordinator itself is killed with SIGKILL, three times over, and the sweep brought to its end.
TEST(ResumeRules, ASweepKilledAtAnyPointGoesOnWithNothingLostOrRepeated) {
  Toy toy;
  toy.script["delay_ms"] = 15;
  const auto worker = toy.worker();
  const std::vector<std::string> command = {std::string(FUSELINE_BIN_DIR) + "/sweeping_coordinator", toy.folder().path().string(),
                                            toy.path("runs.db").string(), worker};
  for (int kills = 0; kills < 3; ++kills) {
    auto argv = command;
    if (kills > 0) argv.push_back("--resume");
    auto coordinator = ChildProcess::start(argv);
    ASSERT_TRUE(coordinator);
    const int wanted = toy.logged("measured") + 5;
    while (toy.logged("measured") < wanted && !coordinator->poll_exit()) std::this_thread::sleep_for(2ms);
    coordinator->read_errors();
    ASSERT_FALSE(coordinator->poll_exit()) << coordinator->stderr_tail();
    coordinator->kill();
    EXPECT_EQ(coordinator->wait_exit(5000ms), "killed by signal 9 (Killed)");
    // Its worker sees the end of its input and ends itself; what it still measures meanwhile reaches nobody.
  }
  std::this_thread::sleep_for(600ms);
  auto store = Store::open(toy.path("runs.db").string());
  ASSERT_TRUE(store);
  const auto before = (*store)->load(*(*store)->latest());
  ASSERT_TRUE(before) << before.error().message();
  EXPECT_GE(before->evaluations.size(), 3U);
  EXPECT_EQ(before->info.state, RunState::running);
  std::filesystem::remove(toy.path("log"));

  auto argv = command;
  argv.push_back("--resume");
  auto coordinator = ChildProcess::start(argv);
  ASSERT_TRUE(coordinator);
  EXPECT_EQ(coordinator->wait_exit(30'000ms), "exited with status 0");
  const auto after = (*store)->load(before->info.id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->info.state, RunState::finished);
  EXPECT_EQ(after->evaluations.size(), kToySize);
  const auto keys = testing::keys(*after);
  EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), kToySize);
  for (std::size_t i = 0; i < before->evaluations.size(); ++i) EXPECT_EQ(to_json(after->evaluations[i]), to_json(before->evaluations[i]));
  EXPECT_EQ(measured(toy).size(), kToySize - before->evaluations.size());
}

}  // namespace
}  // namespace fuseline::tuner
