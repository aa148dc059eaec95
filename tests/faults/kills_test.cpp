// SIGKILL at random moments, of the coordinator and of its workers, over a sweep that is resumed until it is done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "tests/tuner/session/toy.hpp"
#include "tuner/base/sanitized.hpp"
#include "tuner/worker/process.hpp"

namespace fuseline::faults {
namespace {

using namespace std::chrono_literals;
using tuner::ChildProcess;
using tuner::testing::Toy;

// Under the sanitizers a start takes many times as long, and what is tested is the same. FUSELINE_KILLS=200 takes
// minutes.
int most_kills() {
  const char* given = std::getenv("FUSELINE_KILLS");
  if (given != nullptr) return std::stoi(given);
  return tuner::kSanitized ? 20 : 80;
}
const int kKills = most_kills();
constexpr int kValues =
    tuner::kSanitized ? 32
                      : 64;  ///< Of two parameters: 1024 or 4096 configurations, and 24 of the variant beside them.
constexpr auto kWholeSweep = tuner::kSanitized ? std::chrono::seconds(300) : std::chrono::seconds(120);

/// Different for every run of the tests; FUSELINE_SEED=N repeats one.
unsigned seed() {
  const char* given = std::getenv("FUSELINE_SEED");
  return given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
}

std::string counted(int count) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += (i > 1 ? ", " : "") + std::to_string(i);
  return "[" + text + "]";
}

/// Key to outcome and time: what must not depend on what was killed.
using Outcomes = std::map<std::string, std::pair<std::string, double>>;
Outcomes outcomes_of(const tuner::Run& run) {
  Outcomes outcomes;
  for (const auto& each : run.evaluations) {
    const bool added =
        outcomes
            .emplace(each.configuration.key(),
                     std::pair{std::string(to_string(each.measurement.outcome)), each.measurement.time_ms.median})
            .second;
    EXPECT_TRUE(added) << each.configuration.key() << " has two outcomes";
  }
  return outcomes;
}

/// One large sweep with two workers, begun and resumed by a coordinator in a process of its own.
class Kills : public ::testing::Test {
 protected:
  void SetUp() override {
    toy_.folder().write(
        "kernels/toy/other.json",
        R"json({"schema": "fuseline/variant/1", "name": "other", "description": "d", "source": "other.cu",
      "parameters": [{"name": "tile", "description": "t", "values": )json" +
            counted(kValues) + R"json(}, {"name": "depth", "description": "d", "values": )json" + counted(kValues) +
            R"json(}], "launches": [{"kernel": "toy_other", "grid": ["cdiv(N, 32)"], "block": [32], "args": ["x", "out"]}]})json");
    toy_.script["noise"] = 0;  // So that a time does not depend on the worker that measured it.
    toy_.script["times"] = {{"other tile=7 depth=9", 1.0}};  // One winner, with nothing tied.
  }

  /// What every worker that starts from now on takes for a configuration.
  void delay(int ms) {
    toy_.script["delay_ms"] = ms;
    toy_.script["log"] = toy_.path("first.log").string();
    first_ = toy_.worker("first.json");
    toy_.script["log"] = toy_.path("second.log").string();
    second_ = toy_.worker("second.json");
  }

  [[nodiscard]] ChildProcess start(const std::string& database, bool resume) const {
    std::vector<std::string> argv = {std::string(FUSELINE_BIN_DIR "/sweeping_coordinator"),
                                     toy_.folder().path().string(), toy_.path(database).string(), first_, second_};
    if (resume) argv.emplace_back("--resume");
    auto child = ChildProcess::start(argv);
    if (!child) throw std::runtime_error(child.error().message());
    return std::move(*child);
  }

  [[nodiscard]] tuner::Result<tuner::Run> load(const std::string& database) const {
    FUSELINE_TRY(store, tuner::Store::open(toy_.path(database).string()));
    FUSELINE_TRY(latest, store->latest());
    return store->load(latest);
  }

  /// Configurations measured since the last call, by any worker.
  [[nodiscard]] std::vector<std::string> newly_measured() {
    std::vector<std::string> keys;
    for (const char* name : {"first.log", "second.log"}) {
      std::ifstream log(toy_.path(name));
      log.seekg(read_[name]);
      std::string line;
      while (std::getline(log, line) && !log.eof()) {
        read_[name] = log.tellg();
        if (line.starts_with("measured ")) keys.push_back(line.substr(9));
      }
    }
    return keys;
  }

  Toy toy_;
  std::string first_, second_;
  std::map<std::string, std::streamoff> read_;
};

std::vector<pid_t> children_of(pid_t parent) {
  const auto id = std::to_string(parent);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

TEST_F(Kills, NothingIsLostOrMeasuredAgainAndTheEndIsTheSame) {
  const unsigned chosen = seed();
  std::cout << "FUSELINE_SEED=" << chosen << std::endl;
  std::mt19937 random(chosen);
  delay(0);
  const auto begun = std::chrono::steady_clock::now();
  auto undisturbed = start("undisturbed.db", false);
  while (newly_measured().empty() && std::chrono::steady_clock::now() - begun < 60s) std::this_thread::sleep_for(1ms);
  const std::chrono::duration<double, std::milli> startup = std::chrono::steady_clock::now() - begun;
  ASSERT_EQ(undisturbed.wait_exit(kWholeSweep), "exited with status 0") << undisturbed.stderr_tail();
  const auto expected = load("undisturbed.db");
  ASSERT_TRUE(expected) << expected.error().message();
  (void)newly_measured();

  // Workers killed while they greet or prepare are given up, which ends the sweep with a message; it can be resumed.
  const auto gave_up = ::testing::AnyOf("exited with status 66", "exited with status 67");

  // What a start takes depends on the machine and on what else runs there, and changes. So lives last longer after one
  // that added nothing, and shorter after one that did: about half of them end before the first outcome is kept, at
  // every moment that there is, and no more than some dozen are added by any.
  double longest_ms = 2 * startup.count();
  int coordinators = 0, workers = 0, lives = 0, kept_lives = 0;
  Outcomes committed;
  bool created = false;
  while (coordinators + workers < kKills) {
    delay(std::max(1, static_cast<int>(longest_ms / 12)));
    auto coordinator = start("runs.db", created);
    ++lives;
    // One worker a life at most: killed twice over the same configuration, it would rightly be taken for its doing.
    bool alive = true, worker_killed = false;
    while (alive) {
      std::this_thread::sleep_for(
          std::chrono::microseconds(std::uniform_int_distribution<long>(0, std::lround(1000 * longest_ms))(random)));
      coordinator.read_errors();
      if (const auto exit = coordinator.poll_exit()) {
        ASSERT_THAT(*exit, gave_up) << coordinator.stderr_tail();
        break;
      }
      const auto victims = children_of(static_cast<pid_t>(coordinator.pid()));
      if (!victims.empty() && !worker_killed && std::bernoulli_distribution(0.6)(random)) {
        worker_killed = true;
        ::kill(victims[std::uniform_int_distribution<std::size_t>(0, victims.size() - 1)(random)], SIGKILL);
        ++workers;
        continue;
      }
      ::kill(static_cast<pid_t>(coordinator.pid()), SIGKILL);
      // It may have ended by itself since it was asked.
      const auto exit = coordinator.wait_exit(60s);
      ASSERT_THAT(exit, ::testing::AnyOf("killed by signal 9 (Killed)", gave_up)) << coordinator.stderr_tail();
      coordinators += exit == "killed by signal 9 (Killed)";
      alive = false;
    }
    const auto store = tuner::Store::open(toy_.path("runs.db").string());
    ASSERT_TRUE(store) << "life " << lives << ": " << store.error().message();
    created = (*store)->latest().has_value();
    if (!created) {
      longest_ms *= 1.15;
      continue;
    }
    const auto run = (*store)->load(*(*store)->latest());
    ASSERT_TRUE(run) << "life " << lives << ": " << run.error().message();
    const auto outcomes = outcomes_of(*run);
    for (const auto& key : newly_measured())
      ASSERT_FALSE(committed.contains(key))
          << key << " was measured in life " << lives << " although its outcome was kept";
    for (const auto& [key, outcome] : committed) {
      ASSERT_TRUE(outcomes.contains(key)) << key << " was lost in life " << lives;
      ASSERT_EQ(outcomes.at(key), outcome) << key << " changed in life " << lives;
    }
    const bool added = outcomes.size() > committed.size();
    kept_lives += added;
    longest_ms *= added ? 1 / 1.15 : 1.15;
    committed = outcomes;
    ASSERT_EQ(run->info.state == tuner::RunState::finished, false) << "the sweep is too short for so many kills";
  }
  std::cout << coordinators << " coordinators and " << workers << " workers killed in " << lives << " lives, "
            << kept_lives << " of which added outcomes; " << committed.size() << " of " << expected->evaluations.size()
            << " configurations committed by then; "
            << "a life lasted up to " << longest_ms << " ms at the end\n";
  EXPECT_GT(coordinators, kKills / 4);
  EXPECT_GT(workers, kKills / 10);
  EXPECT_GT(kept_lives, kKills / 10) << "most were killed before they had done anything";

  delay(0);
  auto last = start("runs.db", created);
  ASSERT_EQ(last.wait_exit(kWholeSweep), "exited with status 0") << last.stderr_tail();
  const auto run = load("runs.db");
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->info.state, tuner::RunState::finished);
  EXPECT_EQ(run->info.stop_reason, expected->info.stop_reason);
  EXPECT_EQ(run->info.id, 1) << "one run was resumed, and no other begun";
  EXPECT_EQ(outcomes_of(*run), outcomes_of(*expected));
  ASSERT_EQ(run->ranked().size(), expected->ranked().size());
  for (std::size_t i = 0; i < run->ranked().size(); ++i)
    ASSERT_EQ(run->time_of(*run->ranked()[i]).median, expected->time_of(*expected->ranked()[i]).median) << i;
  EXPECT_EQ(run->ranked().front()->configuration.key(), expected->ranked().front()->configuration.key());
  EXPECT_EQ(run->info.finals.size(), expected->info.finals.size());
}

}  // namespace
}  // namespace fuseline::faults
