#include "tuner/worker/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tuner/base/text.hpp"

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

/// An empty line before the first message reads as a length that is allowed, of what never comes.
TEST(WorkerLink, AShellsGreetingIsKnownAtOnceHoweverShort) {
  for (const char* greeting : {"echo", "printf '\\n\\n'", "echo Welcome to gpubox", "printf '\\a\\n'"}) {
    const std::string reason = lost(std::string(greeting) + "; printf '\\022\\002\\000\\000{\"a\": 1'; sleep 60");
    EXPECT_THAT(reason, ::testing::HasSubstr("its output began with '")) << greeting;
  }
}

TEST(WorkerLink, AMessageInPiecesIsWaitedFor) {
  EXPECT_EQ(lost("printf '\\022\\002\\000'; sleep 0.1; printf '\\000{'; sleep 60"), "");
}

}  // namespace
}  // namespace fuseline::tuner
