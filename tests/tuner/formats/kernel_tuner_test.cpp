// Kernel Tuner cache files: whole, unfinished, hostile, and back.
#include "tuner/formats/kernel_tuner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

constexpr const char* header = R"({
"device_name": "NVIDIA A100",
"kernel_name": "convolution_kernel",
"problem_size": [4096, 2048],
"tune_params_keys": ["block_size_x", "use_shmem", "mode"],
"tune_params": {"block_size_x": [16, 32, 64], "use_shmem": [0, 1], "mode": ["fast"]},
"objective": "time",
"cache": {)";

constexpr const char* first_entry = R"(
"16,0,fast": {"block_size_x": 16, "use_shmem": 0, "mode": "fast", "time": 3.0, "times": [4.0, 2.0, 3.0], "compile_time": 900.0,
 "verification_time": 50, "benchmark_time": 126.0, "GFLOP/s": NaN, "strategy_time": 1, "framework_time": 40.0, "timestamp": "2023-12-22 09:54:05"})";

constexpr const char* second_entry = R"(,
"32,1,fast": {"block_size_x": 32, "use_shmem": 1, "mode": "fast", "time": "CompilationFailedConfig", "compile_time": 100.0, "verification_time": 0,
 "benchmark_time": 0, "strategy_time": 0, "framework_time": 0})";

std::string whole() { return std::string(header) + first_entry + second_entry + "\n}\n}"; }

std::string entry(const std::string& block, const std::string& time) {
  return "\n\"" + block + ",0,fast\": {\"block_size_x\": " + block + R"(, "use_shmem": 0, "mode": "fast", "time": )" +
         time + "}";
}

