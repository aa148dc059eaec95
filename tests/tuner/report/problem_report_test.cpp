// What is said of a problem: sizes of its spaces, what constraints remove, configurations, what expressions can name.
#include "tuner/report/problem_report.hpp"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "tests/tuner/problem/temporary_problem.hpp"
#include "tuner/base/files.hpp"
#include "tuner/problem/instance.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

/// tests/data/user_problem, which a test may spoil: 3 blocks by 4 items by 2 orders.
class ProblemReports : public ::testing::Test {
 protected:
  CatalogEntry entry() const {
    CatalogEntry made;
    made.problem = load_problem(folder_.problem_file()).value();
    made.variants.push_back(load_variant(folder_.manifest(), made.problem).value());
    return made;
  }
  static DeviceLimits limits() {
    DeviceLimits device;
    device.compute_major = 9;
    device.max_threads_per_block = 1024;
    return device;
  }
  /// As list_configurations() writes them, line by line.
  static std::string listed(const CatalogEntry& entry, const ProblemChoice& choice,
                            std::optional<std::uint64_t> limit = {}, bool json = false) {
    std::string text;
    const auto done =
        list_configurations(entry, limits(), choice, limit, json, [&](std::string_view piece) { text += piece; });
    return done ? text : done.error().message();
  }

  TemporaryProblem folder_;
};

TEST_F(ProblemReports, EveryConstraintSaysWhatItRemoves) {
  folder_.edit("strided.json", [](Json& j) {
    j["constraints"] = {{{"require", "tile <= 1024"}, {"reason", "large"}},
                        {{"require", "order == order.plain || block == 64"}, {"reason", "slow"}},
                        {{"require", "dtype != dtype.f16 || items > 1"}, {"reason", "narrow"}}};
  });
  const CatalogEntry made = entry();
  ProblemChoice choice;
  choice.counts = true;
  auto report = problem_report(made, limits(), choice).value();
  ASSERT_TRUE(report.variants[0].counts);
  EXPECT_EQ(report.variants[0].counts->raw_size, 24);
  // 256 * 8 is over 1024: 2 of 24. Of 11 (block, items) with order fused, 4 have block 64. All stay in f32.
  EXPECT_EQ(report.variants[0].size, 15U);
  const std::string text = problem_text(report, false);
  EXPECT_THAT(text, HasSubstr("24 combinations of the values"));
  EXPECT_THAT(text, HasSubstr("where tile <= 1024  (large): removes 2, leaves 22"));
  EXPECT_THAT(text, HasSubstr("(slow): removes 7, leaves 15"));
  EXPECT_THAT(text, HasSubstr("(narrow): removes 0, leaves 15"));
  EXPECT_THAT(text, Not(HasSubstr("on this device")));
  choice.dtype = "f16";
  report = problem_report(made, limits(), choice).value();
  EXPECT_THAT(problem_text(report, false), HasSubstr("(narrow): removes 4, leaves 11"));
  const OrderedJson json = to_json(report);
  EXPECT_EQ(json.at("sized_for").at("dtype"), "f16");
  EXPECT_EQ(json.at("variants")[0].at("raw_configurations"), 24);
  EXPECT_EQ(json.at("variants")[0].at("constraints")[2].at("removes"), 4);
  EXPECT_EQ(json.at("variants")[0].at("constraints")[2].at("left"), 11);
}

TEST_F(ProblemReports, WhatTheDeviceCannotLaunchIsAConstraintToo) {
  folder_.edit("strided.json", set("/constraints", nullptr));
  ProblemChoice choice;
  choice.counts = choice.full = true;
  DeviceLimits small = limits();
  small.max_threads_per_block = 512;
  const CatalogEntry made = entry();
  const std::string text = problem_text(problem_report(made, small, choice).value(), false);
  EXPECT_THAT(text, HasSubstr("threads a block on this device: at most 512): removes 8, leaves 40"));
}

TEST_F(ProblemReports, AShapeAndDimensionsAreChosenAndCheckedByName) {
  const CatalogEntry made = entry();
  ProblemChoice choice;
  choice.shape = "large";
  choice.dims = {{"rows", 8}};
  const auto report = problem_report(made, limits(), choice).value();
  EXPECT_EQ(report.instance.shape, "custom");
  EXPECT_EQ(report.instance.tensors[0].elements, 8 * 4096);
  choice.dims = {{"row", 8}};
  EXPECT_THAT(problem_report(made, limits(), choice).error().message(), HasSubstr("no dimension \"row\""));
  EXPECT_THAT(problem_report(made, limits(), {"", "f8", {}, {}}).error().message(), HasSubstr("f8"));
}

