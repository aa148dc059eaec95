#include "tuner/session/profile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "toy.hpp"
#include "tuner/counters/names.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using testing::Toy;

SweepRequest one(Toy& toy) {
  auto request = toy.request();
  request.variants = {"plain"};
  request.parameters = {{"block", {"64"}}, {"unroll", {"1"}}};
  return request;
}

Result<Run> profile(Toy& toy, const SweepRequest& request) {
  auto session = start_profile(request, toy.environment());
  if (!session) return tl::unexpected(session.error());
  return (*session)->wait();
}

TEST(Profile, MeasuresOneConfigurationAndReadsTheFullSet) {
  Toy toy;
  const auto run = profile(toy, one(toy));
  ASSERT_TRUE(run) << run.error().message();
  const auto evaluation = profiled(*run);
  ASSERT_TRUE(evaluation);
  EXPECT_EQ((*evaluation)->configuration.key(), "plain block=64 unroll=1");
  EXPECT_TRUE((*evaluation)->measurement.counters.contains(metric::kSmThroughput));
  EXPECT_EQ(run->info.output_bytes, 4096);
  EXPECT_EQ(toy.logged("measured"), 1);
}

TEST(Profile, ReadsTheMetricsThatWereNamed) {
  Toy toy;
  auto request = one(toy);
  request.metrics = {metric::kDramRead};
  const auto run = profile(toy, request);
  ASSERT_TRUE(run);
  EXPECT_EQ((*profiled(*run))->measurement.counters.size(), 2U);
}

SweepRequest one_with_source(Toy& toy) {
  auto request = one(toy);
  request.source_profile = true;
  return request;
}

/// check_source_profile() of a profile that went through.
Result<void> source_of(Toy& toy, const SweepRequest& request) {
  FUSELINE_TRY(session, start_profile(request, toy.environment()));
  FUSELINE_TRY(run, session->wait());
  FUSELINE_TRY(evaluation, profiled(run));
  return check_source_profile(run, *evaluation, session->snapshot()->messages);
}

TEST(Profile, TakesTheSourceProfileAfterTheCounters) {
  Toy toy;
  const auto run = profile(toy, one_with_source(toy));
  ASSERT_TRUE(run) << run.error().message();
  const auto evaluation = profiled(*run);
  ASSERT_TRUE(evaluation) << evaluation.error().message();
  const auto& measurement = (*evaluation)->measurement;
  EXPECT_FALSE(measurement.counters.empty());
  ASSERT_TRUE(measurement.source_profile);
  EXPECT_EQ(measurement.source_profile->samples, 4U);
  ASSERT_EQ(measurement.source_profile->instructions.size(), 1U);
  EXPECT_EQ(measurement.source_profile->instructions[0].text, "EXIT");
  EXPECT_TRUE(run->info.request.source_profile);
  EXPECT_EQ(toy.logged("source profile plain block=64 unroll=1"), 1);
}

TEST(Profile, HasNoSourceProfileUnasked) {
  Toy toy;
  const auto run = profile(toy, one(toy));
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ((*profiled(*run))->measurement.source_profile, nullptr);
  EXPECT_EQ(toy.logged("source profile"), 0);
  EXPECT_TRUE(source_of(toy, one(toy)));
}

TEST(Profile, ASourceProfileThatIsRefusedCostsNothingElse) {
  Toy toy;
  toy.rule("plain", "source", "refuse");
  const auto refused = source_of(toy, one_with_source(toy));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("the samples are in use"));
}

TEST(Profile, AWorkerThatDiesOfASourceProfileLeavesTheMeasurement) {
  for (const char* deed : {"exit", "wrong_id", "garbage"}) {
    Toy toy;
    toy.rule("plain", "source", deed);
    const auto run = profile(toy, one_with_source(toy));
    ASSERT_TRUE(run) << run.error().message();
    const auto evaluation = profiled(*run);
    ASSERT_TRUE(evaluation) << deed;
    EXPECT_FALSE((*evaluation)->measurement.counters.empty()) << deed;
    EXPECT_EQ((*evaluation)->measurement.source_profile, nullptr) << deed;
  }
}

