// Hot lines of a run in every file of ours that keeps them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/tuner/support/sample_run.hpp"
#include "tests/tuner/support/sample_source_profile.hpp"
#include "tests/tuner/support/t4.hpp"
#include "tuner/base/files.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/counters/source_profile_json.hpp"
#include "tuner/counters/stall_reasons.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/result.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using testing::sample_run;
using testing::sample_source_profile;

/// The best of it has lines.
Run profiled_run() {
  tuner::Run run = sample_run();
  run.evaluations[1].measurement.source_profile = std::make_shared<const SourceProfile>(sample_source_profile());
  return run;
}

void expect_the_sample(const Evaluation& evaluation) {
  ASSERT_NE(evaluation.measurement.source_profile, nullptr);
  EXPECT_EQ(to_json(*evaluation.measurement.source_profile), to_json(sample_source_profile()));
}

TEST(KeptSourceProfile, ComesBackFromARecording) {
  const tuner::Run run = profiled_run();
  const auto valid = validate_schema(t4_json(run), "t4", "t4.json");
  EXPECT_TRUE(valid) << valid.error().message();
  const auto back = run_from_text(t4_text(run), "t4.json");
  ASSERT_TRUE(back) << back.error().message();
  expect_the_sample(back->evaluations[1]);
  EXPECT_EQ(back->evaluations[0].measurement.source_profile, nullptr);
}

TEST(KeptSourceProfile, ComesBackFromAResult) {
  const auto json = result_json(profiled_run());
  ASSERT_TRUE(json);
  const auto valid = validate_schema(*json, "result", "result.json");
  EXPECT_TRUE(valid) << valid.error().message();
  const auto back = run_from_text(json->dump(), "result.json");
  ASSERT_TRUE(back) << back.error().message();
  expect_the_sample(*back->ranked().front());
}

TEST(KeptSourceProfile, ADamagedOneInARecordingIsAnErrorWithItsPlace) {
  auto json = t4_json(profiled_run());
  json["results"][1]["fuseline"]["measurement"]["source_profile"]["instructions"][2]["line"] = -4;
  const auto back = run_from_text(json.dump(), "t4.json");
  ASSERT_FALSE(back);
  EXPECT_THAT(back.error().message(), HasSubstr("/results/1/fuseline/measurement/source_profile/instructions/2/line"));
}

TEST(KeptSourceProfile, NsightComputesNamesHaveItsTotals) {
  const tuner::Run run = profiled_run();
  const auto json = ncu_json(run);
  ASSERT_TRUE(json);
  const auto& best = json->begin().value();
  EXPECT_EQ(best.at("smsp__pcsamp_warps_issue_stalled_long_scoreboard"), 400);
  EXPECT_EQ(best.at("smsp__pcsamp_warps_issue_stalled_selected"), 85);
  EXPECT_EQ(best.at(metric::kInstructions), 2688);
}

TEST(KeptSourceProfile, WhatWasCountedStaysInNsightComputesNames) {
  tuner::Run run = profiled_run();
  run.evaluations[1].measurement.counters[metric::kInstructions] = 2700;
  const auto json = ncu_json(run);
  ASSERT_TRUE(json);
  EXPECT_EQ(json->begin().value().at(metric::kInstructions), 2700);
}

/// Warp instructions by instruction and by the hardware's counter are two readings of the same launch.
TEST(KeptSourceProfile, RecordedBestsHaveTheirTotalsInNsightComputesNames) {
  std::size_t looked_at = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data_folder() / "presets/recordings/h200")) {
    if (!entry.path().string().ends_with(".f32.kernelbench.t4.json")) continue;
    SCOPED_TRACE(entry.path().string());
    const auto run = read_run(entry.path());
    ASSERT_TRUE(run) << run.error().message();
    const Evaluation& best = *run->ranked().front();
    ASSERT_NE(best.measurement.source_profile, nullptr);
    const SourceProfile& profile = *best.measurement.source_profile;
    const auto json = ncu_json(*run);
    ASSERT_TRUE(json);
    const auto& exported = json->begin().value();
    double executed = 0, threads = 0;
    std::uint64_t waited = 0, exported_samples = 0;
    for (const SampledInstruction& each : profile.instructions) {
      const auto counted = each.metrics.find(metric::kSassExecuted);
      if (counted != each.metrics.end()) executed += counted->second;
      const auto of_threads = each.metrics.find(metric::kSassThreads);
      if (of_threads != each.metrics.end()) threads += of_threads->second;
      for (const auto& [reason, samples] : each.samples) waited += samples;
    }
    for (const auto& [name, value] : exported.items()) {
      if (name.starts_with(kSampledStall)) exported_samples += value.get<std::uint64_t>();
    }
    EXPECT_EQ(exported_samples, waited);
    EXPECT_EQ(waited + profile.outside, profile.samples);
    EXPECT_EQ(exported.at("smsp__thread_inst_executed.sum").get<double>(), threads);
    // Of problems with several kernels the profile has one, the counters have all.
    EXPECT_LE(executed, 1.001 * best.measurement.counters.at(metric::kInstructions));
    if (best.measurement.launches.size() == 1) {
      EXPECT_NEAR(executed / best.measurement.counters.at(metric::kInstructions), 1, 0.001);
    }
    ++looked_at;
  }
  EXPECT_GE(looked_at, 7U);
}

}  // namespace
}  // namespace fuseline::tuner
