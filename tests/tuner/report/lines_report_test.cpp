#include "tuner/report/lines_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "tests/tuner/support/sample_run.hpp"
#include "tests/tuner/support/sample_source_profile.hpp"
#include "tuner/base/files.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/problem/source_digest.hpp"
#include "tuner/report/counters_report.hpp"
#include "tuner/report/known_figures.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::sample_ok;
using testing::sample_run;
using testing::sample_source_profile;

/// Line 41 of the header has a text.
KernelTexts sample_texts() {
  return {{{"common/rows.cuh", "first\n" + std::string(39, '\n') + "  float sum = v.x + v.y;\r\nlast"}}, ""};
}

/// Far from the floor, with lines.
Run profiled_run() {
  tuner::Run run = sample_run();
  run.info.finals.clear();
  run.evaluations = {sample_ok(0, 128, 0.9)};
  run.evaluations[0].measurement.source_profile = std::make_shared<const SourceProfile>(sample_source_profile());
  return run;
}

TEST(KernelTexts, ALineIsFoundByItsNumber) {
  const KernelTexts texts = sample_texts();
  EXPECT_EQ(texts.line("common/rows.cuh", 1), "first");
  EXPECT_EQ(texts.line("common/rows.cuh", 41), "float sum = v.x + v.y;");
  EXPECT_EQ(texts.line("common/rows.cuh", 42), "last");
  EXPECT_EQ(texts.line("common/rows.cuh", 43), "");
  EXPECT_EQ(texts.line("common/rows.cuh", 0), "");
  EXPECT_EQ(texts.line("rows.cu", 1), "");
}

/// A built-in problem's configuration, measured from the sources that are here.
struct BuiltIn {
  Catalog catalog;
  RunInfo info;
  Evaluation evaluation;
};
Result<BuiltIn> built_in() {
  const std::filesystem::path data = data_folder();
  FUSELINE_TRY(catalog, Catalog::load(data, {}));
  FUSELINE_TRY(entry, catalog.find("layernorm_gelu_scale"));
  BuiltIn made{std::move(catalog), {}, {}};
  made.info.problem = "layernorm_gelu_scale";
  const ShapePreset& shape = entry->problem.shapes.front();
  made.info.device.limits.compute_major = 9;
  made.info.device.limits.sm_count = 132;
  made.info.device.limits.max_threads_per_block = 1024;
  made.info.device.limits.max_threads_per_sm = 2048;
  made.info.device.limits.shared_bytes_per_block = 227 << 10;
  made.info.device.limits.shared_bytes_per_sm = 228 << 10;
  made.info.device.limits.registers_per_sm = 65536;
  const Variant& variant = entry->variants.front();
  made.evaluation.configuration.variant = variant.name;
  for (const ParameterSpec& parameter : variant.parameters)
    made.evaluation.configuration.values.push_back({parameter.name, parameter.values.front()});
  FUSELINE_TRY(instance, instantiate(entry->problem, shape.name, {}, made.info.dtype, {}));
  made.info.dims = instance.dims;
  made.info.scalars = instance.scalars;
  FUSELINE_TRY(resolved, resolve(variant, made.evaluation.configuration, instance, made.info.device.limits));
  FUSELINE_TRY(source, digested_source(made.catalog, *entry, variant, resolved));
  made.evaluation.measurement.source_sha256 = source_digest(source);
  return made;
}

TEST(KernelTexts, AreThoseOfTheFilesWhereTheDigestIsTheSame) {
  const auto made = built_in();
  ASSERT_TRUE(made) << made.error().message();
  const KernelTexts texts = kernel_texts(made->info, made->evaluation, &made->catalog);
  EXPECT_EQ(texts.missing, "");
  EXPECT_GE(texts.files.size(), 2U);
  EXPECT_TRUE(std::any_of(texts.files.begin(), texts.files.end(),
                          [](const auto& file) { return file.first.starts_with("common/"); }));
}

