// What the compiler says, with one that is made up here.
#include "tuner/check/images.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tuner/check/made_up_compiler.hpp"
#include "tests/tuner/check/mistakes.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::AllOf;
using testing::checked;
using testing::cubin;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::is_probe;
using ::testing::IsEmpty;
using testing::lines;
using testing::refused;
using ::testing::StartsWith;

/// What a source is compiled to: a reason, or an image.
using Compile = std::function<BuildReply(const BuildRequest&)>;

CheckOptions options(const Compile& compile) {
  CheckOptions options;
  options.images.build = [compile](std::size_t count, const auto& request, const auto& take) -> Result<void> {
    for (std::size_t i = 0; i < count; ++i) {
      const BuildRequest build = request(i);
      EXPECT_EQ(build.configuration.id, i);
      BuildReply reply = is_probe(build) ? BuildReply{} : compile(build);
      reply.id = i;
      take(reply);
    }
    return {};
  };
  return options;
}

bool of_variant(const BuildRequest& request) { return request.configuration.resolved.source_name == "strided.cu"; }

/// The example, whose kernels are named as those of the image are.
struct Example {
  TemporaryProblem problem;
  Example() {
    for (const char* file : {"strided.json", "problem.json"}) {
      const std::string launch = file == std::string("problem.json") ? "/reference/launches/0/" : "/launches/0/";
      problem.edit(file, set(launch + "kernel", "scale_add"));
      problem.edit(file, set(launch + "args", {"x", "y", {{"f32", "alpha"}}, "out", {{"i32", 1}}, {{"i64", 2}}}));
    }
  }
};

TEST(CheckImages, WhatOnlyTheLaunchDependsOnIsCompiledOnce) {
  const Example example;
  // Only a launch takes it.
  example.problem.edit("strided.json", [](nlohmann::ordered_json& json) {
    json["parameters"].push_back({{"name", "room"}, {"description", "bytes"}, {"values", {0, 16, 32}}});
    json["launches"][0]["shared_bytes"] = "room";
  });
  std::size_t asked = 0;
  const CheckReport report = checked(example.problem, options([&](const BuildRequest& request) {
                                       asked += of_variant(request) ? 1 : 0;
                                       BuildReply reply = cubin();
                                       reply.registers = request.architecture == "sm_90" ? 40 : 32;
                                       if (asked == 3) reply.spill_bytes = 8;
                                       if (asked == 4) reply.spill_bytes = 24;
                                       return reply;
                                     }));
  EXPECT_THAT(lines(report, example.problem), IsEmpty());
  const CompileSummary& images = report.problems[0].variants[0].images;
  EXPECT_EQ(images.distinct, 22U * 3 * 2 * 2) << "configurations without room, dtypes, shapes, capabilities";
  EXPECT_EQ(images.compiled, images.distinct);
  EXPECT_EQ(asked, images.distinct);
  EXPECT_EQ(images.fewest_registers, 32);
  EXPECT_EQ(images.most_registers, 40);
  EXPECT_EQ(images.spilling, 2U);
  EXPECT_EQ(images.most_spill_bytes, 24);
  EXPECT_THAT(images.spills_most, StartsWith("strided block="));
  EXPECT_EQ(report.problems[0].reference.distinct, 12U);
}

TEST(CheckImages, AtMostSoManyAreCompiledSpreadEvenly) {
  const Example example;
  std::set<std::string> architectures, dtypes;
  CheckOptions some = options([&](const BuildRequest& request) {
    if (of_variant(request)) {
      architectures.insert(request.architecture);
      dtypes.insert(request.configuration.resolved.defines.front());
    }
    return cubin();
  });
  some.images.at_most = 12;
  std::size_t last = 0;
  some.images.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(done, ++last);
    EXPECT_EQ(total, 24U) << "and the references";
  };
  const CheckReport report = checked(example.problem, std::move(some));
  EXPECT_EQ(report.problems[0].variants[0].images.compiled, 12U);
  EXPECT_EQ(report.problems[0].variants[0].images.distinct, 264U);
  EXPECT_EQ(architectures.size(), 2U);
  EXPECT_EQ(dtypes.size(), 3U);
  EXPECT_EQ(last, 24U);
}

