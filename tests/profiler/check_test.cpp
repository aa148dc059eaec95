// fuseline check's way through the real compiler, on a machine without a GPU.
#include "tuner/check/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profiler/support.hpp"
#include "tests/tuner/check/mistakes.hpp"
#include "tuner/session/images.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using tuner::TemporaryProblem;
using tuner::testing::lines;
using tuner::testing::replace_in;

tuner::CheckReport compiled(const TemporaryProblem& problem) {
  tuner::CheckOptions options;
  options.devices = tuner::check_devices(tuner::data_folder(), {90}).value();
  options.selection = {{tuner::Dtype::f32}, {"small"}};
  options.images.at_most = 2;
  options.images.cache_folder = "none";
  options.images.build = tuner::image_stream(testing::kWorkerProgram);
  return tuner::testing::checked(problem, std::move(options));
}

TEST(CheckCompiles, WhatIsCleanHasRegistersAndNoSpills) {
  const TemporaryProblem problem;
  const auto report = compiled(problem);
  EXPECT_THAT(lines(report, problem), IsEmpty());
  const tuner::CompileSummary& images = report.problems.at(0).variants.at(0).images;
  EXPECT_EQ(images.compiled, 2U);
  EXPECT_EQ(images.distinct, 22U);
  EXPECT_GT(images.fewest_registers, 0);
  EXPECT_EQ(images.spilling, 0U);
}

TEST(CheckCompiles, AMistakeInASourceIsOneFindingWithItsLine) {
  const TemporaryProblem problem;
  replace_in(problem, "strided.cu", "const float a = to_float(x[i]);", "const float a = to_float(x[i])");
  replace_in(problem, "reference.cu", "blockDim.x", "blokDim.x");
  EXPECT_THAT(
      lines(compiled(problem), problem),
      ElementsAre(StartsWith("reference.cu:5: error: identifier \"blokDim\" is undefined, for f32, small, sm_90"),
                  StartsWith("strided.cu:14: error: expected a \";\", for strided block=")));
}

TEST(CheckCompiles, KernelsAndArgumentsAreThoseOfTheImage) {
  const TemporaryProblem problem;
  problem.edit("problem.json", tuner::set("/reference/launches/0/kernel", "scale_add_refrence"));
  // A macro hides from the text what the kernel takes.
  replace_in(problem, "strided.cu", "extern \"C\"", "#define REST float alpha, Element* out\nextern \"C\"");
  replace_in(problem, "strided.cu", "float alpha, Element* out) {", "REST) {");
  problem.edit("strided.json", tuner::set("/launches/0/args", {"x", "y", "out"}));
  EXPECT_THAT(lines(compiled(problem), problem),
              ElementsAre(HasSubstr("/reference/launches/0/kernel: the image has no kernel \"scale_add_refrence\"; did "
                                    "you mean scale_add_reference?"),
                          HasSubstr("/launches/0/args: kernel \"scale_add_strided\" takes 4 arguments of 8, 8, 4, 8 "
                                    "bytes, and 3 are given")));
}

TEST(CheckCompiles, AKernelWithoutExternCIsExplained) {
  const TemporaryProblem problem;
  replace_in(problem, "strided.cu", "extern \"C\" __global__", "__global__");
  EXPECT_THAT(lines(compiled(problem), problem),
              ElementsAre(HasSubstr("a kernel that is launched by its plain name is extern \"C\"")));
}

}  // namespace
}  // namespace fuseline::profiler
