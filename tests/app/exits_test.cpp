// Every way in which `fuseline sweep` ends with an exit code but 0 says why, under --quiet too.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tests/tuner/plot/samples.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class QuietSweep : public ::testing::Test {
 protected:
  /// It ends with `code`, and with one line on stderr: an error that has `reason` in it.
  void expect_end(const std::string& arguments, int code, const std::string& reason,
                  const std::string& prefix = "") const {
    const Finished finished = program_.run("--quiet sweep --db runs.db " + arguments, prefix);
    EXPECT_EQ(finished.code, code) << arguments;
    EXPECT_THAT(finished.err, AllOf(StartsWith("error: "), HasSubstr(reason))) << arguments;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
    EXPECT_THAT(finished.out, IsEmpty()) << arguments;
  }
  /// Of a worker that sends each outcome after this time, and that `rules` make misbehave.
  [[nodiscard]] std::string scripted(int delay_ms, const nlohmann::json& rules = nlohmann::json::array()) const {
    const nlohmann::json script = {{"delay_ms", delay_ms}, {"log", program_.path("worker.log")}, {"rules", rules}};
    return "--worker '" FUSELINE_BIN_DIR "/scripted_worker " + program_.write("script.json", script.dump()) + "' ";
  }
  Program program_;
};

TEST_F(QuietSweep, WhereNothingWorksSaysHowManyAndWhy) {
  tuner::Run run = tuner::samples::run({0, 0});
  for (tuner::Evaluation& evaluation : run.evaluations) {
    evaluation.measurement.outcome = tuner::Outcome::incorrect;
    evaluation.measurement.reason = "on draw 3 of the inputs: y[7] is wrong\nand so are others";
  }
  (void)program_.write("bad.json", tuner::t4_text(run));
  const std::string why = "no configuration worked: 2 incorrect (on draw 3 of the inputs: y[7] is wrong)\n";
  for (const std::string files : {"", "--json best.json", "--record again.json"})
    expect_end("--device replay:bad.json " + files, 4, why);
}

TEST_F(QuietSweep, InterruptedSaysHowToGoOn) {
  const std::string prefix = "timeout --preserve-status -s INT 5";
  expect_end("layernorm_gelu_scale --shape small " + scripted(500), 130, "all kept; to go on: fuseline --quiet sweep",
             prefix);
  expect_end("layernorm_gelu_scale --shape small --dtype f32,f16 " + scripted(500), 130, "2 to go; to go on: fuseline",
             prefix);
}

TEST_F(QuietSweep, CampaignsSayWhichInstancesAreNotDone) {
  const std::string replay = "rmsnorm_residual --device replay:h200 --budget 5 ";
  expect_end(replay + "--dtype f32 --shape default,small", 4,
             "2 instances, 1 done, 1 refused; f32 small refused: no recording");
  expect_end(replay + "--shape small --dtype all", 2, "; and 2 more\n");
  const nlohmann::json wrong = {{"match", ""},         {"at", "time"}, {"do", "outcome"}, {"outcome", "incorrect"},
                                {"reason", "made up"}, {"times", 1000}};
  expect_end(
      "rmsnorm_residual --shape small,default --dtype f32 --budget 2 " + scripted(0, nlohmann::json::array({wrong})), 4,
      "f32 small failed: no configuration worked: 2 incorrect (made up); and 1 more\n");
  expect_end("rmsnorm_residual --shape all --worker false", 4, "");
}

TEST_F(QuietSweep, WorkersAndFilesThatFailAreNamed) {
  expect_end("layernorm_gelu_scale --worker false", 4, "");
  expect_end("layernorm_gelu_scale --device replay:missing.json", 2, "missing.json");
  expect_end("layernorm_gelu_scale --device replay:h200 --budget 5 --trace /dev/full", 2, "/dev/full: the trace");
  expect_end("layernorm_gelu_scale --device replay:h200 --budget 5 --timing /nowhere/a.json", 2, "/nowhere/a.json");
  expect_end("layernorm_gelu_scale --device replay:h200 --budget 5 --resume", 2, "resume");
}

TEST_F(QuietSweep, AChipOnWhichNothingFitsSaysSo) {
  std::filesystem::copy(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/user_problem", program_.path("mine"),
                        std::filesystem::copy_options::recursive);
  auto chip = nlohmann::json::parse(
      tuner::read_file(std::string(FUSELINE_SOURCE_DIR) + "/presets/devices/l4.json").value_or(""));
  chip["limits"]["max_threads_per_sm"] = 32;
  (void)program_.write("tiny.json", chip.dump());
  const auto expect_none = [&](const std::string& arguments, const std::string& reason) {
    const Finished finished =
        program_.run("--quiet --preset-path mine sweep scale_add --device static:tiny.json " + arguments + scripted(0));
    EXPECT_EQ(finished.code, 4) << arguments;
    EXPECT_THAT(finished.err, AllOf(StartsWith("error: "), HasSubstr(reason)));
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  };
  expect_none("", "can run on NVIDIA L4: misfit ");
  expect_none("--shape all ", "; and 1 more\n");
}

}  // namespace
}  // namespace fuseline::app