TEST(CheckImages, OneMistakeInASourceIsOneFinding) {
  const Example example;
  const CheckReport report = checked(example.problem, options([](const BuildRequest& request) {
                                       return of_variant(request)
                                                  ? refused("strided.cu(12): error: expected a \";\"")
                                                  : refused("element.cuh(3): error: identifier \"a\x1b\" is undefined");
                                     }));
  EXPECT_THAT(lines(report, example.problem),
              ElementsAre(AllOf(StartsWith("element.cuh:3: error: identifier \"a\\x1B\" is undefined, for f32, small, "
                                           "sm_89 and 11 more")),
                          AllOf(StartsWith("strided.cu:12: error: expected a \";\", for strided block=64 items=1 "
                                           "order=plain (f32, small, sm_89) and 263 more"))));
  EXPECT_EQ(report.problems[0].variants[0].images.failed, 264U);
  EXPECT_FALSE(report.clean());
}

TEST(CheckImages, KernelsAreLookedForInTheImage) {
  const Example example;
  example.problem.edit("strided.json", set("/launches/0/kernel", "scale_ad"));
  example.problem.edit("problem.json", set("/reference/launches/0/kernel", "refernce"));
  EXPECT_THAT(
      lines(checked(example.problem, options([](const BuildRequest&) { return cubin(); })), example.problem),
      ElementsAre(StartsWith("problem.json: /reference/launches/0/kernel: the image has no kernel \"refernce\""),
                  AllOf(StartsWith("strided.json: /launches/0/kernel: the image has no kernel \"scale_ad\"; did "
                                   "you mean scale_add?"))));
}

TEST(CheckImages, NumberAndSizesOfArgumentsAreThoseOfTheImage) {
  const Example example;
  example.problem.edit("strided.json", set("/launches/0/args/4", {{"i64", 1}}));
  example.problem.edit("problem.json", set("/reference/launches/0/args", {"x", "y", "out"}));
  EXPECT_THAT(
      lines(checked(example.problem, options([](const BuildRequest&) { return cubin(); })), example.problem),
      ElementsAre(StartsWith("problem.json: /reference/launches/0/args: kernel \"scale_add\" takes 6 arguments"),
                  StartsWith("strided.json: /launches/0/args/4: kernel \"scale_add\" takes 4 bytes here, and an "
                             "i64 has 8")));
}

TEST(CheckImages, ACapabilityThatTheCompilerDoesNotKnowIsAWarning) {
  const Example example;
  CheckOptions some;
  some.images.build = [](std::size_t count, const auto& request, const auto& take) -> Result<void> {
    for (std::size_t i = 0; i < count; ++i) {
      BuildReply reply = request(i).architecture == "sm_89" ? refused("no such architecture") : cubin();
      reply.id = i;
      take(reply);
    }
    return {};
  };
  const CheckReport report = checked(example.problem, std::move(some));
  EXPECT_THAT(report.warnings, ElementsAre("sm_89: nothing is compiled: no such architecture"));
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.problems[0].variants[0].images.compiled, 132U);
}

TEST(CheckImages, WithoutACompilerTheRestIsLookedAt) {
  const Example example;
  CheckOptions none;
  none.images.build = [](std::size_t, const auto&, const auto&) -> Result<void> {
    return worker_error("no kernels can be compiled: there is no worker");
  };
  const CheckReport report = checked(example.problem, std::move(none));
  EXPECT_THAT(report.not_compiled, HasSubstr("there is no worker"));
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_FALSE(report.clean());
}

}  // namespace
}  // namespace fuseline::tuner
