// Every way in which a worker can fail, with a scripted one: the configuration at fault has its own outcome and a
// reason, every other one is measured once, and the faulty one is never ranked. The table in README.md is what this
// made.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/faults/table.hpp"
#include "tests/tuner/session/toy.hpp"

namespace fuseline::faults {
namespace {

using ::testing::HasSubstr;
using tuner::Outcome;
using tuner::testing::kToySize;
using tuner::testing::Toy;

/// The fastest by far, were it measured.
const std::string kVictim = "plain block=96 unroll=2";

struct Fault {
  std::string what, at, deed;
  nlohmann::json more;
  Outcome outcome;
  std::string reason;  ///< Part of it.
  int workers;         ///< Started in all.
};

nlohmann::json says(const std::string& outcome, const std::string& reason, std::size_t log_bytes = 0) {
  return {{"outcome", outcome}, {"reason", reason}, {"log_bytes", log_bytes}};
}

std::vector<Fault> faults() {
  using enum Outcome;
  const nlohmann::json none = nlohmann::json::object(), always = {{"times", 1000}};
  nlohmann::json killed_always = {{"signal", SIGKILL}, {"times", 1000}};
  const std::string text(5'000'000, 'w');
  return {
      {"the worker exits", "verify", "exit", none, crashed, "exited with status 3; it wrote: last words", 2},
      {"the worker dies of a fault of its own",
       "time",
       "signal",
       {{"signal", SIGSEGV}},
       crashed,
       "killed by signal 11",
       2},
      {"the worker aborts", "verify", "signal", {{"signal", SIGABRT}}, crashed, "killed by signal 6", 2},
      {"the worker is killed from outside, once", "verify", "signal", {{"signal", SIGKILL}}, ok, "", 2},
      {"the worker is killed whenever this configuration runs", "verify", "signal", killed_always, crashed,
       "killed by signal 9", 3},
      {"the worker closes its pipe", "verify", "close", none, crashed, "it closed its output", 2},
      {"garbage in place of a message", "time", "garbage", none, crashed, "sent what is no message", 2},
      {"half a message, then the end", "time", "half", none, crashed, "within a message", 2},
      {"a message of 2 GB is announced", "time", "huge", none, crashed,
       "a message of 2147483648 bytes was announced, more than the 67108864 allowed", 2},
      {"an answer for another configuration", "time", "wrong_id", none, crashed, "which it was not given", 2},
      {"called ok, and no time given", "time", "no_time", none, crashed, "sent no time", 2},
      {"hangs while it is verified", "verify", "hang", none, timeout, "'verify' took longer than the 1 s allowed", 2},
      {"hangs while it is timed", "time", "hang", none, timeout, "'time' took longer than the 1 s allowed", 2},
      {"a compilation that never ends, in a worker that keeps no deadline", "compile", "hang", always, timeout,
       "it sent nothing for 3 s", 4},
      {"a compilation that takes the worker down with it", "compile", "exit", always, crashed, "exited with status 3",
       4},
      {"a compilation that is cut off", "time", "outcome", says("timeout", "compile deadline of 60 s passed"), timeout,
       "compile deadline of 60 s passed", 1},
      {"does not compile", "time", "outcome",
       says("compile_error", "k.cu(3): error: identifier \"nonsense\" is undefined"), compile_error, "nonsense", 1},
      {"does not compile, with 10 MB of compiler output", "time", "outcome",
       says("compile_error", "k.cu(3): error: too much", 10'000'000), compile_error, "too much", 1},
      {"a reason of 5 MB", "time", "outcome", says("launch_error", text), launch_error, "wwww", 1},
      {"terminal escapes in the reason", "time", "outcome", says("launch_error", "\x1b[2J\x1b]0;title\x07 | <b>"),
       launch_error, "| <b>", 1},
      {"cannot be launched", "time", "outcome", says("launch_error", "too many resources requested for launch"),
       launch_error, "too many resources", 1},
      {"wrong results", "time", "outcome", says("incorrect", "7 of 1024 elements wrong"), incorrect, "7 of 1024", 1},
      {"more than the device has", "time", "outcome",
       says("skipped", "1048576 bytes of shared memory a block, the device has 232448"), skipped, "shared memory", 1},
  };
}

/// With short deadlines only where they are to pass: a slow machine is no fault.
tuner::Result<tuner::Run> sweep(Toy& toy, bool impatient) {
  auto environment = toy.environment();
  if (!impatient) environment.deadlines = {60, 60, 60, 120, 120};
  FUSELINE_TRY(session, tuner::Session::start(toy.request(), environment));
  auto run = session->wait();
  toy.last = session->snapshot();
  return run;
}

/// What one fault did to a sweep of its own.
Row run_fault(const Fault& fault) {
  Toy toy;
  toy.open_store();
  toy.script["times"] = {{kVictim, 0.1}};
  toy.rule(kVictim, fault.at, fault.deed, fault.more);
  const auto run = sweep(toy, fault.deed == "hang");
  if (!run) {
    ADD_FAILURE() << run.error().message();
    return {fault.what, "", ""};
  }
  EXPECT_EQ(run->info.state, tuner::RunState::finished);
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(toy.logged("start"), fault.workers) << toy.messages();
  const auto* victim = tuner::testing::find(*run, kVictim);
  if (victim == nullptr) {
    ADD_FAILURE() << "the victim has no outcome";
    return {fault.what, "", ""};
  }
  const auto& measurement = victim->measurement;
  EXPECT_EQ(to_string(measurement.outcome), to_string(fault.outcome)) << measurement.reason;
  EXPECT_THAT(measurement.reason, HasSubstr(fault.reason));
  EXPECT_LT(measurement.reason.size() + measurement.compiler_log.size(), 40'000U);
  const bool faulty = fault.outcome != Outcome::ok;
  EXPECT_EQ(run->outcome_counts().at(Outcome::ok), kToySize - (faulty ? 1 : 0));
  EXPECT_EQ(run->ranked().front() == victim, !faulty);
  for (const auto* ranked : run->ranked()) EXPECT_TRUE(!faulty || ranked != victim);
  // What is kept is what was shown.
  const auto kept = toy.store->load(run->info.id);
  EXPECT_TRUE(kept && kept->evaluations.size() == kToySize &&
              to_json(*tuner::testing::find(*kept, kVictim)) == to_json(*victim));
  std::string reason = replaced(measurement.reason, toy.folder().path().string(), "FOLDER");
  if (!faulty) reason = "done again by the next worker";
  return {fault.what, std::string(to_string(measurement.outcome)), reason};
}

TEST(ScriptedFaults, EachCostsItsConfigurationAndNoOther) {
  std::vector<Row> rows;
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(fault.what);
    rows.push_back(run_fault(fault));
  }
  expect_checked_in(FUSELINE_SOURCE_DIR "/tests/faults/README.md", "scripted worker", markdown(rows));
}

TEST(ScriptedFaults, ManyInOneSweepCostOneEach) {
  Toy toy;
  const std::vector<std::pair<std::string, std::string>> deeds = {
      {"plain block=32 unroll=1", "exit"},   {"plain block=64 unroll=1", "garbage"},
      {"plain block=96 unroll=1", "half"},   {"plain block=128 unroll=1", "close"},
      {"plain block=160 unroll=1", "hang"},  {"plain block=192 unroll=1", "huge"},
      {"plain block=224 unroll=1", "fatal"}, {"plain block=256 unroll=1", "wrong_id"}};
  for (const auto& [key, deed] : deeds) toy.rule(key, "time", deed);
  const auto run = toy.sweep();
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->evaluations.size(), kToySize);
  EXPECT_EQ(run->outcome_counts().at(Outcome::ok), kToySize - deeds.size());
  EXPECT_EQ(run->outcome_counts().at(Outcome::timeout), 1U);
  EXPECT_EQ(run->outcome_counts().at(Outcome::crashed), deeds.size() - 1);
  EXPECT_EQ(toy.logged("start"), static_cast<int>(deeds.size()) + 1);
}

/// Address space in KiB at its largest: a buffer that was only announced would show here, even untouched.
long peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmPeak:")) return std::stol(line.substr(7));
  }
  return 0;
}

