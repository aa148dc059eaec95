// The whole worker through its protocol, on the stand-in driver: order, blame, recovery. What CUDA really does is
// tested on a GPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profiler/worker_fixture.hpp"
#include "tests/support/environment_variable.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;
using tuner::Outcome;

TEST_F(WorkerConversation, HelloDescribesTheDevice) {
  ASSERT_EQ(hello_->devices.size(), 1U);
  const tuner::DeviceInfo& device = hello_->devices[0];
  EXPECT_EQ(device.name, "Stand-in for a GPU");
  EXPECT_EQ(device.limits.sm(), "sm_90");
  EXPECT_EQ(device.limits.sm_count, 4);
  EXPECT_EQ(device.uuid, "GPU-5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a");
  EXPECT_FALSE(device.cuda.empty());
}

TEST_F(WorkerConversation, AGoodConfigurationIsVerifiedTimedAndDescribed) {
  prepare();
  EXPECT_EQ(prepared_->buffer_sets, 3);
  EXPECT_GT(prepared_->copy_gbps, 0);
  const auto result = evaluate("k");
  ASSERT_EQ(result.outcome, Outcome::ok) << result.reason;
  EXPECT_GE(result.samples_ms.size(), 10U);
  EXPECT_NEAR(result.time_ms.median, 0.5, 0.01);
  EXPECT_EQ(result.verification->mismatches, 0);
  EXPECT_EQ(result.facts->registers, 32);
  EXPECT_DOUBLE_EQ(result.facts->occupancy, 1);
  EXPECT_DOUBLE_EQ(result.facts->waves, 0.5);
  EXPECT_EQ(worker_.stages, (std::vector<std::string>{"verify", "time"}));
}