TEST(KernelTexts, ThereAreNoneWhereAnythingChanged) {
  auto made = built_in();
  ASSERT_TRUE(made) << made.error().message();
  made->evaluation.measurement.source_sha256[0] ^= 1;
  const KernelTexts texts = kernel_texts(made->info, made->evaluation, &made->catalog);
  EXPECT_TRUE(texts.files.empty());
  EXPECT_THAT(texts.missing, HasSubstr("by its digest"));
  made->info.problem = "no_such_problem";
  EXPECT_THAT(kernel_texts(made->info, made->evaluation, &made->catalog).missing, HasSubstr("not at hand"));
  EXPECT_THAT(kernel_texts(made->info, made->evaluation, nullptr).missing, HasSubstr("not at hand"));
}

TEST(HotLinesText, HasSharesPlacesWaitsMixAndRemarks) {
  const std::string text = hot_lines_text(sample_source_profile(), sample_texts(), false);
  EXPECT_THAT(text, HasSubstr("900 samples of _Z4rows"));
  EXPECT_THAT(text, HasSubstr("one in 2,048 cycles of an SM"));
  EXPECT_THAT(text, HasSubstr("3 were lost"));
  EXPECT_THAT(text, ContainsRegex("50.0 % +common/rows.cuh:41 +1,024 +global memory .long scoreboard. 99 % "
                                  "+float sum = v.x . v.y;"));
  EXPECT_THAT(text, HasSubstr("Instruction mix: FP32 38.1 %"));
  EXPECT_THAT(text, HasSubstr("- Bank conflicts could not be read of stores"));
  EXPECT_LT(text.find("rows.cuh:41"), text.find("rows.cuh:40"));
}

TEST(HotLinesText, SaysWhyThereIsNoText) {
  const std::string text = hot_lines_text(sample_source_profile(), {{}, "it was edited"}, false);
  EXPECT_THAT(text, HasSubstr("No text of the lines: it was edited."));
  EXPECT_THAT(text, Not(HasSubstr("float sum")));
}

