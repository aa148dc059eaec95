#include "tuner/formats/result.hpp"

#include <gtest/gtest.h>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/formats/trace.hpp"
#include "tuner/run/steadiness.hpp"

namespace fuseline::tuner {
namespace {

using testing::sample_run;

OrderedJson result_of(const tuner::Run& run) {
  const auto json = result_json(run);
  EXPECT_TRUE(json) << json.error().message();
  if (!json) return {};
  const auto valid = validate_schema(*json, "result", "result");
  EXPECT_TRUE(valid) << valid.error().message();
  return *json;
}

TEST(ResultJson, NamesTheBestOfTheFinals) {
  const OrderedJson json = result_of(sample_run());
  EXPECT_EQ(json["schema"], "fuseline/result/1");
  EXPECT_EQ(json["problem"]["dims"].dump(), R"({"N":32,"C":64})");
  const OrderedJson& best = json["best"];
  EXPECT_EQ(best["variant"], "rows");
  EXPECT_EQ(best["config"].dump(), R"({"block":256,"gelu":"erf"})");
  EXPECT_EQ(best["launch"].dump(), R"({"grid":[1024,2,1],"block":[256,1,1],"shared_bytes":4096})");
  EXPECT_DOUBLE_EQ(best["time_ms"]["median"].get<double>(), 0.506);
  EXPECT_EQ(best["time_ms"]["samples"], 3);
  EXPECT_EQ(best["timing"], "cold");
  EXPECT_EQ(best["retimed"], true);
  EXPECT_EQ(best["registers"], 40);
  EXPECT_EQ(best["counters"]["dram__bytes_read.sum"], 1.07e9);
  EXPECT_EQ(best["verification"]["max_absolute_error"], 1.1920928955078125e-07);
  EXPECT_FALSE(best["verification"].contains("tolerance_share"));
}

TEST(ResultJson, HasTheLargestErrorAsAShareOfTheTolerance) {
  tuner::Run run = sample_run();
  for (tuner::Evaluation& evaluation : run.evaluations) {
    if (evaluation.measurement.verification) evaluation.measurement.verification->tolerance_share = 0.5;
  }
  EXPECT_EQ(result_of(run)["best"]["verification"]["tolerance_share"], 0.5);
}

TEST(ResultJson, NamesEveryScalarAndThoseThatWereSet) {
  tuner::Run run = sample_run();
  run.info.scalars = {{"scale", 1.5}, {"eps", 1e-5}};
  run.info.set_scalars = {"scale"};
  const OrderedJson problem = result_of(run)["problem"];
  EXPECT_EQ(problem["scalars"].dump(), R"({"scale":1.5,"eps":1e-05})");
  EXPECT_EQ(problem["set_scalars"].dump(), R"(["scale"])");
}

TEST(ResultJson, BandwidthIsCompulsoryBytesOverTheMedian) {
  const OrderedJson best = result_of(sample_run())["best"];
  const double gbps = 2'147'483'648 / 0.506e-3 / 1e9;
  EXPECT_NEAR(best["bandwidth"]["achieved_gbps"].get<double>(), gbps, 1e-9 * gbps);
  EXPECT_NEAR(best["bandwidth"]["of_copy"].get<double>(), gbps / 4245, 1e-9);
  EXPECT_NEAR(best["bandwidth"]["of_peak"].get<double>(), gbps / 4800, 1e-9);
  const double intensity = 1.6e10 / 2'147'483'648;
  EXPECT_NEAR(best["roofline"]["intensity"].get<double>(), intensity, 1e-9);
  EXPECT_NEAR(best["roofline"]["gflops"].get<double>(), 1.6e10 / 0.506e-3 / 1e9, 1e-3);
  EXPECT_NEAR(best["roofline"]["roof_gflops"].get<double>(), intensity * 4245, 1e-3);
}

TEST(ResultJson, ListsTiesWithoutTheBestAndTheTopWithIt) {
  const OrderedJson json = result_of(sample_run());
  ASSERT_EQ(json["tied"].size(), 1u);
  EXPECT_EQ(json["tied"][0]["config"]["block"], 128);
  EXPECT_DOUBLE_EQ(json["tied"][0]["ratio"].get<double>(), 1.0004);
  ASSERT_EQ(json["top"].size(), 3u);
  EXPECT_EQ(json["top"][0]["config"]["block"], 256);
  EXPECT_EQ(json["top"][2]["config"]["block"], 512);
  EXPECT_EQ(json["top"][2]["retimed"], false);
}

TEST(ResultJson, TheTopHasTenAtMost) {
  auto run = sample_run();
  for (std::uint64_t i = 0; i < 20; ++i)
    run.evaluations.push_back(testing::sample_ok(100 + i, 600 + static_cast<int>(i), 1.0));
  EXPECT_EQ(result_of(run)["top"].size(), 10u);
}

TEST(ResultJson, CountsOutcomes) {
  const OrderedJson search = result_of(sample_run())["search"];
  EXPECT_EQ(search["evaluated"], 9);
  EXPECT_EQ(search["outcomes"]["ok"], 3);
  EXPECT_EQ(search["outcomes"]["crashed"], 1);
  EXPECT_EQ(search["stop_reason"], "space exhausted");
}

TEST(ResultJson, AReplaySaysWhatItReplayed) {
  auto run = sample_run();
  EXPECT_FALSE(result_of(run)["device"].contains("recording"));
  run.info.backend = Backend::replay;
  run.info.recording = "h200";
  run.info.recorded_at = "2025-11-01T00:00:00Z";
  const OrderedJson device = result_of(run)["device"];
  EXPECT_EQ(device["backend"], "replay");
  EXPECT_EQ(device["recording"].dump(), R"({"name":"h200","recorded_at":"2025-11-01T00:00:00Z"})");
}

TEST(ResultJson, FiguresForTheTargetAreMarkedProjected) {
  const OrderedJson target = result_of(sample_run())["target"];
  EXPECT_EQ(target["name"], "rtx4090");
  EXPECT_EQ(target["projected"]["projected"], true);
  EXPECT_NEAR(target["projected"]["time_floor_ms"].get<double>(), 2'147'483'648 / 1008e9 * 1e3, 1e-6);
}

TEST(ResultJson, WhatIsNotInTheTargetsSpaceIsSaidAndTheBestThatIs) {
  auto run = sample_run();
  OrderedJson target = result_of(run)["target"];
  for (const char* member : {"fits", "misfit", "best"})
    EXPECT_TRUE(target[member].is_null()) << member << ": nothing is known";
  const double projected = target["projected"]["time_ms"].get<double>();

  run.info.target_fit = TargetFit{run.ranked().front()->sequence, ""};
  target = result_of(run)["target"];
  EXPECT_EQ(target["fits"], true);
  EXPECT_TRUE(target["best"].is_null());
  EXPECT_TRUE(target["projected"]["spill_bytes"].is_null()) << "it was not compiled for the target";
  EXPECT_EQ(target["ranking"]["compiled"], 0);
  run.info.target_fit->compiled = {run.ranked().front()->sequence};
  target = result_of(run)["target"];
  EXPECT_EQ(target["projected"]["spill_bytes"], 0);
  EXPECT_EQ(target["ranking"]["compiled"], 1);
  EXPECT_EQ(target["projected"]["time_ms"], projected);

  const Evaluation& second = *run.ranked().at(1);
  run.info.target_fit = TargetFit{second.sequence, "too much shared memory"};
  target = result_of(run)["target"];
  EXPECT_EQ(target["fits"], false);
  EXPECT_EQ(target["misfit"], "too much shared memory");
  EXPECT_EQ(target["best"]["variant"], second.configuration.variant);
  EXPECT_EQ(target["best"]["time_ms"]["median"], run.time_of(second).median);
  EXPECT_NEAR(target["projected"]["time_ms"].get<double>() / projected,
              run.time_of(second).median / run.time_of(*run.ranked().front()).median, 1e-4);

  run.info.target_fit->best.reset();
  target = result_of(run)["target"];
  EXPECT_TRUE(target["best"].is_null());
  EXPECT_TRUE(target["projected"]["time_ms"].is_null());
}

TEST(ResultJson, WhatIsNotKnownIsNull) {
  auto run = sample_run();
  run.info.copy_gbps = 0;
  run.info.compulsory_bytes = 0;
  run.info.flops = 0;
  run.info.device = DeviceInfo{};
  run.info.target.reset();
  run.info.finals.clear();
  for (Evaluation& evaluation : run.evaluations) {
    evaluation.measurement.facts.reset();
    evaluation.measurement.verification.reset();
    evaluation.measurement.launches.clear();
    evaluation.measurement.counters = {{"nan", std::nan("")}};
  }
  const OrderedJson json = result_of(run);
  EXPECT_TRUE(json["target"].is_null());
  EXPECT_TRUE(json["best"]["launch"].is_null());
  EXPECT_TRUE(json["best"]["registers"].is_null());
  EXPECT_TRUE(json["best"]["counters"]["nan"].is_null());
  EXPECT_TRUE(json["best"]["bandwidth"]["of_copy"].is_null());
  EXPECT_TRUE(json["best"]["roofline"]["intensity"].is_null());
  EXPECT_TRUE(json["tied"].empty());
}

TEST(ResultJson, SeveralLaunchesAreAllListed) {
  auto run = sample_run();
  run.evaluations[1].measurement.launches.push_back(Launch{{7, 1, 1}, {32, 1, 1}, 0});
  EXPECT_EQ(result_of(run)["best"]["launches"].size(), 2u);
}

TEST(ResultJson, WithoutAWorkingConfigurationThereIsNone) {
  auto run = sample_run();
  run.info.finals.clear();
  run.evaluations.erase(run.evaluations.begin(), run.evaluations.begin() + 3);
  const auto json = result_json(run);
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().kind, ErrorKind::worker);
  const std::string said = json.error().message();
  EXPECT_TRUE(said.starts_with("no configuration worked: 1 compile_error")) << said;
  EXPECT_NE(said.find(", 1 timeout"), std::string::npos) << said;
  EXPECT_EQ(ncu_json(run).error().kind, ErrorKind::worker);
  EXPECT_EQ(result_json(tuner::Run{}).error().message(), "no configuration worked: none was evaluated");
}

TEST(ResultJson, TellsHowItWasTimed) {
  const tuner::Run run = testing::sample_timed_run();
  const OrderedJson json = result_of(run);
  EXPECT_EQ(json["best"]["timing"], "cold");
  EXPECT_EQ(json["best"]["after"], "producer");
  EXPECT_EQ(json["top"][1]["after"], "producer");
  EXPECT_EQ(json["device"]["clocks"]["sm_mhz"], 1980);
  EXPECT_EQ(json["device"]["clocks"]["retaken"], 3);
  EXPECT_EQ(json["device"]["clocks"]["throttle"].dump(), R"(["sw_power_cap"])");
  EXPECT_EQ(json["best"]["clocks"]["power_w"], 459.5);
  EXPECT_NEAR(json["best"]["cycles"].get<double>(), run.info.finals[0].time_ms.median * 1980e3, 1e-3);
  EXPECT_EQ(json["best"]["shift"]["at"], 12);
  EXPECT_EQ(json["best"]["shift"]["counts"], true);
  const OrderedJson& finals = json["search"]["finals"];
  ASSERT_EQ(finals["rounds"].size(), 24U);
  EXPECT_EQ(finals["rounds"][1]["order"].dump(), "[1,null,0]") << "null is the copy";
  EXPECT_EQ(finals["rounds"][1]["place"], 1);
  EXPECT_EQ(finals["rounds"][0]["clocks"]["sm_mhz"], 1980);
  EXPECT_TRUE(finals["rounds"][1]["clocks"].is_null());
  ASSERT_EQ(finals["timed"].size(), 2U);
  EXPECT_EQ(finals["timed"][0]["sequence"], 1);
  EXPECT_EQ(finals["timed"][0]["config"]["block"], 256);
  EXPECT_EQ(finals["timed"][0]["samples_ms"].get<std::vector<double>>(), run.info.finals[0].samples_ms);
  EXPECT_EQ(json["place_effect"]["places"].size(), 4U);
  EXPECT_EQ(json["place_effect"]["places"][0]["rounds"], 6);
  EXPECT_EQ(json["warnings"].get<std::vector<std::string>>(), timing_warnings(run.info, run.evaluations[1]));
  EXPECT_EQ(json["warnings"].size(), 3U) << json["warnings"].dump(2);
}

TEST(ResultJson, OfBeforeThatWasToldHasNeitherClocksNorRounds) {
  const OrderedJson json = result_of(sample_run());
  EXPECT_EQ(json["best"]["after"], "unsettled");
  for (const char* pointer : {"/device/clocks", "/best/clocks", "/best/cycles", "/best/shift", "/place_effect"})
    EXPECT_TRUE(json.at(OrderedJson::json_pointer(pointer)).is_null()) << pointer;
  EXPECT_TRUE(json["search"]["finals"]["rounds"].empty());
  EXPECT_TRUE(json["warnings"].empty()) << json["warnings"].dump();
}

TEST(ResultSchema, RefusesAResultThatHidesItsReplay) {
  OrderedJson json = result_of(sample_run());
  json["device"]["backend"] = "replay";
  EXPECT_FALSE(validate_schema(json, "result", "result"));
}

TEST(ResultSchema, RefusesAMissingBest) {
  OrderedJson json = result_of(sample_run());
  json.erase("best");
  EXPECT_FALSE(validate_schema(json, "result", "result"));
}

TEST(Trace, OneValidObjectAnEvaluation) {
  for (const Evaluation& evaluation : sample_run().evaluations) {
    const OrderedJson json = trace_json(evaluation);
    const auto valid = validate_schema(json, "trace", "trace");
    EXPECT_TRUE(valid) << valid.error().message();
    EXPECT_EQ(json["time_ms"].is_null(), evaluation.measurement.outcome != Outcome::ok);
  }
  EXPECT_EQ(
      trace_json(testing::sample_failure(3, 96, Outcome::timeout, "slow")).dump(),
      R"({"sequence":3,"variant":"rows","configuration":{"block":96,"gelu":"tanh"},"outcome":"timeout","time_ms":null,"elapsed_s":1.0,"reason":"slow"})");
}

}  // namespace
}  // namespace fuseline::tuner
