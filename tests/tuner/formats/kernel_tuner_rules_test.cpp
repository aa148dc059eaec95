// What we write, held against the rules by which other tools read it, written down here from what they publish: Kernel
// Tuner 1.4 reads caches (read_cache, get_result_cost, check_matching_problem_size, simulation mode), and the T4 schema
// 1.0.0 has Kernel Tuner's results.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "tests/tuner/support/sample_run.hpp"
#include "tuner/formats/kernel_tuner.hpp"
#include "tuner/formats/read_run.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {
namespace {

using nlohmann::ordered_json;
using testing::sample_run;

/// As Python's str().
std::string python_str(const ordered_json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_null()) return "None";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// What simulation finds by walking the product of tune_params: the cost by the name of the entry; empty: it failed.
class KernelTuner {
 public:
  explicit KernelTuner(const std::string& text) : file_(ordered_json::parse(text)) {
    for (const char* member : {"device_name", "kernel_name", "tune_params_keys", "tune_params", "objective", "cache"})
      EXPECT_TRUE(file_.contains(member)) << member;
    if (file_.contains("problem_size")) {
      EXPECT_FALSE(file_["problem_size"].empty());
    }
    EXPECT_EQ(file_["tune_params_keys"].size(), file_["tune_params"].size());
    const std::string trimmed = text.substr(0, text.find_last_not_of(" \n") + 1);
    EXPECT_TRUE(trimmed.ends_with("}\n}") || trimmed.ends_with("}}}")) << "else it is taken for an open cache";
    walk(0, "");
  }
  [[nodiscard]] const std::map<std::string, std::optional<double>>& found() const { return found_; }
  [[nodiscard]] std::size_t entries() const { return file_["cache"].size(); }

 private:
  void walk(std::size_t depth, const std::string& name) {
    if (depth == file_["tune_params_keys"].size()) {
      if (const auto entry = file_["cache"].find(name); entry != file_["cache"].end()) found_[name] = cost(*entry);
      return;
    }
    for (const auto& value : file_["tune_params"][file_["tune_params_keys"][depth].get<std::string>()])
      walk(depth + 1, name + (depth > 0 ? "," : "") + python_str(value));
  }

  std::optional<double> cost(const ordered_json& entry) const {
    static const std::set<std::string> classes = {"ErrorConfig", "InvalidConfig", "CompilationFailedConfig",
                                                  "RuntimeFailedConfig"};
    for (const char* part : {"compile_time", "verification_time", "benchmark_time"})
      EXPECT_TRUE(entry.at(part).is_number()) << part;  // Simulated time is their sum.
    if (entry.contains("__error__")) return std::nullopt;
    for (const auto& value : entry)
      if (value.is_string() && classes.contains(value.get<std::string>())) return std::nullopt;
    const auto& cost = entry.at(file_["objective"].get<std::string>());
    EXPECT_TRUE(cost.is_number()) << entry;
    return cost.get<double>();
  }

  ordered_json file_;
  std::map<std::string, std::optional<double>> found_;
};

std::multiset<double> times_of(const tuner::Run& run) {
  std::multiset<double> times;
  for (const auto& evaluation : run.evaluations)
    if (worked(evaluation.measurement)) times.insert(evaluation.measurement.time_ms.median);
  return times;
}

/// Several variants, each with parameters that others lack, and every outcome.
tuner::Run varied_run() {
  tuner::Run run = sample_run();
  run.evaluations[0].configuration = {"other", {{"tile", Value(2.5)}, {"fast", Value(true)}}};
  run.evaluations[3].configuration = {"third", {{"mode", Value("a,b")}}};
  return run;
}

TEST(KernelTunerReads, EveryEntryOfWhatWeWrite) {
  for (const tuner::Run& run : {sample_run(), varied_run()}) {
    const KernelTuner reader(kernel_tuner_text(run).value());
    EXPECT_EQ(reader.entries(), run.evaluations.size());
    EXPECT_EQ(reader.found().size(), run.evaluations.size());
    std::multiset<double> costs;
    for (const auto& [name, cost] : reader.found())
      if (cost) costs.insert(*cost);
    EXPECT_EQ(costs, times_of(run));
  }
}

TEST(KernelTunerReads, NoSizeWhereNoneIsKnown) {
  tuner::Run run = sample_run();
  run.info.dims.clear();
  EXPECT_EQ(KernelTuner(kernel_tuner_text(run).value()).found().size(), run.evaluations.size());
}

TEST(KernelTunerReads, OutcomesThatItHasNoNameForComeBackToUs) {
  const tuner::Run run = sample_run();
  const auto again = run_from_text(kernel_tuner_text(run).value(), "a.json");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->outcome_counts(), run.outcome_counts());
  EXPECT_EQ(again->evaluations[5].measurement.outcome, Outcome::incorrect);
  EXPECT_EQ(again->evaluations[5].measurement.reason, run.evaluations[5].measurement.reason);
}

