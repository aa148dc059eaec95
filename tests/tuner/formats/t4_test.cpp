#include "tests/tuner/support/t4.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/ncu.hpp"
#include "tuner/formats/result.hpp"

namespace fuseline::tuner {
namespace {

using testing::sample_run;

OrderedJson parsed(const std::string& text) {
  const auto json = parse_json(text, "text");
  EXPECT_TRUE(json) << json.error().message();
  return json ? *json : OrderedJson();
}

void expect_same(const tuner::Run& a, const tuner::Run& b) {
  EXPECT_EQ(to_json(a.info), to_json(b.info));
  ASSERT_EQ(a.evaluations.size(), b.evaluations.size());
  for (std::size_t i = 0; i < a.evaluations.size(); ++i)
    EXPECT_EQ(to_json(a.evaluations[i]), to_json(b.evaluations[i])) << i;
}

std::string read_error(const std::string& text) {
  const auto run = run_from_t4(parsed(text), "file.json");
  return run ? "read" : run.error().message();
}

/// A file by another tool with one result, to be spoilt.
OrderedJson foreign_file() {
  return parsed(
      R"({"schema_version": "1.0.0", "results": [{"timestamp": "2024-01-01 10:00:00", "configuration": {"block_size_x": 64, "tile": 2.5, "pad": true,
    "mode": "a b", "list": [1, 2]}, "times": {"compilation": 300.0, "benchmark": 5.5, "framework": 1.5, "search_algorithm": 0, "validation": 0,
    "runtimes": [0.75, 0.5, 0.5, 0.625]}, "invalidity": "correct", "correctness": 1, "measurements": [{"name": "time", "value": 0.59375, "unit": "ms"},
    {"name": "GFLOP/s", "value": 123.5, "unit": ""}, {"name": "note", "value": "text", "unit": ""}], "objectives": ["time"]}]})");
}

TEST(T4, OurRunsRoundTrip) {
  const auto run = sample_run();
  const auto read = run_from_t4(t4_json(run), "file.json");
  ASSERT_TRUE(read) << read.error().message();
  expect_same(run, *read);
}

TEST(T4, HowARunWasTimedRoundTrips) {
  const auto run = testing::sample_timed_run();
  const auto read = run_from_t4(parsed(t4_text(run)), "file.json");
  ASSERT_TRUE(read) << read.error().message();
  expect_same(run, *read);
  EXPECT_EQ(read->info.after, Predecessor::producer);
  EXPECT_EQ(read->info.final_rounds.size(), 24U);
  EXPECT_EQ(read->evaluations[0].measurement.clocks->sm_mhz, 1980);
}

TEST(T4, OurRunsRoundTripThroughText) {
  const auto run = sample_run();
  const auto read = run_from_t4(parsed(t4_text(run)), "file.json");
  ASSERT_TRUE(read) << read.error().message();
  expect_same(run, *read);
}

TEST(T4, IsValid) {
  for (const OrderedJson& json : {t4_json(sample_run()), foreign_file()}) {
    const auto valid = validate_schema(json, "t4", "t4");
    EXPECT_TRUE(valid) << valid.error().message();
  }
}

TEST(T4, TheTextIsTheJsonWithOneResultALine) {
  const auto run = sample_run();
  const std::string text = t4_text(run);
  EXPECT_EQ(parsed(text), t4_json(run));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), static_cast<std::ptrdiff_t>(run.evaluations.size()) + 6);
  EXPECT_EQ(text.back(), '\n');
}

TEST(T4, TheHeadIsReadWithoutTheResults) {
  const auto run = sample_run();
  const auto head = t4_head(t4_text(run), "file.json");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->device, run.info.device.name);
  EXPECT_EQ(head->recorded_at, run.info.started_at);
  EXPECT_EQ(head->results, run.evaluations.size());
  auto empty = run;
  empty.evaluations.clear();
  EXPECT_EQ(t4_head(t4_text(empty), "file.json").value().results, 0u);
  auto replayed = run;
  replayed.info.device.name = "A \"quoted\",\"fuseline\":{ name";
  replayed.info.recorded_at = "2024-02-03T04:05:06Z";
  const auto again = t4_head(t4_text(replayed), "file.json");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->device, replayed.info.device.name);
  EXPECT_EQ(again->recorded_at, "2024-02-03T04:05:06Z") << "of the replay's recording";
}

