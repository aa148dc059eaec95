#include "tuner/worker/process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <thread>

namespace fuseline::tuner {
namespace {

using namespace std::chrono_literals;

std::string read_all(ChildProcess& child) {
  std::string bytes;
  while (true) {
    wait_for_children({{&child, false}}, 1000ms);
    const auto read = child.read_output();
    bytes += read.bytes;
    if (read.closed) return bytes;
  }
}

TEST(ChildProcess, WhatIsWrittenComesBackThroughCat) {
  auto child = ChildProcess::start({"cat"});
  ASSERT_TRUE(child);
  ASSERT_TRUE(child->write("over and back", 1000ms));
  child->close_input();
  EXPECT_EQ(read_all(*child), "over and back");
  EXPECT_EQ(child->wait_exit(5000ms), "exited with status 0");
}

TEST(ChildProcess, AProgramThatIsNotThereIsAnError) {
  const auto child = ChildProcess::start({"/no/such/program"});
  ASSERT_FALSE(child);
  EXPECT_NE(child.error().reason.find("/no/such/program"), std::string::npos);
}

TEST(ChildProcess, ACommandGoesThroughTheShell) {
  auto child = ChildProcess::start_command("printf '%s' \"$((6 * 7))\"");
  ASSERT_TRUE(child);
  EXPECT_EQ(read_all(*child), "42");
}

TEST(ChildProcess, TheExitStatusIsSaid) {
  auto child = ChildProcess::start({"sh", "-c", "exit 3"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait_exit(5000ms), "exited with status 3");
}

TEST(ChildProcess, TheSignalThatKilledItIsNamed) {
  auto child = ChildProcess::start({"sh", "-c", "kill -SEGV $$"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->wait_exit(5000ms), "killed by signal 11 (Segmentation fault)");
}

TEST(ChildProcess, OnlyTheTailOfStderrIsKept) {
  auto child = ChildProcess::start({"sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x >&2; echo the end >&2"});
  ASSERT_TRUE(child);
  for (int i = 0; i < 500 && !child->poll_exit(); ++i) {
    child->read_errors();
    std::this_thread::sleep_for(5ms);
  }
  child->read_errors();
  EXPECT_EQ(child->stderr_tail().size(), 4096U);
  EXPECT_TRUE(child->stderr_tail().ends_with("xxthe end\n"));
}

TEST(ChildProcess, WritingToOneThatHasEndedIsAnErrorAndNotTheEnd) {
  auto child = ChildProcess::start({"true"});
  ASSERT_TRUE(child);
  (void)child->wait_exit(5000ms);
  EXPECT_FALSE(child->write("anyone there?", 100ms));
}

TEST(ChildProcess, WritingToOneThatDoesNotReadTimesOut) {
  auto child = ChildProcess::start({"sleep", "60"});
  ASSERT_TRUE(child);
  EXPECT_FALSE(child->write(std::string(1 << 20, 'x'), 50ms));
}

TEST(ChildProcess, ItsWholeGroupIsKilledWithIt) {
  std::int64_t grandchild = 0;
  {
    auto child = ChildProcess::start({"sh", "-c", "sleep 60 & echo $!; wait"});
    ASSERT_TRUE(child);
    std::string line;
    while (line.find('\n') == std::string::npos) {
      wait_for_children({{&*child, false}}, 1000ms);
      line += child->read_output().bytes;
    }
    grandchild = std::stoll(line);
    EXPECT_EQ(::kill(static_cast<pid_t>(grandchild), 0), 0);
  }
  // It may stay a moment until its new parent has reaped it; a zombie no longer runs.
  const std::string stat = "/proc/" + std::to_string(grandchild) + "/stat";
  auto gone = [&] {
    std::FILE* file = std::fopen(stat.c_str(), "r");
    if (file == nullptr) return true;
    char state = 0;
    const bool read = std::fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    std::fclose(file);
    return !read || state == 'Z' || state == 'X';
  };
  for (int i = 0; i < 200 && !gone(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(gone());
}

TEST(ChildProcess, OurOwnDescriptorsAreNotInherited) {
  auto other = ChildProcess::start({"cat"});
  ASSERT_TRUE(other);
  auto child = ChildProcess::start({"sh", "-c", "ls /proc/self/fd | wc -l"});
  ASSERT_TRUE(child);
  // 0, 1, 2 and the folder that ls reads; what the test program itself inherited open may add to them, our pipes may
  // not.
  const int count = std::stoi(read_all(*child));
  auto bare = ChildProcess::start({"sh", "-c", "ls /proc/self/fd | wc -l"});
  ASSERT_TRUE(bare);
  other->kill();
  EXPECT_EQ(std::stoi(read_all(*bare)), count);
  EXPECT_LE(count, 8);
}

TEST(ChildProcess, MovingHandsTheChildOver) {
  auto child = ChildProcess::start({"cat"});
  ASSERT_TRUE(child);
  const auto pid = child->pid();
  ChildProcess owner = std::move(*child);
  EXPECT_EQ(owner.pid(), pid);
  EXPECT_FALSE(owner.poll_exit());
  owner.kill();
  EXPECT_EQ(owner.wait_exit(5000ms), "killed by signal 9 (Killed)");
}

}  // namespace
}  // namespace fuseline::tuner
