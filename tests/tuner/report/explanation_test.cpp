// What bounds a configuration, how far it is from the floor, and what to do.
#include "tuner/report/explanation.hpp"

#include <gmock/gmock.h>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/counters/names.hpp"

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
  EXPECT_THAT(explanation_text(explanation), HasSubstr("No hardware counters were read"));
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

TEST(Explanation, AtTheFloorItSaysToLeaveTheKernel) {
  const tuner::Run run = sample_run();
  const Explanation explanation = explain(run, run.evaluations[1]);
  EXPECT_GE(explanation.of_floor, kAtTheFloor);
  EXPECT_THAT(explanation.advice.front().text, HasSubstr("Leave the kernel as it is"));
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
  EXPECT_NEAR(list[0].ratio, 0.75, 1e-9);
  EXPECT_THAT(explanation_text(explain(run, run.evaluations[1])), HasSubstr("Try block=128"));
  EXPECT_THAT(explanation_text(explain(run, run.evaluations[0])),
              HasSubstr("Keep block=128. Reading: measured with block=512"));
  EXPECT_THAT(explanation_text(explain(run, run.evaluations[2])), Not(HasSubstr("Keep block=512")));
}

}  // namespace
}  // namespace fuseline::tuner
