// A recording from a stranger: whatever its strings hold, what people are shown of it steers no terminal, and columns
// stay bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>

#include "tests/tuner/support/sample_run.hpp"
#include "tests/tuner/support/t4.hpp"
#include "tuner/base/json_fields.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/report/counters_report.hpp"
#include "tuner/report/describe.hpp"
#include "tuner/report/table.hpp"
#include "tuner/run/measurement_json.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

/// Sets the window's title, clears the screen, turns text round.
constexpr const char* kSteering = "x\x1b]0;t\x07\x1b[2J\xe2\x80\xae";

tuner::Run hostile_run() {
  tuner::Run run = testing::sample_run();
  run.info.problem_title += kSteering;
  for (std::string* text :
       {&run.info.problem, &run.info.shape, &run.info.stop_reason, &run.info.started_at, &run.info.recorded_at,
        &run.info.recording, &run.info.note, &run.info.request.strategy, &run.info.device.name, &run.info.device.driver,
        &run.info.device.cuda, &run.info.target->title, &run.info.target->name}) {
    *text += kSteering;
  }
  run.info.dims[0].name += kSteering;
  run.info.output_bytes = 1 << 30;
  run.info.given = {{std::string("kernel") + kSteering,
                     std::string("device") + kSteering,
                     std::string("f32") + kSteering,
                     {{"dram__bytes_read.sum", 1.0}}}};
  run.info.target_fit = TargetFit{run.ranked().at(1)->sequence, kSteering};
  run.info.counter_cost = {{std::string("fast") + kSteering, {3, 2, 0.5, 0.1}}};
  for (Evaluation& evaluation : run.evaluations) {
    evaluation.configuration.variant += kSteering;
    for (NamedValue& value : evaluation.configuration.values) value.name = value.name + kSteering;
    evaluation.measurement.counters[std::string("counter") + kSteering] = 1;
    if (evaluation.measurement.facts) evaluation.measurement.facts->occupancy_limiter += kSteering;
    evaluation.measurement.counters["sm__warps_active.avg.pct_of_peak_sustained_active"] = 20;
  }
  return run;
}

void expect_harmless(const std::string& text) { EXPECT_EQ(printable(text, true), text); }

TEST(HostileText, TablesAndSummariesSteerNoTerminal) {
  for (const Backend backend : {Backend::cuda, Backend::replay}) {
    tuner::Run run = hostile_run();
    run.info.backend = backend;
    expect_harmless(result_text(run, 10, false));
    expect_harmless(counters_text(run, run.ranked(), false));
    expect_harmless(outcomes_text(run));
    expect_harmless(target_note(run.info, 0, 0));
    for (const Evaluation* evaluation : run.ranked())
      expect_harmless(profile_text(run, *evaluation, explain(run, *evaluation), false));
  }
}

TEST(HostileText, HeadersOfTablesAreShownNotSent) {
  expect_harmless(TextTable{{std::string("a") + kSteering, "b"}, {{"1", "2"}}}.render());
}

TEST(HostileText, ReasonsOfRefusalsAreShownNotSent) {
  const OrderedJson root = {{std::string("member") + kSteering, {{"outcome", std::string("ok") + kSteering}}}};
  const auto failed = measurement_from_json(JsonView(root.begin().value(), "file", ""));
  ASSERT_FALSE(failed);
  expect_harmless(failed.error().message());
  std::map<std::string, double> numbers;
  const OrderedJson wrong = {{std::string("member") + kSteering, true}};
  const auto refused = read_value(JsonView(wrong, "file"), numbers);
  ASSERT_FALSE(refused);
  expect_harmless(refused.error().message());
}

std::string refusal(const OrderedJson& json) {
  const auto run = run_from_t4(json, "file.json");
  return run ? "read" : run.error().message();
}

OrderedJson foreign_result(std::size_t number, std::size_t parameters, const std::string& prefix) {
  OrderedJson configuration = OrderedJson::object();
  configuration["number"] = number;
  for (std::size_t i = 1; i < parameters; ++i) configuration[prefix + std::to_string(i)] = 1;
  return {{"configuration", std::move(configuration)}, {"times", {{"runtimes", {1.0}}}}, {"invalidity", "correct"}};
}

TEST(HostileText, AConfigurationOfManyParametersIsRefused) {
  OrderedJson json = {{"results", OrderedJson::array({foreign_result(0, kMaximumParameters, "p")})}};
  EXPECT_EQ(refusal(json), "read");
  json["results"][0] = foreign_result(0, kMaximumParameters + 2, "p");
  EXPECT_THAT(refusal(json), HasSubstr("/results/0/configuration"));
  tuner::Run run = testing::sample_run();
  run.evaluations.resize(1);
  run.info.finals.clear();
  for (std::size_t i = 0; i < kMaximumParameters; ++i)
    run.evaluations[0].configuration.values.push_back({"p" + std::to_string(i), 1});
  EXPECT_THAT(refusal(t4_json(run)), HasSubstr("allowed"));
}

TEST(HostileText, ResultsThatShareNoParameterAreRefusedBeforeTheyFillATable) {
  OrderedJson results = OrderedJson::array();
  for (std::size_t i = 0; i < 40; ++i) results.push_back(foreign_result(i, 128, "r" + std::to_string(i) + "_"));
  EXPECT_THAT(refusal({{"results", results}}), HasSubstr("different parameters"));
}

TEST(HostileText, MoreFinalsThanASweepHasAreRefused) {
  OrderedJson json = t4_json(testing::sample_run());
  auto& finals = json["metadata"]["fuseline"]["finals"];
  const OrderedJson one = finals.at(0);
  for (int i = 0; i < 4096; ++i) finals.push_back(one);
  EXPECT_THAT(refusal(json), HasSubstr("/metadata/fuseline/finals"));
}

TEST(HostileNumbers, ExtentsBeyondAnyLaunchHaveNoVolume) {
  tuner::Run run = testing::sample_run();
  run.info.compulsory_bytes = std::numeric_limits<std::int64_t>::min() + 1;
  run.info.output_bytes = std::numeric_limits<std::int64_t>::max();
  for (Evaluation& evaluation : run.evaluations) {
    for (Launch& launch : evaluation.measurement.launches)
      launch.grid[0] = launch.grid[1] = std::numeric_limits<std::int64_t>::max();
  }
  const auto json = ncu_json(run);
  ASSERT_TRUE(json);
  for (const auto& kernel : *json) {
    EXPECT_TRUE(kernel.at("launch__grid_size").is_null());
    EXPECT_GT(kernel.at("launch__block_size").get<int>(), 0);
  }
  const Evaluation& best = *run.ranked().front();
  expect_harmless(profile_text(run, best, explain(run, best), false));
}

}  // namespace
}  // namespace fuseline::tuner
