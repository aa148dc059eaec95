#include "tuner/report/counters_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tuner/support/sample_run.hpp"
#include "tests/tuner/support/t4.hpp"
#include "tuner/base/files.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/report/table.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::sample_run;

/// Half of the compulsory bytes are written; the best has everything, DRAM at 90 %.
Run counted_run() {
  Run run = sample_run();
  run.info.output_bytes = run.info.compulsory_bytes / 2;
  run.info.device.limits.l2_bytes = 60 << 20;
  run.info.given = {{"given Triton kernel",
                     "rtx4090",
                     "f32",
                     {{metric::kSmThroughput, 76.19}, {metric::kDramThroughput, 56.57}, {metric::kGridSize, 4194304}}}};
  run.info.counter_cost["full"] = {2, 9, 0.02, 0.01};
  const double half = static_cast<double>(run.info.output_bytes);
  run.evaluations[1].measurement.counters = {{metric::kDramRead, half},     {metric::kDramWritten, 0.99 * half},
                                             {metric::kDramThroughput, 90}, {metric::kSmThroughput, 40},
                                             {metric::kWarpsActive, 60},    {metric::kL2HitRate, 50},
                                             {metric::kFadd, 1e9},          {metric::kFmul, 1e9},
                                             {metric::kFfma, 4e9},          {metric::kL2Bytes, 3e9},
                                             {metric::kL1Bytes, 4e9},       {metric::kGridSize, 2048}};
  return run;
}

TEST(CountersText, IsEmptyWhereNoneWereRead) {
  auto run = sample_run();
  for (auto& evaluation : run.evaluations) evaluation.measurement.counters.clear();
  EXPECT_THAT(counters_text(run, run.ranked(), false), IsEmpty());
  EXPECT_THAT(result_text(run, 10, false), Not(HasSubstr("Hardware counters")));
}

TEST(CountersText, ShowsTheGivenKernelsBesideOursAndWhatReadingCost) {
  const std::string text = result_text(counted_run(), 10, false);
  EXPECT_THAT(text, ::testing::ContainsRegex(
                        "1 +rows +40.0 % +90.0 % +60.0 % +50.0 % +2048 +1.000 +0.990 +complete +the copy's rate"));
  EXPECT_THAT(text, ::testing::ContainsRegex("given Triton kernel \\(rtx4090, f32\\) +76.2 % +56.6 % .* issue slots"));
  EXPECT_THAT(text, HasSubstr("full set: 2 configurations, 9 passes, 5.0 ms each beyond the kernel's own time"));
}

TEST(CountersText, ABrokenFusionStandsOut) {
  auto run = counted_run();
  run.evaluations[1].measurement.counters[metric::kDramWritten] *= 2;
  EXPECT_THAT(counters_text(run, run.ranked(), false), HasSubstr("BROKEN"));
}

TEST(ResultJson, CarriesCountersAndTheirAnalysis) {
  const auto json = result_json(counted_run());
  ASSERT_TRUE(json);
  const auto valid = validate_schema(*json, "result", "result.json");
  EXPECT_TRUE(valid) << valid.error().message();
  const auto& best = json->at("best");
  EXPECT_EQ(best.at("counters").at(metric::kDramThroughput), 90);
  EXPECT_TRUE(best.at("analysis").at("fusion").at("pass").get<bool>());
  EXPECT_EQ(best.at("analysis").at("bounds").at(0).at("by"), "the copy's rate");
  EXPECT_EQ(best.at("analysis").at("intensities").at("levels").size(), 3U);
  EXPECT_NEAR(json->at("search").at("counter_cost").at("full").at("overhead_ms").get<double>(), 5, 1e-9);
}

TEST(ResultJson, HasNoAnalysisWithoutCounters) {
  auto run = counted_run();
  for (auto& evaluation : run.evaluations) evaluation.measurement.counters.clear();
  const auto json = result_json(run);
  ASSERT_TRUE(json);
  EXPECT_TRUE(json->at("best").at("analysis").is_null());
  EXPECT_TRUE(json->at("best").at("counters").empty());
}

