// Values that are sent: inputs and references from files, on the stand-in driver.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/profiler/worker_fixture.hpp"
#include "tests/support/npy.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;
using tuner::NpyType;
using tuner::Outcome;

class FilesConversation : public WorkerConversation {
 protected:
  void SetUp() override {
    WorkerConversation::SetUp();
    for (std::int64_t i = 0; i < kConversationElements; ++i) {
      x_.push_back(static_cast<float>(i % 77) - 0.5F);
      out_.push_back(2.0 * static_cast<double>(x_.back()));
    }
  }
  /// A job with these tensors stored; its data are still to be sent.
  void announce(std::optional<NpyType> x, std::optional<NpyType> out, double absolute_of_largest = 0) {
    job_ = gpu::twice_job(kConversationElements);
    job_.tensors[0].stored = x;
    job_.tensors[1].stored = out;
    job_.tensors[1].absolute_of_largest = absolute_of_largest;
    launches_ = job_.reference_launches;
    if (out) job_.reference_launches.clear();
    if (out) job_.reference_source.clear();
    worker_.send(tuner::PrepareRequest{job_});
  }
  /// In three pieces.
  void send(const std::string& tensor, const std::string& bytes) {
    const std::size_t piece = bytes.size() / 24 * 8;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      worker_.send(tuner::DataRequest{tensor, static_cast<std::int64_t>(at), bytes.substr(at, piece)});
  }
  void expect_prepared() {
    prepared_ = worker_.expect<tuner::PreparedReply>();
    ASSERT_TRUE(prepared_.has_value()) << worker_.last_error << worker_.why_not();
    job_.reference_launches = launches_;  // Requests are made after it.
  }
  std::string refused() {
    const auto error = worker_.expect<tuner::ErrorReply>();
    EXPECT_TRUE(error.has_value() && !error->fatal) << worker_.why_not();
    return error ? error->reason : "";
  }

  std::vector<float> x_;
  std::vector<double> out_;
  std::vector<tuner::ResolvedLaunch> launches_;
};

TEST_F(FilesConversation, WhatIsSentIsWhatIsMeasuredAndComparedWith) {
  announce(NpyType::f4, NpyType::f8);
  send("x", bytes_of(x_));
  send("out", bytes_of(out_));
  expect_prepared();
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  const auto wrong = evaluate("wrong");
  EXPECT_EQ(wrong.outcome, Outcome::incorrect);
  EXPECT_EQ(wrong.verification->worst_index, 7);
  EXPECT_DOUBLE_EQ(wrong.verification->expected, out_[7]);
  // The inputs are as they were sent after a kernel that writes into them, and one that writes outside.
  EXPECT_THAT(evaluate("inputs").reason, HasSubstr("inputs"));
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  EXPECT_TRUE(evaluate("outside").verification->guard_overwritten);
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
  EXPECT_THAT(evaluate("writes_nothing").reason, HasSubstr("not written"));
  // One element of the reference is another's.
  announce(NpyType::f4, NpyType::f4);
  std::vector<float> narrow(out_.begin(), out_.end());
  narrow[1234] += 1;
  send("x", bytes_of(x_));
  send("out", bytes_of(narrow));
  expect_prepared();
  const auto off = evaluate("k");
  EXPECT_EQ(off.outcome, Outcome::incorrect);
  EXPECT_EQ(off.verification->mismatches, 1);
  EXPECT_EQ(off.verification->worst_index, 1234);
  EXPECT_DOUBLE_EQ(off.verification->max_absolute_error, 1);
  // An input that is sent, a reference that is run on it; of halves, which are widened.
  announce(NpyType::f2, std::nullopt);
  send("x", bytes_of(std::vector<std::uint16_t>(kConversationElements, 0x3c00)));
  expect_prepared();
  const auto computed = evaluate("wrong");
  EXPECT_DOUBLE_EQ(computed.verification->expected, 2);
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

TEST_F(FilesConversation, AShareOfTheLargestIsAllowedOfEveryElement) {
  const double largest = std::abs(*std::max_element(
      out_.begin(), out_.end(), [](double one, double other) { return std::abs(one) < std::abs(other); }));
  std::vector<double> off = out_;
  off[1234] += 1;
  off[7] = std::numeric_limits<double>::infinity();
  for (const double allowed : {1.5, 0.5}) {
    announce(NpyType::f4, NpyType::f8, allowed / largest);
    send("x", bytes_of(x_));
    send("out", bytes_of(off));
    expect_prepared();
    const auto found = evaluate("k");
    EXPECT_EQ(found.verification->mismatches, allowed > 1 ? 1 : 2) << "an infinity is nobody's largest";
    EXPECT_EQ(found.verification->worst_index, 7);
  }
}

TEST_F(FilesConversation, DataThatDoNotFitAreRefusedAndTheWorkerGoesOn) {
  const std::string bytes = bytes_of(x_);
  announce(NpyType::f4, std::nullopt);
  worker_.send(tuner::DataRequest{"x", 4, bytes.substr(0, 8)});
  EXPECT_EQ(refused(), "data: a piece of tensor x is not the next one");
  send("x", bytes);  // Nobody waits for it any more.
  announce(NpyType::f4, std::nullopt);
  worker_.send(tuner::DataRequest{"x", 0, bytes + bytes});
  EXPECT_THAT(refused(), HasSubstr("is not the next one"));
  announce(NpyType::f4, std::nullopt);
  worker_.send(tuner::DataRequest{"x", 0, "\1\2\3"});
  EXPECT_THAT(refused(), HasSubstr("is not the next one"));
  announce(NpyType::f4, std::nullopt);
  worker_.send(tuner::DataRequest{"out", 0, bytes});
  EXPECT_THAT(refused(), HasSubstr("there is no such tensor to be sent"));
  announce(NpyType::f4, std::nullopt);
  send("x", bytes);
  expect_prepared();
  EXPECT_EQ(evaluate("k").outcome, Outcome::ok);
}

}  // namespace
}  // namespace fuseline::profiler
