// What bounds a configuration, how far it is from the floor, and what to do.
#include "tuner/report/explanation.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/base/files.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/run/figures.hpp"
#include "tuner/run/neighbours.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::sample_ok;
using testing::sample_run;

/// One that is far from the floor: 0.9 ms against a copy's 0.506 ms.
tuner::Run slow_run() {
  tuner::Run run = sample_run();
  run.info.finals.clear();
  run.evaluations = {sample_ok(0, 128, 0.9), sample_ok(1, 256, 1.2), sample_ok(2, 512, 0.95)};
  return run;
}

TEST(Explanation, SaysTheFloorAndTheShareOfIt) {
  const tuner::Run run = slow_run();
  const Explanation explanation = explain(run, run.evaluations[0]);
  EXPECT_NEAR(explanation.floor_ms, 2'147'483'648 / 4245e6, 1e-9);
  EXPECT_NEAR(explanation.of_floor, explanation.floor_ms / 0.9, 1e-9);
  EXPECT_THAT(explanation_text(explanation), HasSubstr("56.2 % of the copy's speed"));
}

TEST(Explanation, WithoutCountersItAsksForThem) {
  const tuner::Run run = slow_run();
  const Explanation explanation = explain(run, run.evaluations[0]);
  ASSERT_FALSE(explanation.advice.empty());
  EXPECT_EQ(explanation.advice[0].reading, "no counters were read");
  EXPECT_THAT(explanation_text(explanation), HasSubstr("What bounds it is not known: no hardware counters were read"));
  EXPECT_TRUE(explanation_json(explanation).at("bounds").empty());
}

TEST(Explanation, AdviceBringsTheReadingBehindIt) {
  tuner::Run run = slow_run();
  const double half = static_cast<double>(run.info.compulsory_bytes) / 2;
  run.info.output_bytes = run.info.compulsory_bytes / 2;
  run.evaluations[0].measurement.counters = {{metric::kDramThroughput, 40.0}, {metric::kSmThroughput, 30.0},
                                             {metric::kIssueActive, 25.0},    {metric::kDramRead, 1.5 * half},
                                             {metric::kDramWritten, half},    {metric::kStallLongScoreboard, 9.0}};
  run.evaluations[0].measurement.facts->spill_bytes = 48;
  const Explanation explanation = explain(run, run.evaluations[0]);
  ASSERT_EQ(explanation.advice.size(), kMostAdvice);
  EXPECT_THAT(explanation.advice[0].reading, HasSubstr("1.50 times the inputs' bytes"));
  EXPECT_THAT(explanation.advice[1].reading, HasSubstr("48 bytes are spilled at 40 registers"));
  EXPECT_THAT(explanation.advice[2].text, HasSubstr("more bytes in flight"));
  EXPECT_THAT(explanation.advice[2].reading, HasSubstr("no unit is over 40.0 % busy"));
}

TEST(Explanation, AtTheCopysRateWithTooManyBytesItSaysToMoveFewer) {
  tuner::Run run = slow_run();
  const double half = static_cast<double>(run.info.compulsory_bytes) / 2;
  run.info.output_bytes = run.info.compulsory_bytes / 2;
  const double moved = copy_gbps(run.info) * 1e6 * run.time_of(run.evaluations[0]).median;
  run.evaluations[0].measurement.counters = {{metric::kDramThroughput, 88.0},
                                             {metric::kL2Throughput, 91.0},
                                             {metric::kDramRead, moved - half},
                                             {metric::kDramWritten, half}};
  run.info.device.ceilings.reset();
  const Explanation explanation = explain(run, run.evaluations[0]);
  ASSERT_LT(explanation.of_floor, kAtTheFloor);
  EXPECT_EQ(explanation.analysis.bounds[0].kind, BoundKind::copy);
  EXPECT_THAT(explanation_text(explanation), HasSubstr("- the copy's rate (limits): DRAM moves"));
  const auto said = std::find_if(explanation.advice.begin(), explanation.advice.end(),
                                 [](const Advice& advice) { return advice.text.starts_with("Move fewer bytes"); });
  EXPECT_NE(said, explanation.advice.end());
}

/// Whoever reads 99 % of the copy in one line and "bound by L2" in the next learns nothing.
TEST(Explanation, NoRecordedBestAtTheFloorIsSaidToBeBoundByAUnit) {
  std::size_t at_the_floor = 0;
  const auto folder = data_folder() / "presets" / "recordings" / "h200";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().string().ends_with(".f32.kernelbench.t4.json")) continue;
    const tuner::Run run = read_run(entry.path()).value();
    const auto ranking = run.ranked();
    ASSERT_FALSE(ranking.empty()) << entry.path();
    const Explanation explanation = explain(run, *ranking.front());
    // Where reading prevails a copy is not the most that there is.
    const CompulsoryParts parts = compulsory_parts(run.info);
    if (explanation.of_floor < 0.99 || parts.inputs > 2 * parts.outputs) continue;
    ASSERT_FALSE(explanation.analysis.bounds.empty()) << entry.path();
    ++at_the_floor;
    const Bound& first = explanation.analysis.bounds.front();
    EXPECT_EQ(first.kind, BoundKind::copy) << entry.path() << ": " << first.text;
  }
  EXPECT_GT(at_the_floor, 0U);
}