TEST(ProfileJson, IsValidWithAndWithoutCounters) {
  auto run = counted_run();
  for (const std::size_t index : {std::size_t{1}, std::size_t{2}}) {
    const auto json = profile_json(run, run.evaluations[index], explain(run, run.evaluations[index]));
    const auto valid = validate_schema(json, "profile", "profile.json");
    EXPECT_TRUE(valid) << valid.error().message();
  }
  const auto json = profile_json(run, run.evaluations[1], explain(run, run.evaluations[1]));
  EXPECT_EQ(json.at("given").at(0).at("counters").at(metric::kGridSize), 4194304);
  EXPECT_EQ(json.at("config").at("block"), 256);
  const auto slow = profile_json(run, run.evaluations[2], explain(run, run.evaluations[2]));
  EXPECT_EQ(slow.at("advice").at(0).at("param"), "block");
  EXPECT_EQ(slow.at("advice").at(0).at("value"), "256");
  EXPECT_NEAR(slow.at("advice").at(0).at("time_ratio").get<double>(), 0.5063 / 0.9, 1e-9);
}

TEST(ProfileJson, NamesTheScalars) {
  auto run = counted_run();
  run.info.scalars = {{"scale", 1.5}};
  run.info.set_scalars = {"scale"};
  const auto json = profile_json(run, run.evaluations[1], explain(run, run.evaluations[1]));
  const auto valid = validate_schema(json, "profile", "profile.json");
  EXPECT_TRUE(valid) << valid.error().message();
  EXPECT_EQ(json.at("problem").at("scalars").dump(), R"({"scale":1.5})");
  EXPECT_EQ(json.at("problem").at("set_scalars").dump(), R"(["scale"])");
}

TEST(ProfileText, ExplainsEveryCounterAndRanksTheBounds) {
  const auto run = counted_run();
  const std::string text = profile_text(run, run.evaluations[1], explain(run, run.evaluations[1]), false);
  EXPECT_THAT(text, ::testing::ContainsRegex(
                        "dram__throughput[^\n]+90.00 %[^\n]+56.57 %[^\n]+The busiest part of the memory interface"));
  EXPECT_THAT(text, HasSubstr("Fusion is complete"));
  EXPECT_THAT(text, HasSubstr("Executed 1e+10 operations"));
  EXPECT_THAT(text, HasSubstr("75.0 % are possible (registers limit them)"));
  EXPECT_THAT(text, HasSubstr("- DRAM (high): DRAM is 90.0 % busy"));
  EXPECT_THAT(profile_text(run, run.evaluations[2], explain(run, run.evaluations[2]), false),
              HasSubstr("no hardware counters were read"));
}

TEST(T4, CountersComeBackWithTheirUnits) {
  const auto run = counted_run();
  const auto json = t4_json(run);
  const auto valid = validate_schema(json, "t4", "rec.json");
  EXPECT_TRUE(valid) << valid.error().message();
  bool found = false;
  for (const auto& measurement : json.at("results").at(1).at("measurements")) {
    if (measurement.at("name") == metric::kDramRead) found = measurement.at("unit") == "bytes";
  }
  EXPECT_TRUE(found);
  const auto back = run_from_t4(json, "rec.json");
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->evaluations[1].measurement.counters, run.evaluations[1].measurement.counters);
  EXPECT_EQ(back->info.output_bytes, run.info.output_bytes);
  ASSERT_EQ(back->info.given.size(), 1U);
  EXPECT_EQ(back->info.given[0].counters, run.info.given[0].counters);
  EXPECT_EQ(back->info.counter_cost.at("full").passes, 9);
}

TEST(NcuJson, HasTheNamesOfTheGivenReadings) {
  const auto json = ncu_json(counted_run());
  ASSERT_TRUE(json);
  bool found = false;
  for (const auto& kernel : *json) {
    if (!kernel.contains(metric::kSmThroughput)) continue;
    found = true;
    for (const auto* name :
         {metric::kSmThroughput, metric::kWarpsActive, metric::kDramThroughput, metric::kL2HitRate, metric::kGridSize})
      EXPECT_TRUE(kernel.contains(name)) << name;
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace fuseline::tuner
