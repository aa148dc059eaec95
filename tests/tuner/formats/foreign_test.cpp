// Files of other tools: what each kind says alike is read alike, and one odd entry costs itself alone.
#include "tuner/formats/foreign.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tuner/formats/convergence_csv.hpp"
#include "tuner/formats/csv.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/result.hpp"
#include "tuner/formats/t4.hpp"
#include "tuner/run/figures.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A cache file of one parameter, b, with the objective "time".
std::string cache(const std::string& entries, const std::string& objective = "\"time\"") {
  return R"({"device_name": "A100", "kernel_name": "k", "problem_size": 1024, "tune_params_keys": ["b"],
    "tune_params": {"b": [1, 2, 3, 4]}, "objective": )" +
         objective + ", \"cache\": {" + entries + "}}";
}
/// One entry of it, whose name is its value.
std::string cached(const std::string& b, const std::string& members) {
  return fmt::format(R"("{}": {{"b": {}, {}}})", b, b, members);
}
/// A T4 file in milliseconds.
std::string t4(const std::string& results, const std::string& metadata = R"({"timeunit": "milliseconds"})") {
  return R"({"schema_version": "1.0.0", "metadata": )" + metadata + ", \"results\": [" + results + "]}";
}
std::string result(const std::string& b, const std::string& runtimes, const std::string& measurements,
                   const std::string& objectives = "[\"time\"]", const std::string& times = "") {
  return fmt::format(R"({{"configuration": {{"b": {}}}, "times": {{"runtimes": {}{}}}, "invalidity": "correct",
    "correctness": 1, "measurements": [{}], "objectives": {}}})",
                     b, runtimes, times, measurements, objectives);
}
std::string measured(const std::string& name, const std::string& value, const std::string& unit = "ms") {
  return fmt::format(R"({{"name": "{}", "value": {}, "unit": "{}"}})", name, value, unit);
}

tuner::Run read(const std::string& text) {
  auto run = run_from_text(text, "file.json");
  EXPECT_TRUE(run) << run.error().message();
  return run ? std::move(*run) : tuner::Run{};
}
std::string refusal(const std::string& text) {
  const auto run = run_from_text(text, "file.json");
  return run ? "read" : run.error().message();
}
std::vector<Outcome> outcomes(const tuner::Run& run) {
  std::vector<Outcome> list;
  for (const auto& evaluation : run.evaluations) list.push_back(evaluation.measurement.outcome);
  return list;
}
/// The value of b of the best.
std::string best(const tuner::Run& run) {
  const auto ranked = run.ranked();
  return ranked.empty() ? "none" : ranked.front()->configuration.values.at(0).value.to_string();
}
double time_ms(const tuner::Run& run, std::size_t index) {
  return run.evaluations.at(index).measurement.time_ms.median;
}

TEST(ForeignUnits, AnyUsualSpellingIsKnown) {
  for (const char* ms : {"ms", "MS", "msec", "msecs", "millisecond", "Milliseconds", "miliseconds", "millis", " ms "})
    EXPECT_EQ(unit_ms(ms), 1.0) << ms;
  for (const char* us : {"us", "usec", "\u00b5s", "\u03bcs", "Microseconds", "microsecond", "microsec", "mikroseconds"})
    EXPECT_EQ(unit_ms(us), 1e-3) << us;
  for (const char* ns : {"ns", "nsec", "Nanoseconds", "nanosecond"}) EXPECT_EQ(unit_ms(ns), 1e-6) << ns;
  for (const char* s : {"s", "sec", "secs", "Seconds", "second"}) EXPECT_EQ(unit_ms(s), 1e3) << s;
  EXPECT_EQ(unit_ms("minutes"), 60e3);
  for (const char* none : {"", "fortnights", "cycles", "GFLOP/s", "J", "bytes", "m"})
    EXPECT_FALSE(unit_ms(none)) << none;
}