/// Recorded before the device's own copy was counted.
TEST(Explanation, ARecordingIsJudgedByTheCopyOfAnotherDeviceOfItsNameAndSaysSo) {
  const tuner::Run recorded = read_run(data_folder() / "tests/data/v0_1/recording.t4.json").value();
  ASSERT_TRUE(recorded.info.device.ceilings);
  EXPECT_TRUE(recorded.info.device.ceilings->streams.of_another());
  tuner::Run counted = slow_run();
  counted.info.device.ceilings->streams = recorded.info.device.ceilings->streams;
  const double half = static_cast<double>(counted.info.compulsory_bytes) / 2;
  counted.evaluations[0].measurement.counters = {
      {metric::kL2Throughput, 60.0}, {metric::kDramRead, half}, {metric::kDramWritten, half}, {metric::kDuration, 9e5}};
  const std::string text = explanation_text(explain(counted, counted.evaluations[0]));
  EXPECT_THAT(text, HasSubstr("that copy ran on another NVIDIA H200 (driver 580.159.04, 2026-11-30)"));
  counted.info.device.ceilings->streams.measured_at.clear();
  EXPECT_THAT(explanation_text(explain(counted, counted.evaluations[0])), Not(HasSubstr("ran on another")));
}

TEST(Explanation, AtTheFloorItSaysToLeaveTheKernel) {
  const tuner::Run run = sample_run();
  const Explanation explanation = explain(run, run.evaluations[1]);
  EXPECT_GE(explanation.of_floor, kAtTheFloor);
  EXPECT_THAT(explanation.advice.front().text, HasSubstr("Leave the kernel as it is"));
}

/// A profile is a run of one configuration.
TEST(Explanation, AReplayedProfileHasTheNeighboursOfItsRecording) {
  const tuner::Run whole =
      read_run(data_folder() / "presets" / "recordings" / "h200" / "bias_gelu.f32.default.t4.json").value();
  const auto slow = std::max_element(whole.evaluations.begin(), whole.evaluations.end(),
                                     [](const Evaluation& a, const Evaluation& b) {
                                       return a.measurement.time_ms.median < b.measurement.time_ms.median;
                                     });
  tuner::Run profile{whole.info, {*slow}};
  profile.info.finals.clear();
  profile.info.backend = Backend::replay;
  profile.info.recording = "h200";
  const Explanation explanation = explain_profile(profile, profile.evaluations.front(), data_folder());
  ASSERT_FALSE(explanation.advice.empty());
  EXPECT_TRUE(explanation.advice.front().measured);
  EXPECT_EQ(explanation.advice.front().text, explain(whole, *slow).advice.front().text);
  profile.info.recording = "/nowhere.t4.json";
  for (const Advice& each : explain_profile(profile, profile.evaluations.front(), data_folder()).advice)
    EXPECT_FALSE(each.measured) << "nothing was measured beside it";
}

TEST(Explanation, NeighboursDifferInOneParameterAlone) {
  tuner::Run run = slow_run();
  run.evaluations.push_back(sample_ok(3, 64, 0.3));
  run.evaluations[3].configuration.values[1].value = "tanh";  // Both parameters differ: none.
  const auto list = neighbours(run, run.evaluations[1]);
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].parameter, "block");
  EXPECT_EQ(list[0].here, "256");
  EXPECT_EQ(list[0].there, "128");
  EXPECT_NEAR(list[0].time.ratio, 0.75, 1e-9);
  EXPECT_THAT(explanation_text(explain(run, run.evaluations[1])), HasSubstr("Try block=128"));
}

}  // namespace
}  // namespace fuseline::tuner