TEST_F(ProblemReports, AnEmptyOrFailingVariantIsFaultyAndOneForOtherGpusOrSizesIsNot) {
  const auto faulty = [&] { return problem_report(entry(), limits()).value().faulty(); };
  EXPECT_FALSE(faulty());
  folder_.edit("strided.json", set("/minimum_compute_capability", 12.0));
  EXPECT_FALSE(faulty());
  folder_.edit("strided.json", set("/minimum_compute_capability", nullptr));
  folder_.edit("strided.json", set("/constraints/0/require", "width >= 1024 && dtype_bytes == 2"));
  EXPECT_FALSE(faulty());
  folder_.edit("strided.json", set("/constraints/0/require", "tile > 4096"));
  EXPECT_TRUE(faulty());
  folder_.edit("strided.json", set("/constraints/0/require", "1 / (block - 128) < 4"));
  EXPECT_TRUE(faulty());
}

TEST_F(ProblemReports, ConfigurationsAreListedAsTheyAreLeft) {
  folder_.edit("strided.json", [](Json& j) {
    j["constraints"] = {{{"require", "items == 1 && dtype == dtype.bf16"}, {"reason", "for the test"}}};
    j["parameters"][0]["values"] = {64, 128};
  });
  const CatalogEntry made = entry();
  ProblemChoice choice;
  choice.dtype = "bf16";
  EXPECT_EQ(listed(made, choice),
            "strided block=64 items=1 order=plain\nstrided block=64 items=1 order=fused\n"
            "strided block=128 items=1 order=plain\nstrided block=128 items=1 order=fused\n");
  EXPECT_EQ(listed(made, choice, 1), "strided block=64 items=1 order=plain\n");
  const auto json = Json::parse(listed(made, choice, 3, true));
  ASSERT_EQ(json.size(), 3U);
  EXPECT_EQ(json[2], Json::parse(R"({"variant": "strided", "config": {"block": 128, "items": 1, "order": "plain"}})"));
  EXPECT_EQ(Json::parse(listed(made, choice, 0, true)), Json::array());
  choice.full = true;
  EXPECT_THAT(listed(made, choice), HasSubstr("strided block=1024 items=1 order=fused\n"));
  choice.dtype = "f32";
  EXPECT_THAT(listed(made, choice), HasSubstr("no configuration is left"));
}

TEST(ExpressionHelp, HasEveryNameAndSoHasTheHandbookOfKernels) {
  const std::string help = expression_help();
  const std::string handbook = read_file(std::string(FUSELINE_SOURCE_DIR) + "/kernels/README.md").value();
  for (const ExpressionFunction& function : expression_function_list()) {
    EXPECT_THAT(help, HasSubstr(function.call));
    EXPECT_THAT(handbook, HasSubstr("`" + function.call + "`"));
  }
  for (const auto& names : {dtype_names(), device_names()}) {
    for (const std::string& name : names) {
      EXPECT_THAT(help, HasSubstr(name));
      EXPECT_THAT(handbook, HasSubstr("`" + name + "`"));
    }
  }
}

TEST(ProblemMemory, OfEveryShapeFitsAGpuOf24Gb) {
  const auto catalog = Catalog::load(data_folder(), {}).value();
  const auto target = find_target(data_folder(), "rtx4090").value();
  for (const auto& entry : catalog.entries()) {
    for (const ShapePreset& shape : entry->problem.shapes) {
      for (const Dtype dtype : entry->problem.dtypes) {
        const auto instance = instantiate(entry->problem, shape.name, {}, dtype, {}).value();
        const MemoryQuestion question{instance.tensors, kPlaces, target.limits.l2_bytes};
        const auto within = memory_within(question, kSmallGpuBytes);
        ASSERT_TRUE(within) << entry->problem.name << " " << shape.name << " " << to_string(dtype) << ": "
                            << memory_text(memory_least(question));
        EXPECT_LE(within->total(), kSmallGpuBytes) << entry->problem.name << " " << shape.name;
      }
    }
  }
  const auto table = memory_table({catalog.find("layernorm_gelu_scale").value()}, target.limits, false);
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_NE(table->find("kernelbench_older"), std::string::npos);
  EXPECT_EQ(table->find("too much"), std::string::npos);
}

}  // namespace
}  // namespace fuseline::tuner