TEST(T4, AHeadIsNotGuessedFromAnotherLayout) {
  const std::string text = t4_text(sample_run());
  std::string cut = text.substr(0, text.size() - 20), broken = text;
  broken.insert(broken.find("\"outcome\""), "\n");
  for (const std::string& other :
       {t4_json(sample_run()).dump(), t4_json(sample_run()).dump(2), t4_json(sample_run()).dump(0),
        foreign_file().dump(), cut, broken, std::string(), std::string("\n\"results\": [\n]\n}\n")})
    EXPECT_FALSE(t4_head(other, "file.json")) << other.substr(0, 200);
}

TEST(T4, OtherToolsFindWhatTheyLookFor) {
  const OrderedJson json = t4_json(sample_run());
  EXPECT_EQ(json["schema_version"], "1.0.0");
  EXPECT_EQ(json["metadata"]["timeunit"], "milliseconds");
  EXPECT_EQ(json["metadata"]["device"], "NVIDIA H200");
  const OrderedJson& best = json["results"][1];
  EXPECT_EQ(best["configuration"].dump(), R"({"variant":"rows","block":256,"gelu":"erf"})");
  EXPECT_EQ(best["timestamp"], "2025-11-20T23:59:58.500Z");
  EXPECT_EQ(json["results"][8]["timestamp"], "2025-11-21T00:00:00.250Z");
  EXPECT_EQ(best["invalidity"], "correct");
  EXPECT_EQ(best["correctness"], 1);
  EXPECT_EQ(best["times"]["compilation_time"], 41.5);
  EXPECT_EQ(best["times"]["runtimes"].size(), 11u);
  EXPECT_EQ(best["measurements"][0].dump(), R"({"name":"time","value":0.5063,"unit":"ms"})");
  EXPECT_EQ(best["measurements"][1]["name"], "dram__bytes_read.sum");
  EXPECT_EQ(best["objectives"].dump(), R"(["time"])");
  const char* invalidities[] = {"correct",     "correct", "correct", "compile",    "runtime",
                                "correctness", "timeout", "runtime", "constraints"};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(json["results"][i]["invalidity"], invalidities[i]) << i;
}

TEST(T4, MeasuredTimesKeepEveryDigit) {
  auto run = sample_run();
  run.evaluations[0].measurement.samples_ms = {0.1 + 0.2, 1.0 / 3.0, 5e-324, 0.50630402565002441};
  const auto read = run_from_t4(parsed(t4_text(run)), "file.json");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->evaluations[0].measurement.samples_ms, run.evaluations[0].measurement.samples_ms);
}

TEST(T4, AParameterCalledVariantDoesNotHideTheVariant) {
  auto run = sample_run();
  run.evaluations[0].configuration.values.push_back({"variant", 3});
  const auto read = run_from_t4(parsed(t4_text(run)), "file.json");
  ASSERT_TRUE(read) << read.error().message();
  expect_same(run, *read);
}