TEST(ForeignUnits, AFileMayNameAny) {
  const std::string body = result("1", "[2000.0]", "");
  for (const auto& [unit, ms] : {std::pair("miliseconds", 2000.0), std::pair("Microseconds", 2.0),
                                 std::pair("nanosec", 0.002), std::pair("Seconds", 2e6)})
    EXPECT_DOUBLE_EQ(time_ms(read(t4(body, fmt::format(R"({{"timeunit": "{}"}})", unit))), 0), ms) << unit;
  EXPECT_THAT(refusal(t4(body, R"({"timeunit": "fortnights"})")),
              HasSubstr("file.json: /metadata/timeunit: \"fortnights\" is no unit of time known here"));
}

TEST(ForeignUnits, ATimeInAnUnknownUnitIsNeverTakenForMilliseconds) {
  const std::string text =
      t4(result("1", "[2.0]", measured("time", "2.0")) + "," + result("2", "[1]", measured("time", "1", "ticks")));
  EXPECT_EQ(refusal(text), "file.json: /results/1/measurements/0/unit: \"ticks\" is no unit of time known here");
  // Of what does not rank the unit is anybody's.
  const auto run = read(t4(result("1", "[2.0]", measured("time", "2.0") + "," + measured("energy", "3", "J"))));
  EXPECT_EQ(run.info.units.at("energy"), "J");
}

/// As KTT's converter writes: no metadata, and the time under a name and in a unit of its own.
TEST(ForeignUnits, AMeasuredTimeBringsItsUnitAndThatOfTheRuns) {
  const std::string text =
      R"({"schema_version": "1.0.0", "results": [)" +
      result("1", "[96.256]", measured("TotalDuration", "96.256", "Microseconds"), "[\"TotalDuration\"]",
             ", \"compilation_time\": 1000.0") +
      "," + result("2", "[53.792]", measured("TotalDuration", "53.792", "Microseconds"), "[\"TotalDuration\"]") + "]}";
  const auto run = read(text);
  EXPECT_EQ(best(run), "2");
  EXPECT_DOUBLE_EQ(time_ms(run, 1), 0.053792);
  EXPECT_DOUBLE_EQ(run.evaluations[0].measurement.samples_ms.at(0), 0.096256);
  EXPECT_DOUBLE_EQ(run.evaluations[0].measurement.compile_ms, 1.0);
  EXPECT_THAT(run.evaluations[1].measurement.counters, IsEmpty());
  EXPECT_THAT(run.remarks, IsEmpty());
}

TEST(ForeignUnits, NoUnitAtAllIsSaid) {
  const auto run = read(t4(result("1", "[2.0]", ""), R"({"timeunit": ""})"));
  EXPECT_DOUBLE_EQ(time_ms(run, 0), 2.0);
  EXPECT_THAT(run.remarks, ElementsAre("file.json: names no unit of time; taken for milliseconds"));
}

TEST(ForeignTimes, ZeroAndLessAreNone) {
  for (const char* odd : {R"("time": 0.0, "times": [0.0, 0.0])", R"("time": -1.0)", R"("time": null)", R"("time": NaN)",
                          R"("time": 1e20)", R"("time": Infinity, "times": [NaN])", R"("times": [])",
                          R"("time": 1.0, "times": [-1.0, 3.0])"}) {
    const auto run = read(cache(cached("1", R"("time": 2.0)") + "," + cached("2", odd)));
    EXPECT_THAT(outcomes(run), ElementsAre(Outcome::ok, Outcome::launch_error)) << odd;
    EXPECT_EQ(best(run), "1") << odd;
    EXPECT_THAT(run.evaluations[1].measurement.reason, HasSubstr("recorded without a time")) << odd;
  }
  for (const auto& [runs, time] :
       {std::pair("[0, 0]", "0.0"), std::pair("[0, 1, 0]", "1.0"), std::pair("[-1, 3]", "1.0"), std::pair("[]", "null"),
        std::pair("null", "NaN"), std::pair("[1]", "-Infinity")}) {
    const auto run =
        read(t4(result("1", "[2.0]", measured("time", "2.0")) + "," + result("2", runs, measured("time", time))));
    EXPECT_THAT(outcomes(run), ElementsAre(Outcome::ok, Outcome::launch_error)) << runs;
    EXPECT_EQ(best(run), "1") << runs;
  }
  EXPECT_THAT(outcomes(read(t4(result("1", "[0, 1, 0]", "")))), ElementsAre(Outcome::launch_error));
}