/// A cache comes through us with every member that it had.
TEST(KernelTunerReads, NothingThatACacheHasIsLost) {
  const std::string text =
      R"({"device_name": "A100", "kernel_name": "k", "problem_size": [4, 5, 6, 7], "tune_params_keys": ["b", "m"],
    "tune_params": {"b": [1, 2, 4], "m": ["x", "y"]}, "objective": "time", "cache": {
    "1,x": {"b": 1, "m": "x", "time": 2.0, "times": [2.0, 2.5], "GFLOP/s": 9.5, "nvml_energy": 3.25, "core_freq": 1980, "note": "warm",
      "powers": [1.5, 2.5], "compile_time": 10.5, "verification_time": 1.25, "benchmark_time": 50.5, "strategy_time": 0.5,
      "framework_time": 2.5, "timestamp": "2025-11-01 10:00:00+00:00"},
    "2,y": {"b": 2, "m": "y", "__error__": "RuntimeFailedConfig", "compile_time": 7.5, "verification_time": 0, "benchmark_time": 0,
      "strategy_time": 0, "framework_time": 1.0, "timestamp": "2025-11-01 10:00:01+00:00"}}})";
  const auto original = ordered_json::parse(text);
  // Straight, and through a recording of ours.
  const auto run = run_from_text(text, "a.json").value();
  const auto recorded = run_from_text(t4_text(run), "a.t4.json").value();
  for (const tuner::Run& each : {run, recorded}) {
    const auto written = ordered_json::parse(kernel_tuner_text(each).value());
    EXPECT_EQ(written["tune_params"], original["tune_params"]);
    EXPECT_EQ(written["problem_size"], original["problem_size"]);
    for (const auto& [name, entry] : original["cache"].items()) {
      ASSERT_TRUE(written["cache"].contains(name)) << name;
      for (const auto& [member, value] : entry.items())
        EXPECT_EQ(written["cache"][name][member], value) << name << member;
    }
  }
}

TEST(T4Reads, WhatTheSchemaAsksFor) {
  static const std::set<std::string> words = {"timeout", "compile", "runtime", "correctness", "constraints", "correct"};
  const auto file = ordered_json::parse(t4_text(varied_run()));
  EXPECT_EQ(file["schema_version"], "1.0.0");
  EXPECT_EQ(file["metadata"]["timeunit"], "milliseconds");
  for (const auto& result : file["results"]) {
    EXPECT_TRUE(result.at("configuration").is_object());
    EXPECT_TRUE(words.contains(result.at("invalidity").get<std::string>()));
    EXPECT_TRUE(result.at("correctness").is_number());
    EXPECT_TRUE(result.at("times").at("runtimes").is_array());
    for (const auto& [name, value] : result.at("times").items())
      EXPECT_TRUE(name == "runtimes" || (value.is_number() && value.get<double>() >= 0)) << name;
    for (const auto& measured : result.at("measurements")) {
      EXPECT_TRUE(measured.at("name").is_string() && measured.at("unit").is_string());
      EXPECT_TRUE(measured.at("value").is_number() || measured.at("value").is_string() ||
                  measured.at("value").is_array());
    }
    const bool ok = result.at("invalidity") == "correct";
    const std::string objective = result.at("objectives").at(0);
    const bool has = std::any_of(result.at("measurements").begin(), result.at("measurements").end(),
                                 [&](const ordered_json& measured) { return measured.at("name") == objective; });
    EXPECT_EQ(ok, has);
  }
}

}  // namespace
}  // namespace fuseline::tuner