TEST(Profile, ListsTheParametersThatAreMissing) {
  Toy toy;
  auto request = one(toy);
  request.parameters = {};
  const auto refused = profile(toy, request);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("block ("));
  EXPECT_THAT(refused.error().reason, HasSubstr("unroll ("));
  EXPECT_EQ(toy.logged("start"), 0);
}

TEST(Profile, WantsOneVariantAndOneValue) {
  Toy toy;
  auto request = one(toy);
  request.variants = {};
  EXPECT_THAT(profile(toy, request).error().reason, HasSubstr("plain"));
  request = one(toy);
  request.parameters["block"] = {"32", "64"};
  EXPECT_THAT(profile(toy, request).error().reason, HasSubstr("give block one value"));
}

TEST(Profile, AConfigurationThatFailsSaysHow) {
  Toy toy;
  toy.rule("plain", "verify", "exit");
  const auto run = profile(toy, one(toy));
  ASSERT_TRUE(run);
  const auto evaluation = profiled(*run);
  ASSERT_FALSE(evaluation);
  EXPECT_EQ(evaluation.error().kind, ErrorKind::worker);
  EXPECT_THAT(evaluation.error().reason, HasSubstr("plain block=64 unroll=1: crashed"));
}

TEST(Profile, ARecordingAnswersWithWhatItHas) {
  Toy toy;
  auto sweep = toy.request();
  sweep.counters = CounterMode::all;
  const auto recorded = toy.sweep(sweep);
  ASSERT_TRUE(recorded);
  toy.folder().write("rec.t4.json", t4_text(*recorded));
  auto request = one(toy);
  request.device = "replay:" + toy.path("rec.t4.json").string();
  const auto run = profile(toy, request);
  ASSERT_TRUE(run) << run.error().message();
  const auto evaluation = profiled(*run);
  ASSERT_TRUE(evaluation);
  EXPECT_EQ((*evaluation)->measurement.counters,
            testing::find(*recorded, "plain block=64 unroll=1")->measurement.counters);
  request.problem.clear();
  request.parameters.erase("unroll");
  EXPECT_THAT(profile(toy, request).error().reason, HasSubstr("unroll ("));
}

TEST(Profile, ARecordingWithoutASourceProfileSaysSo) {
  Toy toy;
  const auto recorded = toy.sweep();
  ASSERT_TRUE(recorded);
  toy.folder().write("rec.t4.json", t4_text(*recorded));
  auto request = one_with_source(toy);
  request.workers.clear();
  request.device = "replay:" + toy.path("rec.t4.json").string();
  const auto refused = source_of(toy, request);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().reason, HasSubstr("the recording has no source profile of plain block=64 unroll=1"));
}

TEST(ReplayedSweep, HasTheRecordingsCounters) {
  Toy toy;
  auto sweep = toy.request();
  sweep.counters = CounterMode::all;
  const auto recorded = toy.sweep(sweep);
  ASSERT_TRUE(recorded);
  toy.folder().write("rec.t4.json", t4_text(*recorded));
  auto request = toy.request();
  request.workers.clear();
  request.device = "replay:" + toy.path("rec.t4.json").string();
  request.counters = CounterMode::best;
  const auto run = toy.sweep(request);
  ASSERT_TRUE(run) << run.error().message();
  for (const auto& evaluation : run->evaluations) {
    EXPECT_EQ(evaluation.measurement.counters,
              testing::find(*recorded, evaluation.configuration.key())->measurement.counters);
  }
  EXPECT_THAT(toy.messages(), ::testing::Not(HasSubstr("no hardware counters")));
}

TEST(ReplayedSweep, SaysWhereTheRecordingHasNone) {
  Toy toy;
  const auto recorded = toy.sweep();
  ASSERT_TRUE(recorded);
  toy.folder().write("rec.t4.json", t4_text(*recorded));
  auto request = toy.request();
  request.workers.clear();
  request.device = "replay:" + toy.path("rec.t4.json").string();
  request.counters = CounterMode::all;
  ASSERT_TRUE(toy.sweep(request));
  EXPECT_THAT(toy.messages(), HasSubstr("the recording has no hardware counters"));
}

}  // namespace
}  // namespace fuseline::tuner