/// The recorded time ranks in both kinds of file, and is no median of runs that it is not of.
TEST(ForeignTimes, TheRecordedTimeRanksInEveryFormat) {
  const auto from_cache = read(cache(cached("1", R"("time": 50.0, "times": [0.5, 0.5, 0.51])") + "," +
                                     cached("2", R"("time": 8.0, "times": [0.6, 0.6, 0.61])")));
  const auto from_t4 = read(t4(result("1", "[0.5, 0.5, 0.51]", measured("time", "50.0")) + "," +
                               result("2", "[0.6, 0.6, 0.61]", measured("time", "8.0"))));
  for (const tuner::Run& run : {from_cache, from_t4}) {
    EXPECT_EQ(best(run), "2");
    const Summary& time = run.ranked().front()->measurement.time_ms;
    EXPECT_EQ(time.median, 8.0);
    EXPECT_EQ(time.middle, Middle::recorded);
    EXPECT_TRUE(std::isnan(time.minimum) && std::isnan(time.p25) && std::isnan(time.p75));
    EXPECT_EQ(time.samples, 3U);
    const auto json = result_json(run);
    ASSERT_TRUE(json) << json.error().message();
    const auto valid = validate_schema(*json, "result", "result");
    EXPECT_TRUE(valid) << valid.error().message();
    EXPECT_EQ(json->at("best").at("time_ms").at("statistic"), "recorded");
    EXPECT_TRUE(json->at("best").at("time_ms").at("min").is_null());
    EXPECT_THAT(times_text(run.info), HasSubstr("not the medians"));
  }
}

TEST(ForeignTimes, AMeanIsSaidToBeOne) {
  const auto run = read(cache(cached("1", R"("time": 2.0, "times": [1.0, 1.0, 4.0])")));
  EXPECT_EQ(run.ranked().front()->measurement.time_ms.middle, Middle::mean);
  EXPECT_EQ(run.ranked().front()->measurement.time_ms.minimum, 1.0);
  EXPECT_THAT(times_text(run.info), HasSubstr("means"));
}

TEST(ForeignFailures, TheClassOfAnErrorIsFoundWhereverItStands) {
  const auto run = read(cache(cached("1", R"("__error__": "CompilationFailedConfig", "compile_time": 10.0)") + "," +
                              cached("2", R"("__error__": "RuntimeFailedConfig", "time": 0.01)") + "," +
                              cached("3", R"("nvml_energy": "InvalidConfig")") + "," +
                              cached("4", R"("__error__": "")") + "," + cached("5", R"("time": 3.0)")));
  EXPECT_THAT(outcomes(run), ElementsAre(Outcome::compile_error, Outcome::launch_error, Outcome::skipped,
                                         Outcome::launch_error, Outcome::ok));
  EXPECT_EQ(best(run), "5");
  const std::string failed = R"({"configuration": {"b": 2}, "times": {"runtimes": [0.1]}, "invalidity": "correct",
    "measurements": [{"name": "time", "value": "CompilationFailedConfig"}], "objectives": ["time"]})";
  EXPECT_THAT(outcomes(read(t4(result("1", "[2.0]", measured("time", "2.0")) + "," + failed))),
              ElementsAre(Outcome::ok, Outcome::compile_error));
}

