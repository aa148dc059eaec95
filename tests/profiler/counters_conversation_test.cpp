// Counters through the worker's protocol, on stand-ins for driver and CUPTI: batches, flushes, and every way of having
// none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ostream>

#include "tests/gpu/conversation.hpp"
#include "tests/profiler/support.hpp"
#include "tuner/counters/metric_sets.hpp"
#include "tuner/counters/names.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using tuner::Outcome;

constexpr std::int64_t kElements = 4096;

std::string source(std::uint64_t id) {
  return "extern \"C\" __global__ void k(const float* x, float* out) { out[0] = x[0]; }\n// " + std::to_string(id);
}

class CountersConversation : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER, 1);
    setenv("FUSELINE_LIBCUPTI", FUSELINE_FAKE_CUPTI_LIBRARY, 1);
    setenv("FUSELINE_WORKER", testing::kWorkerProgram.c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"FUSELINE_LIBCUDA", "FUSELINE_LIBCUPTI", "FUSELINE_FAKE_CUPTI", "FUSELINE_WORKER"})
      unsetenv(name);
  }
  void start(int batch, std::vector<std::string> metrics = {"first.sum", "second.pct"}) {
    worker_.emplace();
    ASSERT_TRUE(worker_->started()) << worker_->why_not();
    job_ = gpu::twice_job(kElements);
    job_.counters = {std::move(metrics), batch};
    worker_->send(tuner::HelloRequest{});
    ASSERT_TRUE(worker_->expect<tuner::HelloReply>().has_value()) << worker_->last_error << worker_->why_not();
    worker_->send(tuner::PrepareRequest{job_});
    ASSERT_TRUE(worker_->expect<tuner::PreparedReply>().has_value()) << worker_->last_error << worker_->why_not();
  }
  tuner::EvaluateRequest request(std::uint64_t id) { return gpu::configuration(id, job_, source(id)); }
  void evaluate(std::uint64_t id) {
    worker_->send(request(id));
    const auto reply = worker_->expect<tuner::OutcomeReply>();
    ASSERT_TRUE(reply.has_value()) << worker_->last_error << worker_->why_not();
    EXPECT_EQ(reply->measurement.outcome, Outcome::ok) << reply->measurement.reason;
  }
  tuner::CountersReply readings() {
    auto reply = worker_->expect<tuner::CountersReply>();
    EXPECT_TRUE(reply.has_value()) << worker_->last_error << worker_->why_not();
    return reply ? *reply : tuner::CountersReply{};
  }

  std::optional<gpu::Conversation> worker_;
  tuner::Job job_;
};

TEST_F(CountersConversation, CeilingsCarryTheFullSetOfTheCopyAndOfTheRead) {
  start(100);
  worker_->send(tuner::CeilingsRequest{});
  const auto reply = worker_->expect<tuner::CeilingsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_->last_error << worker_->why_not();
  const tuner::StreamCounters& streams = reply->ceilings.streams;
  EXPECT_EQ(streams.missing, "");
  EXPECT_FALSE(streams.of_another());
  // The stand-in gives 100 times the metric's place plus the range's number: three ranges of the copy, then three of
  // the read. The median is the middle one.
  EXPECT_THAT(streams.copy, Contains(Pair(tuner::metric::kWarpsActive, 301)));
  EXPECT_THAT(streams.read, Contains(Pair(tuner::metric::kWarpsActive, 304)));
  EXPECT_EQ(streams.copy.size(), tuner::metric_set("full")->size());
  evaluate(5);  // And counters of a sweep are read as ever.
  worker_->send(tuner::CountersRequest{});
  EXPECT_THAT(readings().readings.at(0).values, Contains(Pair("first.sum", 100)));
}

TEST_F(CountersConversation, WithoutPermissionCeilingsAreCompleteAndSayWhyTheyHaveNoCounters) {
  setenv("FUSELINE_FAKE_CUPTI", "privileges", 1);
  start(100);
  worker_->send(tuner::CeilingsRequest{});
  const auto reply = worker_->expect<tuner::CeilingsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_->last_error << worker_->why_not();
  EXPECT_GT(reply->ceilings.copy_gbps, 0);
  EXPECT_GT(reply->ceilings.fp32_gflops, 0);
  EXPECT_FALSE(reply->ceilings.streams.known());
  EXPECT_THAT(reply->ceilings.streams.missing, HasSubstr("NVreg_RestrictProfilingToAdminUsers=0"));
  evaluate(5);
}

TEST_F(CountersConversation, ABatchIsReadOnceItIsFull) {
  start(2);
  evaluate(11);
  evaluate(12);
  const auto reply = readings();
  EXPECT_FALSE(reply.finished);
  EXPECT_EQ(reply.passes, 2);
  EXPECT_GT(reply.seconds, 0);
  ASSERT_EQ(reply.readings.size(), 2U);
  EXPECT_EQ(reply.readings[0].id, 11U);
  EXPECT_THAT(reply.readings[0].values, UnorderedElementsAre(Pair("first.sum", 100), Pair("second.pct", 200)));
  EXPECT_EQ(reply.readings[1].id, 12U);
  EXPECT_THAT(reply.readings[1].values, UnorderedElementsAre(Pair("first.sum", 101), Pair("second.pct", 201)));
  EXPECT_THAT(worker_->stages, Contains("counters").Times(2));
}

TEST_F(CountersConversation, TheSessionServesBatchAfterBatch) {
  start(1);
  for (const std::uint64_t id : {1U, 2U, 3U}) {
    evaluate(id);
    EXPECT_THAT(readings().readings.at(0).values, Contains(Pair("first.sum", 100)));
  }
}

