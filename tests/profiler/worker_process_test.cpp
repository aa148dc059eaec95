// The program as its coordinator sees it, where there is no driver or where the conversation goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/profiler/support.hpp"
#include "tuner/worker/framing.hpp"
#include "tuner/worker/process.hpp"
#include "tuner/worker/protocol.hpp"
#include "tuner/worker/stream_mark.hpp"

namespace fuseline::profiler {
namespace {

using ::testing::HasSubstr;
using tuner::ChildProcess;

struct Reading {
  tuner::StreamOpening opening;
  tuner::FrameReader frames{tuner::kMaximumFrameBytes};
};

/// The next reply; fails the test after a minute.
std::optional<tuner::Reply> next_reply(ChildProcess& child, Reading& reader) {
  for (int i = 0; i < 600; ++i) {
    const auto read = child.read_output();
    const auto messages = reader.opening.take(read.bytes);
    if (!messages) return std::nullopt;
    reader.frames.append(*messages);
    const auto payload = reader.frames.next();
    if (!payload) return std::nullopt;
    if (*payload) {
      auto reply = tuner::decode_reply(**payload);
      return reply ? std::optional(std::move(*reply)) : std::nullopt;
    }
    if (read.closed) return std::nullopt;
    tuner::wait_for_children({{&child, false}}, std::chrono::milliseconds(100));
  }
  return std::nullopt;
}

struct Answer {
  std::optional<tuner::Reply> reply;
  std::string end;
};

Answer answer_to(const std::string& bytes) {
  auto child = ChildProcess::start({testing::kWorkerProgram});
  if (!child) return {std::nullopt, child.error().message()};
  EXPECT_TRUE(child->write(bytes, std::chrono::seconds(10)).has_value());
  Reading reader;
  Answer answer;
  answer.reply = next_reply(*child, reader);
  answer.end = child->wait_exit(std::chrono::seconds(10));
  return answer;
}

bool machine_has_driver() { return std::filesystem::exists("/dev/nvidiactl"); }

TEST(WorkerProcess, WithoutADriverHelloIsAnsweredByTheReason) {
  if (machine_has_driver()) GTEST_SKIP() << "this machine has a driver";
  const Answer answer = answer_to(tuner::frame(tuner::encode(tuner::Request(tuner::HelloRequest{})).dump()));
  ASSERT_TRUE(answer.reply.has_value());
  const auto* error = std::get_if<tuner::ErrorReply>(&*answer.reply);
  ASSERT_NE(error, nullptr);
  EXPECT_TRUE(error->fatal);
  EXPECT_THAT(error->reason, HasSubstr("NVIDIA"));
  EXPECT_EQ(answer.end, "exited with status 3");
}

TEST(WorkerProcess, AnotherProtocolIsRefused) {
  const Answer answer = answer_to(tuner::frame(tuner::encode(tuner::Request(tuner::HelloRequest{99})).dump()));
  ASSERT_TRUE(answer.reply.has_value());
  EXPECT_THAT(std::get<tuner::ErrorReply>(*answer.reply).reason, HasSubstr("protocol 99"));
  EXPECT_EQ(answer.end, "exited with status 2");
}

TEST(WorkerProcess, GarbageEndsItWithAReason) {
  for (const std::string& bytes :
       {std::string("\xff\xff\xff\xff????"), tuner::frame("no JSON"), tuner::frame("{\"type\":\"dance\"}")}) {
    const Answer answer = answer_to(bytes);
    ASSERT_TRUE(answer.reply.has_value());
    const auto* error = std::get_if<tuner::ErrorReply>(&*answer.reply);
    ASSERT_NE(error, nullptr);
    EXPECT_TRUE(error->fatal);
    EXPECT_FALSE(error->reason.empty());
    EXPECT_EQ(answer.end, "exited with status 2");
  }
}

TEST(WorkerProcess, EndsWithItsInput) {
  auto child = ChildProcess::start({testing::kWorkerProgram});
  ASSERT_TRUE(child.has_value());
  child->close_input();
  EXPECT_EQ(child->wait_exit(std::chrono::seconds(10)), "exited with status 0");
}

TEST(WorkerProcess, QuitEndsIt) {
  auto child = ChildProcess::start({testing::kWorkerProgram});
  ASSERT_TRUE(child.has_value());
  ASSERT_TRUE(
      child->write(tuner::frame(tuner::encode(tuner::Request(tuner::QuitRequest{})).dump()), std::chrono::seconds(10))
          .has_value());
  EXPECT_EQ(child->wait_exit(std::chrono::seconds(10)), "exited with status 0");
}

TEST(WorkerProcess, ACompilerEndsWithGarbage) {
  auto child = ChildProcess::start({testing::kWorkerProgram, "--compiler"});
  ASSERT_TRUE(child.has_value());
  ASSERT_TRUE(child->write(tuner::frame("not a request"), std::chrono::seconds(10)).has_value());
  EXPECT_EQ(child->wait_exit(std::chrono::seconds(20)), "exited with status 2");
}

}  // namespace
}  // namespace fuseline::profiler