TEST(T4, ReadsOtherTools) {
  const auto run = run_from_t4(foreign_file(), "data/A100_T4.json.gz");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.problem, "A100_T4");
  EXPECT_EQ(run->info.backend, Backend::replay);
  EXPECT_EQ(run->info.space_size, 1u);
  const Evaluation& evaluation = run->evaluations.at(0);
  EXPECT_EQ(evaluation.configuration.key(), "recorded block_size_x=64 tile=2.5 pad=true mode=a b list=[1,2]");
  EXPECT_EQ(evaluation.measurement.outcome, Outcome::ok);
  EXPECT_DOUBLE_EQ(evaluation.measurement.time_ms.median, 0.59375);
  EXPECT_EQ(evaluation.measurement.time_ms.middle, Middle::mean);
  EXPECT_EQ(evaluation.measurement.samples_ms.size(), 4u);
  EXPECT_EQ(evaluation.measurement.compile_ms, 300);
  EXPECT_NEAR(evaluation.measurement.cost_s, 0.307, 1e-12);
  EXPECT_EQ(evaluation.measurement.counters.size(), 1u);
  EXPECT_EQ(evaluation.measurement.counters.at("GFLOP/s"), 123.5);
}

TEST(T4, WhatOtherToolsRecordedCanBeExported) {
  const auto run = run_from_t4(foreign_file(), "A100.json");
  ASSERT_TRUE(run);
  const auto json = result_json(*run);
  ASSERT_TRUE(json) << json.error().message();
  const auto valid = validate_schema(*json, "result", "result");
  EXPECT_TRUE(valid) << valid.error().message();
  const auto again = run_from_t4(parsed(t4_text(*run)), "A100.json");
  ASSERT_TRUE(again) << again.error().message();
  expect_same(*run, *again);
}