TEST_F(WorkerConversation, WrongResultsAreBlamedOnTheirOwnConfiguration) {
  prepare();
  const auto wrong = evaluate("wrong");
  EXPECT_EQ(wrong.outcome, Outcome::incorrect);
  EXPECT_EQ(wrong.verification->worst_index, 7);
  EXPECT_EQ(wrong.verification->mismatches, 1);
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  const auto outside = evaluate("outside");
  EXPECT_EQ(outside.outcome, Outcome::incorrect);
  EXPECT_TRUE(outside.verification->guard_overwritten);
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  EXPECT_THAT(evaluate("inputs").reason, HasSubstr("inputs"));
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  EXPECT_THAT(evaluate("later").reason, HasSubstr("right at first"));
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

/// A base before that which starts the worker, which reads it.
class Drifting {
 private:
  EnvironmentVariable words_{"FUSELINE_FAKE_CUDA", "drift"};
};
class OnADeviceThatSlowsDown : public Drifting, public WorkerConversation {};

TEST_F(OnADeviceThatSlowsDown, AnotherDrawKeepsMemoryAndCopyAndIsVerifiedAnew) {
  prepare();
  const tuner::PreparedReply first = *prepared_;
  ASSERT_EQ(evaluate("k").outcome, Outcome::ok);
  job_.seed += 1000;
  prepare();
  EXPECT_EQ(prepared_->copy_gbps, first.copy_gbps) << "one that is measured now is slower";
  EXPECT_EQ(prepared_->device_bytes, first.device_bytes);
  EXPECT_EQ(prepared_->buffer_sets, first.buffer_sets);
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  EXPECT_EQ(evaluate("wrong").outcome, Outcome::incorrect);
  job_ = gpu::twice_job(2 * kConversationElements);
  prepare();
  EXPECT_NE(prepared_->copy_gbps, first.copy_gbps) << "other tensors";
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(WorkerConversation, HopelessConfigurationsAreAbandoned) {
  prepare();
  ASSERT_EQ(evaluate("k").outcome, Outcome::ok);
  const auto slow = evaluate("slow");
  EXPECT_TRUE(slow.abandoned);
  EXPECT_EQ(slow.samples_ms.size(), 3U);
}

TEST_F(WorkerConversation, WhatCannotComeToTheFinalsIsTimedNoLongerThanThat) {
  job_.timing.race_margin = 0.06;
  prepare();
  ASSERT_EQ(evaluate("k").outcome, Outcome::ok);
  const auto behind = evaluate("behind");
  EXPECT_EQ(behind.outcome, Outcome::ok);
  EXPECT_FALSE(behind.abandoned);
  EXPECT_EQ(behind.samples_ms.size(), 3U);
  EXPECT_GE(evaluate("far").samples_ms.size(), 10U) << "2 % behind may come to the finals";
  job_.timing.race_margin = 0;
  prepare();
  ASSERT_EQ(evaluate("k").outcome, Outcome::ok);
  EXPECT_GE(evaluate("behind").samples_ms.size(), 10U);
}

TEST_F(WorkerConversation, NoSamplesAtMostMeansVerificationAlone) {
  job_.timing.rule.minimum_samples = job_.timing.rule.maximum_samples = 0;
  prepare();
  const auto right = evaluate("k");
  EXPECT_EQ(right.outcome, Outcome::ok);
  EXPECT_TRUE(right.samples_ms.empty());
  EXPECT_EQ(right.verification->mismatches, 0);
  EXPECT_EQ(evaluate("wrong").outcome, Outcome::incorrect);
  EXPECT_EQ(worker_.stages, (std::vector<std::string>{"verify", "verify"}));
}

TEST_F(WorkerConversation, ManyConfigurationsAreAllAnswered) {
  prepare();
  for (std::uint64_t id = 1; id <= 40; ++id) worker_.send(request(id, id % 8 == 0 ? "wrong" : "k"));
  std::vector<bool> answered(41, false);
  for (int i = 0; i < 40; ++i) {
    const auto reply = worker_.expect<tuner::OutcomeReply>();
    ASSERT_TRUE(reply.has_value()) << worker_.last_error;
    EXPECT_FALSE(answered.at(reply->id));
    answered.at(reply->id) = true;
    EXPECT_EQ(reply->measurement.outcome, reply->id % 8 == 0 ? Outcome::incorrect : Outcome::ok);
  }
}

TEST_F(WorkerConversation, CompileErrorsUnknownKernelsAndArgumentsAreOutcomes) {
  prepare();
  auto bad = request(1, "k");
  gpu::give_source(bad, "nonsense");
  worker_.send(bad);
  EXPECT_EQ(worker_.expect<tuner::OutcomeReply>().value().measurement.outcome, Outcome::compile_error);
  bad = request(2, "k");
  bad.resolved.launches[0].kernel = "other";
  worker_.send(bad);
  EXPECT_THAT(worker_.expect<tuner::OutcomeReply>().value().measurement.reason, HasSubstr("kernel other"));
  bad = request(3, "k");
  bad.resolved.launches[0].args = gpu::buffers({"x", "gamma"});
  worker_.send(bad);
  EXPECT_THAT(worker_.expect<tuner::OutcomeReply>().value().measurement.reason, HasSubstr("'gamma'"));
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(WorkerConversation, AFaultIsReportedAndEndsTheWorker) {
  prepare();
  const auto result = evaluate("fault");
  EXPECT_EQ(result.outcome, Outcome::launch_error);
  EXPECT_THAT(result.reason,
              HasSubstr("kernel fault: an illegal memory access was encountered (CUDA_ERROR_ILLEGAL_ADDRESS"));
  const auto error = worker_.expect<tuner::ErrorReply>();
  ASSERT_TRUE(error.has_value());
  EXPECT_TRUE(error->fatal);
  EXPECT_TRUE(worker_.ends_within(std::chrono::seconds(10)));
}

TEST_F(WorkerConversation, AHungKernelDoesNotKeepTheWorkerFromEnding) {
  prepare();
  worker_.send(request(1, "hang"));
  // Compiling comes first and takes what it takes; then the kernel hangs.
  for (int i = 0; i < 40 && worker_.stages.empty(); ++i)
    EXPECT_FALSE(worker_.expect<tuner::OutcomeReply>(std::chrono::seconds(1)).has_value());
  EXPECT_FALSE(worker_.expect<tuner::OutcomeReply>(std::chrono::seconds(2)).has_value());
  EXPECT_EQ(worker_.stages, std::vector<std::string>{"verify"});
  worker_.send(tuner::QuitRequest{});
  EXPECT_TRUE(worker_.ends_within(std::chrono::seconds(10)));
}

TEST_F(WorkerConversation, FinalsInterleaveAndLeaveOutWhatIsWrong) {
  prepare();
  tuner::FinalsRequest finals;
  finals.finalists = {request(11, "k"), request(12, "wrong"), request(13, "slow")};
  finals.rounds = 4;
  worker_.send(finals);
  const auto reply = worker_.expect<tuner::FinalsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  EXPECT_EQ(reply->ids, (std::vector<std::uint64_t>{11, 13}));
  ASSERT_EQ(reply->rounds_ms.size(), 4U);
  EXPECT_NEAR(reply->rounds_ms[3][0], 0.5, 0.01);
  EXPECT_NEAR(reply->rounds_ms[3][1], 5.0, 0.01);
  ASSERT_EQ(reply->rounds.size(), 4U);
  EXPECT_GT(reply->rounds[3].copy_gbps, 0);
}

TEST_F(WorkerConversation, PreparingAgainReplacesTheJob) {
  prepare();
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  job_ = gpu::twice_job(2 * kConversationElements);
  prepare();
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(WorkerConversation, TooMuchMemoryIsAnErrorThatItSurvives) {
  job_ = gpu::twice_job(std::int64_t{1} << 30);
  worker_.send(tuner::PrepareRequest{job_});
  const auto error = worker_.expect<tuner::ErrorReply>();
  ASSERT_TRUE(error.has_value());
  EXPECT_FALSE(error->fatal);
  EXPECT_THAT(error->reason, HasSubstr("MiB are free"));
  job_ = gpu::twice_job(kConversationElements);
  prepare();
}

TEST_F(WorkerConversation, AnEvaluationWithoutAJobIsAnError) {
  worker_.send(request(1, "k"));
  const auto error = worker_.expect<tuner::ErrorReply>();
  ASSERT_TRUE(error.has_value());
  EXPECT_FALSE(error->fatal);
}

TEST_F(WorkerConversation, CeilingsAreAnswered) {
  worker_.send(tuner::CeilingsRequest{});
  const auto reply = worker_.expect<tuner::CeilingsReply>();
  ASSERT_TRUE(reply.has_value()) << worker_.last_error;
  EXPECT_GT(reply->ceilings.copy_gbps, 0);
  EXPECT_GT(reply->ceilings.read_gbps, 0);
  EXPECT_GT(reply->ceilings.l2_gbps, 0);
  EXPECT_GT(reply->ceilings.fp32_gflops, 0);
}

}  // namespace
}  // namespace fuseline::profiler