TEST(KernelTuner, ReadsConfigurationsTimesAndCosts) {
  const auto run = run_from_kernel_tuner(whole(), "a.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.state, RunState::finished);
  EXPECT_EQ(run->info.problem, "convolution_kernel");
  EXPECT_EQ(run->info.device.name, "NVIDIA A100");
  ASSERT_EQ(run->info.dims.size(), 2U);
  EXPECT_EQ(run->info.dims[1].value, 2048);
  ASSERT_EQ(run->evaluations.size(), 2U);
  const auto& first = run->evaluations[0];
  EXPECT_EQ(first.configuration.key(), "convolution_kernel block_size_x=16 use_shmem=0 mode=fast");
  EXPECT_EQ(first.measurement.outcome, Outcome::ok);
  EXPECT_DOUBLE_EQ(first.measurement.time_ms.median, 3.0);
  EXPECT_DOUBLE_EQ(first.measurement.time_ms.minimum, 2.0);
  EXPECT_EQ(first.measurement.samples_ms.size(), 3U);
  EXPECT_DOUBLE_EQ(first.measurement.cost_s, (900 + 50 + 40 + 1 + 126) / 1000.0);
  const auto& second = run->evaluations[1];
  EXPECT_EQ(second.measurement.outcome, Outcome::compile_error);
  EXPECT_DOUBLE_EQ(second.measurement.cost_s, 0.1);
  EXPECT_DOUBLE_EQ(second.elapsed_s, 1.217);
}

TEST(KernelTuner, ReadsAFileWithoutItsClosingBraces) {
  const auto run = run_from_kernel_tuner(std::string(header) + first_entry + second_entry + ",", "a.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), 2U);
  EXPECT_EQ(run->info.state, RunState::interrupted);
}

TEST(KernelTuner, ReadsEveryPrefixOfAFileUpToItsLastWholeEntry) {
  const std::string text = whole();
  const std::size_t begin = std::string(header).size();
  const std::size_t first_end = begin + std::string(first_entry).size();
  const std::size_t second_end = first_end + std::string(second_entry).size();
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto run = run_from_kernel_tuner(text.substr(0, length), "a.json");
    const std::size_t expected = length >= second_end ? 2 : length >= first_end ? 1 : 0;
    ASSERT_EQ(run.has_value(), expected > 0) << length;
    if (run) {
      ASSERT_EQ(run->evaluations.size(), expected) << length;
      EXPECT_EQ(run->info.state, RunState::interrupted);
    }
  }
}

TEST(KernelTuner, MapsFailures) {
  const std::string text = std::string(header) + entry("1", "\"RuntimeFailedConfig\"") + "," +
                           entry("2", "\"InvalidConfig\"") + "," + entry("3", "1e20") + "," + entry("4", "NaN") + "," +
                           entry("5", "Infinity") + "," + entry("6", "\"CorrectnessFailedConfig\"") + "}}";
  const auto run = run_from_kernel_tuner(text, "a.json");
  ASSERT_TRUE(run) << run.error().message();
  const std::vector<Outcome> expected = {Outcome::launch_error, Outcome::skipped,      Outcome::launch_error,
                                         Outcome::launch_error, Outcome::launch_error, Outcome::incorrect};
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(run->evaluations[i].measurement.outcome, expected[i]) << i;
}

TEST(KernelTuner, ErrorsNameFileAndPlace) {
  const auto message = [](const std::string& text) {
    const auto run = run_from_kernel_tuner(text, "a.json");
    return run ? std::string() : run.error().message();
  };
  EXPECT_THAT(message("{\"tune_params_keys\": []}"), ::testing::AllOf(HasSubstr("a.json"), HasSubstr("/cache")));
  EXPECT_THAT(message(std::string(header) + "}}"), HasSubstr("no configuration"));
  EXPECT_THAT(message(R"({"cache": {"1": {"a": 1, "time": 1}}})"), HasSubstr("tune_params_keys"));
  EXPECT_THAT(message(R"({"tune_params_keys": ["a"], "cache": {"1": {"b": 1, "time": 1}}})"), HasSubstr("/cache/0"));
  EXPECT_THAT(message(R"({"tune_params_keys": ["a"], "cache": {"1": {"a": 1, "time": 1, "times": "x"}}})"),
              HasSubstr("/cache/0/times"));
  EXPECT_THAT(message(R"({"tune_params_keys": ["a"], "cache": {"1": {"a": 1 "time": 1}}})"), HasSubstr("/cache/0"));
}

TEST(KernelTuner, NeverThrowsOnNonsense) {
  const std::string deep = R"({"tune_params_keys": ["a"], "cache": {"1": )";
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("]]]}}}"), std::string("\"cache\": {"),
        std::string(R"({"cache": 3})"), deep + std::string(100'000, '['),
        deep + std::string(100'000, '{') + std::string(100'000, '}'), std::string("{\"cache\": {\"")})
    EXPECT_FALSE(run_from_kernel_tuner(text, "a.json"));
}

TEST(KernelTuner, RefusesMoreParametersThanAConfigurationHas) {
  std::string keys = "\"p0\"";
  for (int i = 1; i < 300; ++i) keys += ", \"p" + std::to_string(i) + "\"";
  const auto run =
      run_from_kernel_tuner(R"({"tune_params_keys": [)" + keys + R"(], "cache": {"1": {"p0": 1}}})", "a.json");
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message(), HasSubstr("more than the 256 allowed"));
}

TEST(KernelTuner, IsToldApartFromOtherFiles) {
  EXPECT_TRUE(is_kernel_tuner_cache(whole()));
  EXPECT_FALSE(is_kernel_tuner_cache(R"({"schema_version": "1.0.0", "results": []})"));
  EXPECT_FALSE(is_kernel_tuner_cache(""));
}

TEST(KernelTuner, ComesBackFromItsExport) {
  const auto run = run_from_kernel_tuner(whole(), "a.json");
  ASSERT_TRUE(run);
  const auto text = kernel_tuner_text(*run);
  ASSERT_TRUE(text) << text.error().message();
  EXPECT_TRUE(is_kernel_tuner_cache(*text));
  EXPECT_THAT(*text, HasSubstr("\"16,0,fast\": {"));
  const auto again = run_from_kernel_tuner(*text, "b.json");
  ASSERT_TRUE(again) << again.error().message();
  ASSERT_EQ(again->evaluations.size(), run->evaluations.size());
  EXPECT_EQ(again->info.state, RunState::finished);
  for (std::size_t i = 0; i < run->evaluations.size(); ++i) {
    const auto &a = run->evaluations[i], &b = again->evaluations[i];
    EXPECT_EQ(a.configuration, b.configuration);
    EXPECT_EQ(a.measurement.outcome, b.measurement.outcome);
    EXPECT_EQ(a.measurement.samples_ms, b.measurement.samples_ms);
    EXPECT_DOUBLE_EQ(a.measurement.time_ms.median, b.measurement.time_ms.median);
    EXPECT_NEAR(a.measurement.cost_s, b.measurement.cost_s, 1e-9);
  }
}

TEST(KernelTuner, ScalarsAreInTheHeadAndComeBack) {
  auto run = run_from_kernel_tuner(whole(), "a.json").value();
  EXPECT_TRUE(run.info.scalars.empty());
  EXPECT_THAT(kernel_tuner_text(run).value(), ::testing::Not(HasSubstr("scalars")));
  run.info.scalars = {{"scale", 1.5}, {"eps", 1e-6}};
  const auto again = run_from_kernel_tuner(kernel_tuner_text(run).value(), "b.json");
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->info.scalars, run.info.scalars);
}

TEST(KernelTuner, ScalarsOfAnotherKindArePassedOver) {
  const std::string text = std::string(R"({"scalars": ["half", 2], )") + (header + 1) + first_entry + "}}";
  const auto run = run_from_kernel_tuner(text, "a.json");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_TRUE(run->info.scalars.empty());
}

TEST(KernelTuner, ExportsSeveralVariantsAsAParameter) {
  tuner::Run run;
  run.info.problem = "p";
  Evaluation evaluation;
  evaluation.measurement.outcome = Outcome::ok;
  evaluation.measurement.samples_ms = {1.0};
  evaluation.measurement.time_ms = summarize(evaluation.measurement.samples_ms);
  evaluation.configuration = {"rows", {{"x", Value(4)}, {"vector", Value(true)}}};
  run.evaluations.push_back(evaluation);
  evaluation.configuration = {"tiles", {{"x", Value(8)}}};
  run.evaluations.push_back(evaluation);
  const auto text = kernel_tuner_text(run);
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, ::testing::AllOf(HasSubstr("\"rows,4,True\""), HasSubstr("\"tiles,8,none\"")));
  EXPECT_TRUE(run_from_kernel_tuner(*text, "b.json"));
}

TEST(KernelTuner, AnEmptyRunIsNotExported) { EXPECT_FALSE(kernel_tuner_text(tuner::Run{})); }

}  // namespace
}  // namespace fuseline::tuner
