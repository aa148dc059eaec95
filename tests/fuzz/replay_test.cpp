// What the fuzzers begin with and what they once found, without a fuzzer.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/fuzz/targets.hpp"
#include "tuner/base/files.hpp"

namespace fuseline::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kFound = fs::path(FUSELINE_SOURCE_DIR) / "tests" / "fuzz" / "regressions";

class Replay : public ::testing::TestWithParam<const Target*> {};

TEST_P(Replay, SeedsAreTaken) {
  const auto seeds = GetParam()->seeds();
  EXPECT_GE(seeds.size(), 1U);
  for (const std::string& seed : seeds) GetParam()->run(seed);
}

TEST_P(Replay, SeedsCutShortAreTaken) {
  for (const std::string& seed : GetParam()->seeds()) {
    for (std::size_t length = 0; length < seed.size(); length += 1 + seed.size() / 16)
      GetParam()->run(seed.substr(0, length));
  }
}

TEST_P(Replay, WhatWasFoundOnceIsNotFoundAgain) {
  const fs::path folder = kFound / GetParam()->name;
  if (!fs::exists(folder)) GTEST_SKIP() << "nothing was found yet";
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    const auto input = tuner::read_file(entry.path());
    ASSERT_TRUE(input);
    GetParam()->run(*input);
  }
}

std::vector<const Target*> all() {
  std::vector<const Target*> list;
  for (const Target& target : targets()) list.push_back(&target);
  return list;
}

INSTANTIATE_TEST_SUITE_P(Targets, Replay, ::testing::ValuesIn(all()),
                         [](const auto& target) { return std::string(target.param->name); });

TEST(Regressions, EveryFolderIsATargets) {
  if (!fs::exists(kFound)) return;
  for (const auto& entry : fs::directory_iterator(kFound)) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(std::any_of(targets().begin(), targets().end(), [&](const Target& target) {
      return target.name == name;
    })) << name;
  }
}

}  // namespace
}  // namespace fuseline::fuzz