TEST(HotLinesText, ForeignTextsAreMadePrintable) {
  SourceProfile profile = sample_source_profile();
  profile.kernel = "k\x1b[31m";
  profile.instructions[2].file = "rows\x07.cu";
  profile.remarks = {"\x1b]0;title\x07"};
  const std::string text = hot_lines_text(profile, {}, false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST(ProfileText, ShowsHotLinesAfterTheRest) {
  const tuner::Run run = profiled_run();
  const std::string text = profile_text(run, run.evaluations[0], explain(run, run.evaluations[0]), false);
  EXPECT_THAT(text, HasSubstr("Hot lines: "));
  EXPECT_THAT(text, HasSubstr("At common/rows.cuh:41: Load earlier what is used there"));
  EXPECT_THAT(text, HasSubstr("44.4 % of the samples wait at common/rows.cuh:41 for global memory (long scoreboard), "
                              "50.0 % of those of waiting warps"));
}

TEST(ProfileJson, HasTheWholeProfileAndIsValid) {
  const tuner::Run run = profiled_run();
  const auto json = profile_json(run, run.evaluations[0], explain(run, run.evaluations[0]));
  const auto valid = validate_schema(json, "profile", "profile.json");
  EXPECT_TRUE(valid) << valid.error().message();
  EXPECT_EQ(json.at("source_profile").at("instructions").size(), 10U);
  const auto& hot = json.at("hot_lines");
  EXPECT_EQ(hot.at("lines").at(0).at("line"), 41);
  EXPECT_EQ(hot.at("lines").at(0).at("stalls").at(0).at("reason"), "long_scoreboard");
  EXPECT_TRUE(hot.at("lines").at(0).at("bank_conflicts").is_null());
  EXPECT_EQ(hot.at("mix").at("classes").at(0).at("class"), "FP32");
  EXPECT_FALSE(hot.at("text_missing").is_null());
}

TEST(Advice, NamesNoLineWhereNoneHoldsAQuarter) {
  tuner::Run run = profiled_run();
  SourceProfile even = sample_source_profile();
  even.instructions[2].samples["long_scoreboard"] = 60;
  run.evaluations[0].measurement.source_profile = std::make_shared<const SourceProfile>(even);
  const Explanation explanation = explain(run, run.evaluations[0]);
  for (const Advice& advice : explanation.advice) {
    EXPECT_THAT(advice.text, Not(HasSubstr("rows.cuh:41")));
    EXPECT_LE(explanation.advice.size(), kMostAdvice);
  }
  const auto by_queue = std::find_if(explanation.advice.begin(), explanation.advice.end(), [](const Advice& advice) {
    return advice.text.starts_with("At common/rows.cuh:40: Issue fewer accesses");
  });
  EXPECT_NE(by_queue, explanation.advice.end());
}

TEST(Advice, NamesNoLineWhereACopyIsNoFaster) {
  tuner::Run run = profiled_run();
  run.evaluations[0].measurement.time_ms.median = static_cast<double>(run.info.compulsory_bytes) / 4245e6;
  const Explanation explanation = explain(run, run.evaluations[0]);
  for (const Advice& advice : explanation.advice) EXPECT_THAT(advice.text, Not(HasSubstr("At common")));
}

const KnownFigure* figure(const std::vector<KnownFigure>& figures, const std::string& id) {
  const auto found = std::find_if(figures.begin(), figures.end(), [&](const auto& each) { return each.id == id; });
  return found == figures.end() ? nullptr : &*found;
}

TEST(KnownFigures, SayWhereTheyAreFromAndWhyTheyAreNotKnown) {
  tuner::Run run = profiled_run();
  run.evaluations[0].measurement.source_profile = nullptr;
  const auto figures = known_figures(run, run.evaluations[0], nullptr);
  ASSERT_NE(figure(figures, "occupancy"), nullptr);
  EXPECT_EQ(figure(figures, "occupancy")->value, 75);
  EXPECT_EQ(figure(figures, "registers")->text, "40");
  EXPECT_FALSE(figure(figures, "in_flight")->value);
  EXPECT_EQ(figure(figures, "in_flight")->text, "n/a");
  EXPECT_THAT(figure(figures, "in_flight")->from, HasSubstr("manifest"));
  EXPECT_THAT(figure(figures, "stalls")->from, HasSubstr("only samples tell"));
  for (const KnownFigure& each : figures) EXPECT_FALSE(each.from.empty()) << each.id;
}

TEST(KnownFigures, LittlesLawIsBytesInFlightOverTheBandwidth) {
  auto made = built_in();
  ASSERT_TRUE(made) << made.error().message();
  tuner::Run run = sample_run();
  run.info.problem = made->info.problem;
  run.info.dims = made->info.dims;
  run.info.scalars = made->info.scalars;
  run.info.device.limits = made->info.device.limits;
  run.evaluations = {sample_ok(0, 256, 0.6)};
  run.evaluations[0].configuration = made->evaluation.configuration;
  run.info.finals.clear();
  run.evaluations[0].measurement.launches = {Launch{{1 << 20, 1, 1}, {256, 1, 1}, 0}};
  const auto figures = known_figures(run, run.evaluations[0], &made->catalog);
  const KnownFigure *flight = figure(figures, "in_flight"), *law = figure(figures, "littles_law");
  ASSERT_TRUE(flight->value) << flight->from;
  // 132 SMs with three quarters of 64 warps.
  const double thread = *flight->value / (132 * 48 * 32);
  EXPECT_GT(thread, 0);
  EXPECT_NEAR(thread, std::round(thread), 1e-9);
  ASSERT_TRUE(law->value);
  EXPECT_NEAR(*law->value, *flight->value / (2'147'483'648 / 0.6e-3) * 1e9, 1e-6);
}

TEST(ProfileText, WithoutCountersHasWhatIsKnownAllTheSame) {
  tuner::Run run = profiled_run();
  const std::string text = profile_text(run, run.evaluations[0], explain(run, run.evaluations[0]), false);
  EXPECT_THAT(text, ContainsRegex("occupancy, the most possible +75 %, limited by registers"));
  const auto json = profile_json(run, run.evaluations[0], explain(run, run.evaluations[0]));
  EXPECT_FALSE(json.at("known").empty());
  run.evaluations[0].measurement.counters[metric::kDramThroughput] = 40;
  EXPECT_THAT(profile_text(run, run.evaluations[0], explain(run, run.evaluations[0]), false),
              Not(HasSubstr("known without counters")));
}

}  // namespace
}  // namespace fuseline::tuner