TEST_F(CountersConversation, AFlushReadsWhatIsThereAndIsAnswered) {
  start(100);
  evaluate(5);
  worker_->send(tuner::CountersRequest{});
  const auto batch = readings();
  EXPECT_FALSE(batch.finished);
  ASSERT_EQ(batch.readings.size(), 1U);
  EXPECT_EQ(batch.readings[0].id, 5U);
  const auto end = readings();
  EXPECT_TRUE(end.finished);
  EXPECT_THAT(end.readings, IsEmpty());
}

TEST_F(CountersConversation, WhatIsGatheredIsReadWhereNothingMoreComes) {
  start(100);
  evaluate(6);
  const auto reply = readings();  // Without being asked: the search thinks for long.
  EXPECT_FALSE(reply.finished);
  EXPECT_EQ(reply.readings.size(), 1U);
}

TEST_F(CountersConversation, OtherMetricsAreReadOnRequestAndAMetricWithoutValueIsAbsent) {
  start(100);
  evaluate(7);
  worker_->send(tuner::CountersRequest{{"absent.sum", "nonsense.sum", "third.sum"}, {request(8), request(9)}});
  EXPECT_FALSE(readings().finished);  // What was gathered comes first.
  const auto reply = readings();
  EXPECT_TRUE(reply.finished);
  ASSERT_EQ(reply.readings.size(), 2U);
  EXPECT_EQ(reply.readings[0].id, 8U);
  EXPECT_THAT(reply.readings[0].values, ElementsAre(Pair("third.sum", 200)));
  EXPECT_THAT(worker_->logs, Contains(HasSubstr("nonsense.sum")));
}

TEST_F(CountersConversation, AConfigurationThatDoesNotCompileHasAReasonAndTheOthersAreRead) {
  start(100);
  auto broken = request(21);
  gpu::give_source(broken, "this is no kernel");
  worker_->send(tuner::CountersRequest{{"first.sum"}, {broken, request(22)}});
  const auto failed = readings();
  ASSERT_EQ(failed.readings.size(), 1U);
  EXPECT_EQ(failed.readings[0].id, 21U);
  EXPECT_FALSE(failed.readings[0].reason.empty());
  const auto reply = readings();
  EXPECT_TRUE(reply.finished);
  ASSERT_EQ(reply.readings.size(), 1U);
  EXPECT_EQ(reply.readings[0].id, 22U);
}

/// The kernel faults where its workspace does not begin with zero, and leaves a one there.
TEST_F(CountersConversation, AWorkspaceIsZeroedBeforeEveryPass) {
  start(100);
  std::vector<tuner::EvaluateRequest> strict;
  for (const auto zero : {tuner::WorkspaceZero::untimed, tuner::WorkspaceZero::timed}) {
    auto made = request(41 + strict.size());
    gpu::give_source(
        made, "extern \"C\" __global__ void strict(const float* x, float* out, float* s) { out[0] = x[0] + s[0]; }");
    made.resolved.launches[0].kernel = "strict";
    made.resolved.launches[0].args = gpu::buffers({"x", "out", "scratch"});
    made.resolved.workspace = {{"scratch", 1024, zero}};
    strict.push_back(std::move(made));
  }
  worker_->send(tuner::CountersRequest{{"first.sum", "second.pct"}, strict});
  const auto reply = readings();
  EXPECT_TRUE(reply.finished);
  EXPECT_EQ(reply.passes, 2);
  ASSERT_EQ(reply.readings.size(), 2U);
  for (const auto& reading : reply.readings) EXPECT_EQ(reading.values.size(), 2U) << reading.reason;
}

TEST_F(CountersConversation, ARangeThatWasLostHasAReasonAndNoValues) {
  setenv("FUSELINE_FAKE_CUPTI", "half", 1);
  start(2);
  evaluate(31);
  evaluate(32);
  const auto reply = readings();
  ASSERT_EQ(reply.readings.size(), 2U);
  EXPECT_THAT(reply.readings[0].values, IsEmpty());
  EXPECT_FALSE(reply.readings[0].reason.empty());
  EXPECT_THAT(reply.readings[1].values, Contains(Pair("first.sum", 101)));
}

/// How counters are missing, and what the user is to read.
struct Missing {
  const char* name;
  const char* library;  ///< Empty: the stand-in.
  const char* goes_wrong;
  const char* says;
};
void PrintTo(const Missing& missing, std::ostream* out) { *out << missing.name; }

class NoCounters : public CountersConversation, public ::testing::WithParamInterface<Missing> {};

TEST_P(NoCounters, IsSaidOnceAndTheSweepGoesOn) {
  if (*GetParam().library != '\0') setenv("FUSELINE_LIBCUPTI", GetParam().library, 1);
  setenv("FUSELINE_FAKE_CUPTI", GetParam().goes_wrong, 1);
  start(1);
  evaluate(1);
  const auto reply = readings();
  EXPECT_THAT(reply.unavailable, HasSubstr(GetParam().says));
  EXPECT_THAT(reply.readings, IsEmpty());
  // Nothing more is said unasked: the next reply is an outcome.
  evaluate(2);
  evaluate(3);
  worker_->send(tuner::CountersRequest{});
  EXPECT_TRUE(readings().finished);
}

INSTANTIATE_TEST_SUITE_P(Reasons, NoCounters,
                         ::testing::Values(Missing{"NoPermission", "", "privileges",
                                                   "NVreg_RestrictProfilingToAdminUsers=0"},
                                           Missing{"UnderAProfiler", "", "profiler", "another profiler"},
                                           Missing{"StuckPasses", "", "stuck", "more than 256 passes"},
                                           Missing{"NoLibrary", "/nonexistent/libcupti.so", "", "CUPTI was not found"},
                                           Missing{"OldLibrary", FUSELINE_FAKE_DRIVER, "", "is too old"}),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace fuseline::profiler
