// A worker on the stand-in driver for each test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/gpu/conversation.hpp"
#include "tests/profiler/support.hpp"

namespace fuseline::profiler {

inline constexpr std::int64_t kConversationElements = 4096;

/// A kernel that the stand-in driver knows by name; NVRTC compiles it for real.
inline std::string named(const std::string& name) {
  return "extern \"C\" __global__ void " + name + "(const float* x, float* out) { out[0] = x[0]; }\n";
}

class WorkerConversation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    setenv("FUSELINE_LIBCUDA", FUSELINE_FAKE_DRIVER, 1);
    setenv("FUSELINE_LIBNVML", FUSELINE_FAKE_DRIVER, 1);
    setenv("FUSELINE_WORKER", testing::kWorkerProgram.c_str(), 1);
  }
  static void TearDownTestSuite() {
    unsetenv("FUSELINE_LIBCUDA");
    unsetenv("FUSELINE_LIBNVML");
    unsetenv("FUSELINE_WORKER");
  }
  void SetUp() override {
    ASSERT_TRUE(worker_.started()) << worker_.why_not();
    job_ = gpu::twice_job(kConversationElements);
    worker_.send(tuner::HelloRequest{});
    hello_ = worker_.expect<tuner::HelloReply>();
    ASSERT_TRUE(hello_.has_value()) << worker_.last_error << worker_.why_not();
  }
  void prepare() {
    worker_.send(tuner::PrepareRequest{job_});
    prepared_ = worker_.expect<tuner::PreparedReply>();
    ASSERT_TRUE(prepared_.has_value()) << worker_.last_error << worker_.why_not();
  }
  tuner::EvaluateRequest request(std::uint64_t id, const std::string& name) {
    auto made = gpu::configuration(id, job_, named(name) + "// " + std::to_string(id));
    made.resolved.launches[0].kernel = name;
    return made;
  }
  tuner::Measurement evaluate(const std::string& name) {
    worker_.send(request(++id_, name));
    const auto reply = worker_.expect<tuner::OutcomeReply>();
    EXPECT_TRUE(reply.has_value()) << worker_.last_error << worker_.why_not();
    return reply ? reply->measurement : tuner::Measurement{};
  }

  gpu::Conversation worker_;
  tuner::Job job_;
  std::optional<tuner::HelloReply> hello_;
  std::optional<tuner::PreparedReply> prepared_;
  std::uint64_t id_ = 0;
};

}  // namespace fuseline::profiler
