// A prepared worker for each test.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gpu/conversation.hpp"

namespace fuseline::gpu {

inline const std::string kGood = "out[i] = (T)(2.0f * (float)x[i]);";

class GpuTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(worker_.started()) << worker_.why_not();
    worker_.send(tuner::HelloRequest{});
    hello_ = worker_.expect<tuner::HelloReply>();
    ASSERT_TRUE(hello_.has_value()) << worker_.last_error << worker_.why_not();
  }

  void prepare(const tuner::Job& job) {
    job_ = job;
    worker_.send(tuner::PrepareRequest{job});
    prepared_ = worker_.expect<tuner::PreparedReply>();
    ASSERT_TRUE(prepared_.has_value()) << worker_.last_error << worker_.why_not();
  }

  tuner::Measurement evaluate(const tuner::EvaluateRequest& request) {
    worker_.send(request);
    const auto reply = worker_.expect<tuner::OutcomeReply>();
    EXPECT_TRUE(reply.has_value()) << worker_.last_error << worker_.why_not();
    if (!reply) return {};
    EXPECT_EQ(reply->id, request.id);
    return reply->measurement;
  }
  tuner::Measurement evaluate(const std::string& body) { return evaluate(configuration(++id_, job_, kernel(body))); }

  Conversation worker_;
  std::optional<tuner::HelloReply> hello_;
  std::optional<tuner::PreparedReply> prepared_;
  tuner::Job job_;
  std::uint64_t id_ = 100;
};

}  // namespace fuseline::gpu