TEST(ForeignCosts, EveryRecordedPartCounts) {
  const auto from_cache = read(cache(cached("1", R"("time": 2.0, "times": [2.0, 2.0], "compile_time": 100.0,
    "verification_time": 7, "benchmark_time": 50.0, "strategy_time": 2, "framework_time": 1.0)")));
  const auto from_t4 =
      read(t4(result("1", "[2.0, 2.0]", "", "[]",
                     R"(, "compilation": 100.0, "validation": 7, "benchmark": 50.0, "search_algorithm": 2,
      "framework": 1.0)")));
  EXPECT_DOUBLE_EQ(from_cache.info.seconds, 0.160);
  EXPECT_DOUBLE_EQ(from_t4.info.seconds, 0.160);
  // Of a failure too; and where there is no such part, the runs stand in for it.
  EXPECT_DOUBLE_EQ(
      read(cache(cached("1", R"("__error__": "RuntimeFailedConfig", "benchmark_time": 50.0)"))).info.seconds, 0.050);
  EXPECT_DOUBLE_EQ(read(cache(cached("1", R"("time": 2.0, "times": [2.0, 2.0])"))).info.seconds, 0.004);
}

/// A configuration that failed after it was timed, as the hub's files have them.
TEST(ForeignCosts, RunsOfAFailureCountInWhatIsWrittenToo) {
  const auto run = read(t4(result("1", "[2.0]", "") + "," +
                           R"({"configuration": {"b": 2}, "times": {"runtimes": [3.0, 4.0], "compilation": 100.0},
      "invalidity": "runtime", "correctness": 0})"));
  EXPECT_DOUBLE_EQ(run.info.seconds, 0.109);
  EXPECT_DOUBLE_EQ(read(t4_text(run)).info.seconds, 0.109);
  EXPECT_DOUBLE_EQ(read(kernel_tuner_text(run).value()).info.seconds, 0.109);
}

TEST(ForeignEntries, TheLastOfAConfigurationCounts) {
  const auto from_cache = read(
      cache(cached("1", R"("time": 2.0)") + "," + cached("2", R"("time": 3.0)") + "," + cached("1", R"("time": 4.0)")));
  const auto from_t4 =
      read(t4(result("1", "[2.0]", "") + "," + result("2", "[3.0]", "") + "," + result("1", "[4.0]", "")));
  for (const tuner::Run& run : {from_cache, from_t4}) {
    ASSERT_EQ(run.evaluations.size(), 2U);
    EXPECT_EQ(time_ms(run, 0), 4.0);
    EXPECT_EQ(best(run), "2");
    EXPECT_DOUBLE_EQ(run.info.seconds, 0.009);
    EXPECT_THAT(run.remarks, ElementsAre("file.json: 1 repeated entries; of each configuration the last counts"));
  }
}

TEST(ForeignEntries, AnOddOneCostsItselfAndIsCounted) {
  const auto run =
      read(t4(result("1", "[2.0]", "", "[]", R"(, "compilation_time": -1)") + "," +
              R"({"configuration": {"b": 2}, "times": 5, "invalidity": "correct"}, 7, {"configuration": {"b": 3},
      "times": {"runtimes": ["x"]}, "invalidity": "perhaps"})"));
  EXPECT_THAT(outcomes(run), ElementsAre(Outcome::ok, Outcome::launch_error, Outcome::launch_error));
  EXPECT_EQ(run.evaluations[0].measurement.compile_ms, 0);
  EXPECT_THAT(run.evaluations[1].measurement.reason, HasSubstr("/results/1/times: expected an object"));
  ASSERT_EQ(run.remarks.size(), 1U);
  EXPECT_THAT(run.remarks[0], HasSubstr("4 of 4 entries are odd"));
  EXPECT_THAT(run.remarks[0], HasSubstr("/results/0/times/compilation_time: expected a time"));

  const auto from_cache =
      read(cache(cached("1", R"("time": 2.0, "framework_time": -3)") + R"(, "x": {"c": 1, "time": 1}, "y": [3],)" +
                 cached("4", R"("time": [1])") + "," + cached("2", R"("time": 1, "times": "none")")));
  EXPECT_THAT(outcomes(from_cache), ElementsAre(Outcome::ok, Outcome::launch_error, Outcome::launch_error));
  EXPECT_THAT(from_cache.remarks.at(0), HasSubstr("5 of 5 entries are odd"));
}

TEST(ForeignEntries, ListsAndNullAreValues) {
  const auto from_cache = read(cache(cached("1", R"("time": 2.0)") +
                                     R"x(, "(1, 2)": {"b": [1, 2], "time": 1.0}, "None": {"b": null, "time": 3.0})x"));
  const auto from_t4 =
      read(t4(result("1", "[2]", "") + "," + result("[1, 2]", "[1]", "") + "," + result("null", "[3]", "")));
  for (const tuner::Run& run : {from_cache, from_t4}) {
    EXPECT_EQ(best(run), "[1,2]");
    EXPECT_EQ(run.evaluations.at(2).configuration.values.at(0).value.to_string(), "null");
  }
  const std::string text = kernel_tuner_text(from_cache).value();
  EXPECT_THAT(text, HasSubstr("\"(1, 2)\": {\"b\":[1,2]"));
  EXPECT_THAT(text, HasSubstr("\"None\": {\"b\":null"));
}

TEST(ForeignFiles, AMarkOrAnotherOrderOfMembersChangesNothing) {
  const std::string text = cache(cached("1", R"("time": 2.0)") + "," + cached("2", R"("time": 1.0)"));
  EXPECT_EQ(best(read("\xEF\xBB\xBF" + text)), "2");
  EXPECT_EQ(best(read(nlohmann::json::parse(text).dump())), "2");
  // The keys beyond what a look at the beginning finds.
  EXPECT_EQ(best(read("{\"note\": \"" + std::string(100'000, 'x') + "\", " + text.substr(1))), "2");
  EXPECT_EQ(best(read("\xEF\xBB\xBF" + t4(result("1", "[2.0]", "")))), "1");
}

TEST(ForeignFiles, WhatPythonWritesForNoNumberIsMissing) {
  const auto run =
      read(t4(result("1", "[2.0, NaN]", measured("time", "2.0") + "," + measured("GFLOP/s", "Infinity", "")) + "," +
              result("2", "[1.0]", measured("time", "NaN"))));
  EXPECT_THAT(outcomes(run), ElementsAre(Outcome::ok, Outcome::launch_error));
  EXPECT_THAT(run.evaluations[0].measurement.counters, IsEmpty());
  EXPECT_THAT(refusal("{\"results\": [{\"a\": NaN,\n\"b\": }]}"), HasSubstr("line 2"));
}

TEST(ForeignObjectives, WhatIsNoTimeRanksWhereItsDirectionIsKnown) {
  const std::string entries = cached("1", R"("time": 2.0, "nvml_energy": 3.0, "GFLOP/s": 9.0)") + "," +
                              cached("2", R"("time": 1.0, "nvml_energy": 5.0, "GFLOP/s": 7.0)") + "," +
                              cached("3", R"("time": 0.5, "nvml_energy": "RuntimeFailedConfig")") + "," +
                              cached("4", R"("time": 0.4)");
  EXPECT_EQ(best(read(cache(entries))), "4");
  const auto energy = read(cache(entries, "\"nvml_energy\""));
  EXPECT_EQ(best(energy), "1");
  EXPECT_THAT(outcomes(energy), ElementsAre(Outcome::ok, Outcome::ok, Outcome::launch_error, Outcome::launch_error));
  EXPECT_THAT(energy.remarks.at(0), HasSubstr("ranked by nvml_energy, of which less is better"));
  EXPECT_EQ(best(read(cache(entries, "[\"GFLOP/s\"]"))), "1");
  EXPECT_EQ(best(read(cache(entries, "[\"nvml_energy\", \"time\"]"))), "4");
  const auto rate = read(t4(result("1", "[2.0]", measured("GFLOP/s", "9", ""), "[\"GFLOP/s\"]") + "," +
                            result("2", "[1.0]", measured("GFLOP/s", "7", ""), "[\"GFLOP/s\"]")));
  EXPECT_EQ(best(rate), "1");
  // It stays so in what is written of it.
  for (const std::string& text : {t4_text(rate), kernel_tuner_text(rate).value()}) EXPECT_EQ(best(read(text)), "1");
  EXPECT_FALSE(convergence_csv(rate));
}

TEST(ForeignObjectives, WhatCannotBeRankedIsRefusedByItsName) {
  EXPECT_EQ(refusal(cache(cached("1", R"("score": 2.0)"), "\"score\"")).substr(0, 41),
            "file.json: /objective: \"score\" is no time");
  EXPECT_THAT(refusal(t4(result("1", "[2.0]", measured("score", "1", ""), "[\"score\"]"))),
              HasSubstr("/results/0/objectives: \"score\" is no time"));
  EXPECT_THAT(refusal(cache(cached("1", R"("GFLOP/s": 2.0)"), "\"GFLOP/s\"")), HasSubstr("has no times"));
}

}  // namespace
}  // namespace fuseline::tuner