TEST(T4, UnitsOfOtherToolsBecomeMilliseconds) {
  OrderedJson json = foreign_file();
  json["metadata"]["timeunit"] = "microseconds";
  json["metadata"]["device"] = "RTX 3090";
  json["results"][0]["times"]["runtimes"] = {500, 500};
  json["results"][0].erase("measurements");
  const auto run = run_from_t4(json, "a.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.device.name, "RTX 3090");
  EXPECT_DOUBLE_EQ(run->evaluations[0].measurement.time_ms.median, 0.5);
  EXPECT_DOUBLE_EQ(run->evaluations[0].measurement.compile_ms, 0.3);
}

TEST(T4, WithoutAUnitTheMeasuredTimeDecides) {
  OrderedJson json = foreign_file();
  json["results"][0]["times"]["runtimes"] = {0.0005, 0.0007};
  const auto run = run_from_t4(json, "a.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_NEAR(run->evaluations[0].measurement.samples_ms[0], 0.5, 1e-12);
}

TEST(T4, FailuresOfOtherToolsAreData) {
  const std::pair<const char*, Outcome> cases[] = {{"compile", Outcome::compile_error},
                                                   {"runtime", Outcome::launch_error},
                                                   {"timeout", Outcome::timeout},
                                                   {"correctness", Outcome::incorrect},
                                                   {"constraints", Outcome::skipped}};
  for (const auto& [invalidity, outcome] : cases) {
    OrderedJson json = foreign_file();
    json["results"][0]["invalidity"] = invalidity;
    json["results"][0]["measurements"][0]["value"] = "InvalidConfig";
    const auto run = run_from_t4(json, "a.json");
    ASSERT_TRUE(run) << run.error().message();
    EXPECT_EQ(run->evaluations[0].measurement.outcome, outcome);
    EXPECT_FALSE(run->evaluations[0].measurement.reason.empty());
  }
}

TEST(T4, ATimeAloneIsASample) {
  OrderedJson json = foreign_file();
  json["results"][0]["times"].erase("runtimes");
  EXPECT_DOUBLE_EQ(run_from_t4(json, "a.json")->evaluations[0].measurement.time_ms.median, 0.59375);
  json["results"][0].erase("measurements");
  const auto run = run_from_t4(json, "a.json");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->evaluations[0].measurement.outcome, Outcome::launch_error);
}

TEST(T4, RepeatsOfOtherToolsCountOnce) {
  OrderedJson json = foreign_file();
  json["results"].push_back(json["results"][0]);
  const auto run = run_from_t4(json, "a.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), 1u);
  EXPECT_EQ(run->remarks.at(0), "a.json: 1 repeated entries; of each configuration the last counts");
}

TEST(T4, ReadsWhatKttKnowsOfTheKernel) {
  OrderedJson json = foreign_file();
  json["results"][0]["compilation_data"] =
      parsed(R"({"max_work_group_size": 1024, "local_memory_size": 6480, "private_memory_size": 0,
    "constant_memory_size": 4356, "registers": 40, "global_size": {"x": 103, "y": 256, "z": 1}, "local_size": {"x": 8, "y": 16, "z": 1}})");
  const auto run = run_from_t4(json, "a.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations[0].measurement.facts->registers, 40);
  EXPECT_EQ(run->evaluations[0].measurement.launches.at(0).grid[1], 256);
}

TEST(HostileT4, NamesPathAndReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "file.json: /: is no T4 file: expected an object"},
      {"{}", "results"},
      {R"({"results": 5})", "/results"},
      {R"({"results": [5]})", "/results/0: expected an object"},
      {R"({"schema_version": "2.0.0", "results": []})",
       "file.json: /schema_version: is \"2.0.0\"; versions 1.x.x of T4 are read"},
      {R"({"schema_version": 1, "results": []})", "/schema_version"},
      {R"({"metadata": [], "results": []})", "/metadata: expected an object"},
      {R"({"metadata": {"timeunit": "fortnights"}, "results": []})",
       "file.json: /metadata/timeunit: \"fortnights\" is no unit of time known here"},
      {R"({"metadata": {"fuseline": 3}, "results": []})", "/metadata/fuseline"},
      {R"({"metadata": {"fuseline": {}}, "results": []})", "/metadata/fuseline"},
      {R"({"metadata": {"device": 5}, "results": []})", "/metadata/device"},
      {R"({"results": [{}]})", "/results/0"},
      {R"({"results": [{"configuration": [], "times": {}, "invalidity": "correct"}]})",
       "/results/0/configuration: expected an object"},
      {R"({"results": [{"configuration": {}, "times": 5, "invalidity": "correct"}]})",
       "/results/0/times: expected an object"},
      {R"({"results": [{"configuration": {}, "times": {}, "invalidity": "maybe"}]})",
       "/results/0/invalidity: \"maybe\" is none of"},
      {R"({"results": [{"configuration": {}, "times": {"runtimes": 5}, "invalidity": "correct"}]})",
       "/results/0/times/runtimes"},
      {R"({"results": [{"configuration": {}, "times": {"runtimes": [1, "x"]}, "invalidity": "correct"}]})",
       "/results/0/times/runtimes/1: expected a number"},
      {R"({"results": [{"configuration": {}, "times": {}, "invalidity": "correct", "measurements": [{"name": "time", "value": 3,
        "unit": "fortnights"}]}]})",
       "/results/0/measurements/0/unit: \"fortnights\" is no unit of time known here"},
      {R"({"results": [{"configuration": {}, "times": {}, "invalidity": "correct", "measurements": {}}]})",
       "/results/0/measurements"},
      {R"({"results": [{"configuration": {}, "times": {}, "invalidity": "correct", "measurements": [1]}]})",
       "/results/0/measurements/0"},
      {R"({"results": [{"configuration": {}, "times": {}, "invalidity": "correct", "compilation_data": {"registers": 1e9}}]})",
       "/results/0/compilation_data/registers"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string error = read_error(text);
    EXPECT_NE(error.find(expected), std::string::npos) << text << "\n" << error;
    EXPECT_EQ(error.find("file.json: "), 0u) << error;
  }
}

TEST(HostileT4, SamplesAreBounded) {
  OrderedJson json = foreign_file();
  json["results"][0]["times"]["runtimes"] = std::vector<double>(1'000'001, 0.5);
  const auto run = run_from_t4(json, "a.json");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().message(),
            "a.json: /results/0/times/runtimes: 1000001 samples, more than the 1000000 that a configuration may have");
  json["results"][0]["times"]["runtimes"].erase(0);
  EXPECT_TRUE(run_from_t4(json, "a.json"));
}

