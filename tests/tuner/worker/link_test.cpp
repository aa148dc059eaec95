#include "tuner/worker/link.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/temporary_folder.hpp"
#include "tuner/base/text.hpp"
#include "tuner/worker/framing.hpp"

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;

/// Why the link to a worker that is this script was lost; empty where it was not within two seconds.
std::string lost(const std::string& script) {
  auto link = WorkerLink::start("sh -c " + shell_quoted(script));
  if (!link) return link.error().message();
  for (int i = 0; i < 200; ++i) {
    if (const auto exchange = link->exchange(); exchange.lost) return *exchange.lost;
    std::this_thread::sleep_for(10ms);
  }
  return "";
}

/// A shell's command that prints bytes as they are.
std::string prints(const std::string& bytes) {
  std::string text;
  for (const char each : bytes) text += fmt::format("\\{:03o}", static_cast<unsigned char>(each));
  return "printf '" + text + "'; ";
}

std::string mark() { return prints(std::string(kStreamMark)); }
std::string message(const Reply& reply) { return prints(frame(encode_text(reply))); }

/// The text of the first note that such a worker sends within two seconds.
std::string first_note(const std::string& script, bool& begun) {
  auto link = WorkerLink::start("sh -c " + shell_quoted(script));
  for (int i = 0; link && i < 200; ++i) {
    const auto exchange = link->exchange();
    begun = link->begun();
    if (exchange.lost) return *exchange.lost;
    if (!exchange.replies.empty()) return std::get<LogReply>(exchange.replies.front()).text;
    std::this_thread::sleep_for(10ms);
  }
  return "";
}

TEST(WorkerLink, WhatALoginShellSaysBeforeTheMarkIsPassedOver) {
  const std::string worker = mark() + message(LogReply{"info", "here"}) + "sleep 60";
  for (const char* greeting : {"true", "echo", "printf '\\n\\n'", "echo Welcome to gpubox", "printf '\\a\\r\\n'",
                               "printf '\\022\\002\\000\\000{\"a\": 1'", "echo fuseline-worker"}) {
    bool begun = false;
    EXPECT_EQ(first_note(std::string(greeting) + "; sleep 0.05; " + worker, begun), "here") << greeting;
    EXPECT_TRUE(begun);
  }
}

TEST(WorkerLink, TheMarkMayComeInPieces) {
  std::string slowly;
  for (const char each : kStreamMark) slowly += prints(std::string(1, each)) + "sleep 0.01; ";
  bool begun = false;
  EXPECT_EQ(first_note(slowly + message(LogReply{"info", "here"}) + "sleep 60", begun), "here");
}

TEST(WorkerLink, AGreetingWithoutAWorkerIsToldWithItsBeginning) {
  EXPECT_EQ(lost("echo Welcome to gpubox"), "it exited with status 0; its output began with 'Welcome to gpubox'");
  EXPECT_THAT(lost("yes Welcome"), ::testing::StartsWith("64 KiB came from it, and no worker's messages; its output"));
}

TEST(WorkerLink, ARelayThatChangesBytesIsToldAtOnce) {
  const auto changed = ::testing::StartsWith("what lies between changes the bytes of its output");
  EXPECT_THAT(lost("{ " + mark() + "sleep 60; } | stdbuf -o0 sed 's/^/0: /'"), changed);
  EXPECT_THAT(lost("{ " + mark() + "sleep 60; } | stdbuf -o0 tr -d '\\377'"), changed);
  EXPECT_THAT(lost("{ " + mark() + "sleep 60; } | stdbuf -o0 tr -d '\\r'"), changed);
}

/// As srun without --unbuffered does.
TEST(WorkerLink, ARelayThatHoldsBackWhatIsNoWholeLineHoldsBackNothing) {
  bool begun = false;
  const std::string worker = mark() + message(LogReply{"info", "here"}) + "sleep 60";
  EXPECT_EQ(first_note("{ " + worker + "; } | LC_ALL=C stdbuf -oL sed -n p", begun), "here");
}

TEST(WorkerLink, AWorkerOfBeforeTheMarkIsToldInOneSentence) {
  const auto error = message(ErrorReply{"protocol 6 was asked for, this worker (0.1.0) speaks 5", true});
  const char* told = "protocol 6 was asked for, this worker (0.1.0) speaks 5: install the same version on both sides";
  EXPECT_THAT(lost(error + "sleep 60"), ::testing::StartsWith(told));
  EXPECT_THAT(lost("echo Welcome; " + error), ::testing::StartsWith(told));
}

TEST(WorkerLink, AShellInAWorkersPlaceIsToldAndOneThatMissesACommandIsNot) {
  EXPECT_EQ(lost("exec no-such-worker").rfind("it exited with status 127; it wrote: ", 0), 0U);
  bool begun = false;
  const std::string worker = mark() + message(LogReply{"info", "here"}) + "sleep 60";
  EXPECT_EQ(first_note("no-such-module; sleep 0.2; " + worker, begun), "here");
  auto shell = WorkerLink::start("sh");
  ASSERT_TRUE(shell);
  shell->send(HelloRequest{});
  std::string reason;
  for (int i = 0; i < 800 && reason.empty(); ++i) {
    reason = shell->exchange().lost.value_or("");
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_THAT(reason, ::testing::StartsWith("a shell answers in a worker's place; it wrote: "));
}

TEST(WorkerLink, WhatEndsItFromOutsideIsNotItsOwnDoing) {
  const auto killed = [](const std::string& script) {
    auto link = WorkerLink::start("sh -c " + shell_quoted(script));
    for (int i = 0; link && i < 200; ++i) {
      if (const auto exchange = link->exchange(); exchange.lost) return exchange.killed;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  };
  for (const char* outside : {"kill -9 $$", "kill -15 $$", "exit 137", "exit 143", "exit 255",
                              "echo 'srun: error: Node failure on node1' >&2; exit 0"})
    EXPECT_TRUE(killed(outside)) << outside;
  for (const char* own : {"kill -11 $$", "exit 139", "exit 3"}) EXPECT_FALSE(killed(own)) << own;
}

TEST(WorkerLink, WhatHoldsAPlaceElsewhereIsAskedToEnd) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "given_back").string();
  const std::string script = "trap 'echo > " + file + "; exit 0' TERM; echo ready >&2; while :; do sleep 0.05; done";
  {
    auto link = WorkerLink::start("sh -c " + shell_quoted(script), true);
    ASSERT_TRUE(link);
    for (int i = 0; i < 200 && link->last_line() != "ready"; ++i) {
      (void)link->exchange();
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(link->last_line(), "ready");
  }
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(WorkerLink, AMessageInPiecesIsWaitedFor) {
  EXPECT_EQ(lost(mark() + "printf '\\022\\002\\000'; sleep 0.1; printf '\\000{'; sleep 60"), "");
}

}  // namespace
}  // namespace fuseline::tuner
