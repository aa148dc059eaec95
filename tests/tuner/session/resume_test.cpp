// Going on with a run. Sweeps that were killed are in tests/faults.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "toy.hpp"

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
  for (std::size_t i = 1; i < run->evaluations.size(); ++i)
    EXPECT_GE(run->evaluations[i].elapsed_s, run->evaluations[i - 1].elapsed_s);
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
  request.scalars = {{"scale", 3.0}};
  EXPECT_FALSE(resumed(toy, request));
  request.scalars.clear();
  request.variants = {"plain"};
  EXPECT_FALSE(resumed(toy, request));
}

TEST(ResumeRules, WithoutAStoreThereIsNothingToResume) {
  Toy toy;
  const auto run = resumed(toy, toy.request());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace fuseline::tuner