TEST(HostileT4, OurMembersMustAgreeWithTheFormats) {
  OrderedJson json = t4_json(sample_run());
  json["results"][0]["invalidity"] = "compile";
  EXPECT_EQ(run_from_t4(json, "a.json").error().message(),
            "a.json: /results/0/invalidity: is \"compile\", but the outcome is ok");
  json = t4_json(sample_run());
  json["results"][0]["fuseline"].erase("measurement");
  EXPECT_EQ(run_from_t4(json, "a.json").error().path.find("/results/0/fuseline"), 0u);
  json = t4_json(sample_run());
  json["results"][1].erase("fuseline");
  EXPECT_EQ(run_from_t4(json, "a.json").error().path.find("/results/1"), 0u);
  json = t4_json(sample_run());
  json["results"][0]["times"]["runtimes"] = OrderedJson::array();
  EXPECT_EQ(run_from_t4(json, "a.json").error().message(),
            "a.json: /results/0/fuseline/measurement: is ok, but has no time above zero");
}

TEST(T4, OfALargeTextWhatWasReadMayGo) {
  const std::string small = t4_text(sample_run());
  std::size_t told = 0;
  const TextPassed passed = [&](std::size_t bytes) { told = bytes; };
  ASSERT_TRUE(run_from_t4(small, "a.json", passed));
  EXPECT_EQ(told, 0U) << "where it is looked at again, to say in which line something is wrong";
  // What lies between the results stays; so each of two is made half of it.
  std::string text = small;
  for (const char* begin : {"[\n{", "},\n{"})
    text.insert(text.find(begin) + std::strlen(begin), JsonLimits{}.bytes / 2, ' ');
  const auto run = run_from_t4(text, "a.json", passed);
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), sample_run().evaluations.size());
  EXPECT_GT(told, JsonLimits{}.bytes);
  EXPECT_LE(told, text.size());
}

TEST(HostileT4, OfOurConfigurationsTheLastCountsAndSequencesAreUnique) {
  OrderedJson json = t4_json(sample_run());
  json["results"].push_back(json["results"][0]);
  json["results"].back()["fuseline"]["elapsed_s"] = 99.5;
  const auto repeated = run_from_t4(json, "a.json");
  ASSERT_TRUE(repeated) << repeated.error().message();
  EXPECT_EQ(repeated->evaluations.size(), sample_run().evaluations.size());
  EXPECT_EQ(repeated->remarks.size(), 1U);
  EXPECT_EQ(repeated->evaluations[0].elapsed_s, 99.5) << "the last one's";
  json = t4_json(sample_run());
  json["results"][0]["fuseline"]["sequence"] = 1;
  EXPECT_NE(run_from_t4(json, "a.json").error().message().find("sequence 1"), std::string::npos);
}

/// Every member of our own file replaced by something else, one at a time: an error or a run, never more.
TEST(HostileT4, AnyMemberOfTheWrongTypeIsHarmless) {
  auto run_with_few = sample_run();
  const auto all = run_with_few.evaluations;
  run_with_few.evaluations = {all[1], all[5]};
  run_with_few.evaluations[0].measurement.samples_ms.resize(3);
  const OrderedJson good = t4_json(run_with_few);
  const OrderedJson flat = good.flatten();
  const OrderedJson replacements[] = {nullptr, -1e308, "x", OrderedJson::object({{"a", 1}})};
  std::size_t errors = 0;
  for (const auto& item : flat.items()) {
    for (const OrderedJson& replacement : replacements) {
      OrderedJson json = good;
      json[OrderedJson::json_pointer(item.key())] = replacement;
      const auto run = run_from_t4(json, "a.json");
      if (!run) {
        ++errors;
        continue;
      }
      (void)result_json(*run);
      (void)csv(*run);
      (void)ncu_json(*run);
      (void)t4_text(*run);
    }
  }
  EXPECT_GT(errors, flat.size());
}

}  // namespace
}  // namespace fuseline::tuner
