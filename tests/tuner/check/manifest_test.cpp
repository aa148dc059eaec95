// Mistakes that manifests and texts of sources show by themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tuner/check/mistakes.hpp"
#include "tuner/report/check_report.hpp"

namespace fuseline::tuner {
namespace {

using nlohmann::ordered_json;
using ::testing::AllOf;
using testing::checked;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::lines;
using testing::replace_in;
using ::testing::StartsWith;

/// The findings of strided.json with one member changed.
std::vector<std::string> with(const std::string& pointer, const ordered_json& value) {
  const TemporaryProblem problem;
  problem.edit("strided.json", set(pointer, value));
  return lines(checked(problem), problem);
}

TEST(Check, TheExampleIsCleanAndItsSpacesAreCounted) {
  const TemporaryProblem problem;
  const CheckReport report = checked(problem);
  EXPECT_TRUE(report.clean()) << to_string(report.findings.front());
  ASSERT_EQ(report.problems.size(), 1U);
  const VariantCheck& variant = report.problems[0].variants.at(0);
  ASSERT_EQ(variant.spaces.size(), 12U) << "two shapes, three dtypes, two devices";
  EXPECT_EQ(variant.spaces[0].configurations, 22U);
  EXPECT_EQ(variant.spaces[0].combinations, 24);
  EXPECT_EQ(variant.constraints.at(0).met_by, 12 * 24);
  EXPECT_EQ(variant.constraints.at(0).removed, 12 * 2);
  EXPECT_THAT(variant.remarks, IsEmpty());
}

TEST(Check, AGridMustBeAWholeNumberOfBlocks) {
  EXPECT_THAT(with("/launches/0/grid/0", "total/(block+1)"),
              ElementsAre(AllOf(StartsWith("strided.json: /launches/0/grid/0: expression \"total/(block+1)\" gives "),
                                HasSubstr("which is not an integer, for strided block=64 items=1 order=plain (f32, "
                                          "small, sm_89) and "))));
  EXPECT_THAT(with("/launches/0/block/0", "block-64"),
              ElementsAre(AllOf(StartsWith("strided.json: /launches/0/block/0: "),
                                HasSubstr("gives 0, which is less than 1"))));
}

TEST(Check, ABlockOverTheDevicesLimitIsSaidWhereNoConstraintSaysIt) {
  EXPECT_THAT(with("/launches/0/block", {"block", "items", "2"}),
              ElementsAre(AllOf(StartsWith("strided.json: /launches/0/block: "),
                                HasSubstr("2048 threads a block are over the 1024 of the device"))));
}

TEST(Check, DivisionByZeroIsSaidOnceWithItsNumbers) {
  EXPECT_THAT(
      with("/launches/0/grid/0", "cdiv(total, block-128)"),
      ElementsAre(AllOf(StartsWith("strided.json: /launches/0/grid/0: "), HasSubstr("divides by zero with block = 128"),
                        HasSubstr("for f32, small, sm_89 and 11 more"))));
  EXPECT_THAT(with("/launches/0/shared_bytes", "idiv(items, items-8)"),
              ElementsAre(AllOf(StartsWith("strided.json: /launches/0/shared_bytes: "), HasSubstr("divides by zero"))));
  EXPECT_THAT(with("/launches/0/args/2", {{"i32", "idiv(items, items-8)"}}),
              ::testing::Contains(AllOf(StartsWith("strided.json: /launches/0/args/2: "), HasSubstr("divides by zero"),
                                        HasSubstr("for strided block=64 items=8 order=plain"))));
}

TEST(Check, DerivedValuesAreWorkedOutForEveryConfiguration) {
  const TemporaryProblem problem;
  problem.edit("strided.json", [](ordered_json& json) {
    json["derived"].push_back({{"name", "share"}, {"value", "1/(items-8)"}});
  });
  EXPECT_THAT(lines(checked(problem), problem),
              ElementsAre(AllOf(StartsWith("strided.json: /derived/1/value: "), HasSubstr("items=8"))));
}

TEST(Check, AConstraintThatLeavesNothingIsSaid) {
  EXPECT_THAT(with("/constraints/0/require", "tile > 4096"),
              ElementsAre(AllOf(StartsWith("strided.json: /constraints/0/require: no configuration is left: "),
                                HasSubstr("removes 24 of 24, for f32, small, sm_89 and 11 more"))));
}

TEST(Check, AShapeWithoutAConfigurationIsANoteWhereOthersHaveSome) {
  const TemporaryProblem problem;
  problem.edit("strided.json", set("/constraints/0/require", "tile <= 1024 && total > 16384 * items"));
  const CheckReport report = checked(problem);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.problems[0].variants[0].remarks,
              ::testing::Contains(HasSubstr("f32, small, sm_89 and 5 more: no configuration is left")));
}

TEST(Check, AVariantForOtherSizesIsANote) {
  const TemporaryProblem problem;
  problem.edit("strided.json", set("/constraints/0/require", "total > 1e9"));
  const CheckReport report = checked(problem);
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_THAT(report.problems[0].variants[0].remarks,
              ElementsAre(HasSubstr("f32, small, sm_89 and 11 more: no configuration is left")));
  problem.edit("strided.json", set("/constraints/0/require", "items * total > 1e9"));
  EXPECT_THAT(lines(checked(problem), problem), ElementsAre(StartsWith("strided.json: /constraints/0/require: ")))
      << "of a configuration too";
}

TEST(Check, AValueForOtherSizesIsANote) {
  const TemporaryProblem problem;
  problem.edit("strided.json", set("/constraints/0/require", "items < 8 || mod(width, 3) == 0"));
  const CheckReport report = checked(problem);
  EXPECT_TRUE(report.clean());
  EXPECT_THAT(report.problems[0].variants[0].remarks,
              ElementsAre("items = 8 is for other sizes than those of the shapes looked at"));
}

TEST(Check, AValueThatNothingLetsThroughIsSaid) {
  EXPECT_THAT(
      with("/parameters/1/values", {1, 2, 4, 8, 32}),
      ElementsAre(AllOf(StartsWith("strided.json: /parameters/1/values/4: no configuration has items = 32, in any "
                                   "shape, dtype or device looked at; f32, small, sm_89: no configuration is left: "
                                   "\"tile <= 1024\""))));
}

TEST(Check, AConstraintThatRemovesNothingIsShownAsSuch) {
  const TemporaryProblem problem;
  problem.edit("strided.json", set("/constraints/0/require", "tile <= 2048"));
  const CheckReport report = checked(problem);
  EXPECT_TRUE(report.clean());
  const ConstraintEffect& effect = report.problems[0].variants[0].constraints.at(0);
  EXPECT_EQ(effect.removed, 0);
  EXPECT_THAT(check_text(report, false), HasSubstr("where tile <= 2048: removes nothing (enough blocks"));
}

TEST(Check, ParametersThatNothingUsesAreSaid) {
  const TemporaryProblem problem;
  problem.edit("strided.json", [](ordered_json& json) {
    json["parameters"].push_back({{"name", "lanes"}, {"description", "idle"}, {"values", {1, 2}}});
    // It is in a constraint, and that changes no kernel.
    json["constraints"].push_back({{"require", "lanes < 3"}, {"reason", "few"}});
    // Only the launch depends on this one.
    json["parameters"].push_back({{"name", "room"}, {"description", "shared memory"}, {"values", {0, 16}}});
    json["derived"].push_back({{"name", "bytes"}, {"value", "room*4"}});
    json["launches"][0]["shared_bytes"] = "bytes";
  });
  EXPECT_THAT(
      lines(checked(problem), problem),
      ElementsAre(StartsWith("strided.json: /parameters/3/name: nothing uses lanes: no source mentions PARAM_lanes")));
}

TEST(Check, MacrosThatNothingDeclaresAreSaidWithTheirLine) {
  const TemporaryProblem problem;
  replace_in(problem, "strided.cu", "item < PARAM_items", "item < PARAM_itms");
  replace_in(problem, "reference.cu", "return;", "return; // PARAM_comment\n  (void)PARAM_block;");
  EXPECT_THAT(
      lines(checked(problem), problem),
      ElementsAre(
          StartsWith("reference.cu:7: PARAM_block stands for no parameter of the manifest"),
          StartsWith("strided.cu:10: PARAM_itms stands for no parameter of the manifest; did you mean items?")));
}

TEST(Check, AnArgumentLeftOutIsSaid) {
  EXPECT_THAT(
      with("/launches/0/args", {"x", "y", "out"}),
      ElementsAre("strided.json: /launches/0/args: kernel \"scale_add_strided\" takes 4 arguments, and 3 are given; "
                  "not among them: alpha"));
}

TEST(Check, SwappedArgumentsAreSaid) {
  EXPECT_THAT(
      with("/launches/0/args", {"out", "y", "alpha", "x"}),
      ElementsAre(HasSubstr("/launches/0/args/0: kernel \"scale_add_strided\" takes \"x\" here and \"out\" at 3")));
  EXPECT_THAT(with("/launches/0/args", {"x", "alpha", "y", "out"}),
              ElementsAre(HasSubstr("takes \"y\" here and \"alpha\" at 2")));
}

TEST(Check, SwappedArgumentsOfOtherNamesAreSeenByTheirConst) {
  const TemporaryProblem problem;
  replace_in(problem, "strided.cu", "const Element* x, const Element* y, float alpha, Element* out",
             "const Element* a, const Element* b, float c, Element* d");
  problem.edit("strided.json", set("/launches/0/args", {"out", "y", "alpha", "x"}));
  EXPECT_THAT(
      lines(checked(problem), problem),
      ElementsAre(AllOf(HasSubstr("/launches/0/args/3: "),
                        HasSubstr("takes a pointer \"d\" here that is not to const, and is given the input \"x\"")),
                  AllOf(HasSubstr("/launches/0/args/0: "),
                        HasSubstr("takes a pointer to const \"a\" here, and is given the output \"out\""))));
}

TEST(Check, AnOutputThatASecondLaunchReadsIsNoMistake) {
  const TemporaryProblem problem;
  problem.edit("strided.json", [](ordered_json& json) {
    ordered_json second = json["launches"][0];
    second["args"] = {"out", "y", "alpha", "out"};
    json["launches"].push_back(second);
  });
  EXPECT_TRUE(checked(problem).clean());
}

TEST(Check, ArgumentsOfTheReferenceAreLookedAtToo) {
  const TemporaryProblem problem;
  problem.edit("problem.json", set("/reference/launches/0/args", {"x", "y", "out"}));
  EXPECT_THAT(lines(checked(problem), problem),
              ElementsAre(StartsWith(
                  "problem.json: /reference/launches/0/args: kernel \"scale_add_reference\" takes 4 arguments")));
}

TEST(Check, AFolderThatCannotBeLoadedIsAFinding) {
  EXPECT_THAT(with("/constraints/0/require", "tile <= 1024 &&"),
              ElementsAre(StartsWith("strided.json: /constraints/0/require: ")));
}

TEST(Check, ProblemsAreMeantByNameAndByFolder) {
  const auto data = data_folder();
  EXPECT_EQ(checked_problems(data, {}, {"swiglu", (data / "kernels/swiglu").string()})->entries.size(), 1U);
  const auto& nothing = testing::data_without_problems();
  const TemporaryProblem own;
  EXPECT_EQ(checked_problems(nothing, {own.folder()}, {})->entries.size(), 1U);
  EXPECT_EQ(checked_problems(nothing, {}, {})->entries.size(), 0U);
  EXPECT_THAT(checked_problems(nothing, {}, {"swiglo"}).error().message(), HasSubstr("unknown problem"));
  EXPECT_THAT(checked_problems(nothing, {}, {"/nowhere/at/all"}).error().message(), HasSubstr("is no folder"));
  EXPECT_THAT(checked_problems(nothing, {}, {(data / "kernels/common").string()}).error().message(),
              HasSubstr("holds no problem.json"));
}

TEST(Check, DevicesAreDataSheetsOfTheCapability) {
  const auto devices = check_devices(data_folder(), {89, 90});
  ASSERT_TRUE(devices);
  EXPECT_EQ(devices->at(0).name, "rtx4090");
  EXPECT_EQ(devices->at(1).name, "h200");
  EXPECT_THAT(check_devices(data_folder(), {51}).error().message(), HasSubstr("--cc: there is no data sheet"));
}

TEST(Check, BuiltInProblemsAreClean) {
  const auto data = data_folder();
  const auto problems = checked_problems(data, {}, {(data / "kernels").string()});
  ASSERT_TRUE(problems);
  CheckOptions options;
  options.devices = check_devices(data, {90}).value();
  options.selection.dtypes = {Dtype::bf16};  // The others for time: no dtype has values that it lacks.
  options.compile = false;
  const auto report = check_problems(*problems, std::move(options));
  ASSERT_TRUE(report);
  for (const Finding& finding : report->findings) ADD_FAILURE() << to_string(finding);
  EXPECT_GT(report->problems.size(), 10U);
}

}  // namespace
}  // namespace fuseline::tuner