TEST(ScriptedFaults, WhatIsOnlyAnnouncedIsNotAllocated) {
  Toy toy;
  toy.rule(kVictim, "time", "huge");
  const long before = peak_kib();
  ASSERT_GT(before, 0);
  ASSERT_TRUE(sweep(toy, false));
  EXPECT_LT(peak_kib() - before, 1L << 20) << "KiB";
}

TEST(ScriptedFaults, QuickCrashesGiveTheDeviceUpWithAMessage) {
  Toy toy;
  toy.open_store();
  toy.script["lives"] = 1;
  toy.rule("plain block=96 unroll=1", "after", "exit");
  const auto run = toy.sweep();
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, tuner::ErrorKind::worker);
  EXPECT_THAT(run.error().reason, HasSubstr("was given up: lost 3 times in a row: it exited with status 7"));
  EXPECT_THAT(run.error().reason, HasSubstr("cannot map the device")) << "the worker's last words";
  EXPECT_EQ(toy.last->info.state, tuner::RunState::interrupted) << "it can be resumed";
  const auto kept = toy.store->load(toy.last->info.id);
  ASSERT_TRUE(kept);
  EXPECT_GT(kept->evaluations.size(), 0U);
  EXPECT_EQ(kept->evaluations.size(), toy.last->evaluations.size());
}

}  // namespace
}  // namespace fuseline::faults
