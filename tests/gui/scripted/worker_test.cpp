// A worker that dies during a sweep, and a window that is closed during one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "tests/gui/scripted/support.hpp"
#include "tuner/store/store.hpp"

namespace fuseline::app::gui {
namespace {

using namespace testing;
using nlohmann::json;
using ::testing::HasSubstr;

/// Processes of `program` whose command line has `text`.
std::vector<int> processes_of(const std::string& program, const std::string& text) {
  std::vector<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code error;
    const std::filesystem::path file = std::filesystem::read_symlink(entry.path() / "exe", error);
    if (error || file.filename() != program) continue;
    if (tuner::read_file(entry.path() / "cmdline").value_or("").find(text) != std::string::npos)
      found.push_back(std::stoi(name));
  }
  return found;
}

class WorkerTest : public LiveTest {
 protected:
  /// Steps that set up a sweep of the scripted worker; `extra` are members of its script.
  json begin(json script, const std::string& budget) {
    script["log"] = path("log");
    script["delay_ms"] = 40;
    std::ofstream(path("worker.json")) << script.dump();
    return json::array({{{"wait", "idle"}},
                        act("problem.choose", "layernorm_gelu_scale"),
                        act("problem.shape", "small"),
                        act("search.worker", std::string(FUSELINE_BIN_DIR) + "/scripted_worker " + path("worker.json")),
                        act("device.choose", "auto"),
                        act("search.budget", budget),
                        {{"wait", "idle"}},
                        act("run.start")});
  }
  static json act(const std::string& id, const std::string& value = {}) {
    json step = {{"action", id}};
    if (!value.empty()) step["value"] = value;
    return step;
  }
  std::string arguments() const {
    return fmt::format("--db {} --settings none --width 1600 --height 1000", path("runs.db"));
  }
  std::vector<int> workers() const { return processes_of("scripted_worker", path("worker.json")); }
  tuner::Run stored() const {
    auto store = tuner::Store::open(path("runs.db")).value();
    return store->load(store->runs().value().at(0).id).value();
  }
};

TEST_F(WorkerTest, KillingTheWorkerShowsAToastAndTheSweepGoesOn) {
  json steps = begin(json::object(), "40");
  for (const json& step : std::vector<json>{{{"wait", "rows"}, {"count", 5}},
                                            {{"facts", path("running")}},
                                            wait_file(path("go_killed")),
                                            {{"wait", "frames"}, {"count", 3}},
                                            {{"facts", path("killed.json")}},
                                            {{"screenshot", path("killed.png")}},
                                            {{"facts", path("killed")}},
                                            {{"wait", "sweep"}},
                                            {{"wait", "idle"}},
                                            {{"facts", path("ended.json")}},
                                            {{"quit", true}}}) {
    steps.push_back(step);
  }
  start(steps, arguments());
  ASSERT_TRUE(wait_for("running")) << output();
  const auto first = workers();
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(kill(first.front(), SIGKILL), 0);
  // The next one is up, and the message with it.
  for (int i = 0; i < 100 && (workers().empty() || workers() == first); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  go_on("go_killed");
  ASSERT_TRUE(wait_for("killed")) << output();
  EXPECT_EQ(finish(), 0) << output();

  const json killed = read_json("killed.json"), ended = read_json("ended.json");
  bool said = false;
  for (const json& toast : killed["toasts"]) {
    if (toast["text"].get<std::string>().find(
            "killed by signal 9 (Killed); whatever it leaves open is measured again") == std::string::npos)
      continue;
    said = true;
    EXPECT_EQ(toast["severity"], "warning");
    EXPECT_THAT(toast["advice"].get<std::string>(),
                HasSubstr("The sweep goes on by itself. If nobody ended the worker on purpose"));
  }
  EXPECT_TRUE(said) << killed["toasts"].dump();
  EXPECT_EQ(ended["sweep"], "Finished");
  EXPECT_EQ(ended["rows"], 40);
  EXPECT_EQ(ended["outcomes"]["ok"], 40) << "who kills a worker from outside blames no configuration";
  EXPECT_EQ(stored().evaluations.size(), 40U);
  EXPECT_TRUE(workers().empty());
}

TEST_F(WorkerTest, ClosingTheWindowStopsTheWorkerAndKeepsWhatWasMeasured) {
  json steps = begin(json::object(), "whole space");
  for (const json& step :
       std::vector<json>{{{"wait", "rows"}, {"count", 12}}, {{"facts", path("running")}}, wait_file(path("never"))})
    steps.push_back(step);
  start(steps, arguments());
  ASSERT_TRUE(wait_for("running")) << output();
  EXPECT_EQ(workers().size(), 1U);
  on_display(std::string(FUSELINE_BIN_DIR) + "/close_window Fuseline");
  EXPECT_EQ(finish(), 0) << output();
  EXPECT_TRUE(workers().empty()) << "the worker ended with the window";

  const tuner::Run run = stored();
  EXPECT_EQ(run.info.state, tuner::RunState::interrupted);
  EXPECT_GE(run.evaluations.size(), read_json("running")["rows"].get<std::size_t>()) << "everything that was shown";
  for (const tuner::Evaluation& evaluation : run.evaluations)
    EXPECT_EQ(evaluation.measurement.outcome, tuner::Outcome::ok);

  // The next start finds it, and goes on where it stopped.
  json again = begin(json::object(), "whole space");
  again.back() = act("run.continue");
  for (const json& step : std::vector<json>{{{"wait", "rows"}, {"count", static_cast<int>(run.evaluations.size()) + 3}},
                                            {{"facts", path("again.json")}},
                                            {{"quit", true}}})
    again.push_back(step);
  ASSERT_EQ(play(again, "--settings none"), 0) << output();
  EXPECT_GT(read_json("again.json")["rows"].get<std::size_t>(), run.evaluations.size());
}

TEST_F(WorkerTest, ASignalToEndIsAsGoodAsClosing) {
  json steps = begin(json::object(), "whole space");
  for (const json& step :
       std::vector<json>{{{"wait", "rows"}, {"count", 5}}, {{"facts", path("running")}}, wait_file(path("never"))})
    steps.push_back(step);
  start(steps, arguments() + " --frame-times " + path("times.csv"));
  ASSERT_TRUE(wait_for("running")) << output();
  const auto programs = processes_of(program_name(), path("script.json"));
  ASSERT_EQ(programs.size(), 1U);
  ASSERT_EQ(kill(programs.front(), SIGTERM), 0);
  EXPECT_EQ(finish(), 0) << output();
  EXPECT_TRUE(workers().empty());
  EXPECT_EQ(stored().info.state, tuner::RunState::interrupted);
  EXPECT_THAT(tuner::read_file(path("times.csv")).value(), HasSubstr("shown_at_ns"));
}

}  // namespace
}  // namespace fuseline::app::gui
