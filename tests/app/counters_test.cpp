// Counters on the command line: sweeps, profiles and what a chip offers, against a scripted worker.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Counters : public ::testing::Test {
 protected:
  Counters() {
    program_.write("script.json", R"({"log": ")" + program_.path("log") + R"("})");
    worker_ = "--worker '" FUSELINE_BIN_DIR "/scripted_worker " + program_.path("script.json") + "'";
    program_.write("chip.sh", R"(case "$*" in
*list*) echo '{"chips": ["AD102", "GH100"]}' ;;
*NONE*) echo "no such chip: NONE" >&2; exit 3 ;;
*) echo '{"chip": "GH100", "cupti": "13.0.85", "metrics": [{"name": "dram__bytes_read", "type": "counter", "description": "bytes", "unit": "byte"}],
"sets": {"fast": {"metrics": ["a"], "passes": 2}}, "requested": {"metrics": ["dram__bytes_read.sum"], "invalid": ["made__up"], "passes": 1}}' ;;
esac
)");
    chip_ = "--worker 'sh " + program_.path("chip.sh") + "'";
  }

  Program program_;
  std::string worker_, chip_;
};

/// Any one configuration of the first variant, as the list of missing parameters names it.
std::string first_choice(const std::string& error) {
  std::string arguments;
  for (std::size_t open = error.find(" ("); open != std::string::npos; open = error.find(" (", open + 1)) {
    const std::size_t start = error.find_last_of(" ;", open - 1) + 1, end = error.find_first_of(",)", open);
    arguments += " --param " + error.substr(start, open - start) + "=" + error.substr(open + 2, end - open - 2);
  }
  return arguments;
}

TEST_F(Counters, ASweepShowsThemInTableResultAndRecording) {
  const Finished finished = program_.run(
      "sweep layernorm_gelu_scale --budget 6 --counters all --json best.json --record rec.t4.json " + worker_);
  ASSERT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("Hardware counters"));
  EXPECT_THAT(finished.out, HasSubstr("given Triton kernel (rtx4090, f32)"));
  EXPECT_THAT(finished.out, HasSubstr("Counters, fast set: 6 configurations, 2 passes"));
  const auto result = tuner::parse_json(program_.read("best.json"), "best.json");
  ASSERT_TRUE(result);
  const auto valid = tuner::validate_schema(*result, "result", "best.json");
  EXPECT_TRUE(valid) << valid.error().message();
  EXPECT_TRUE(result->at("best").at("counters").contains("lts__t_sector_hit_rate.pct"));
  const Finished replayed = program_.run("sweep --device replay:rec.t4.json --counters best --db :memory:");
  EXPECT_THAT(replayed.out, HasSubstr("Hardware counters"));
}

TEST_F(Counters, AWorkerWithoutThemIsSaidOnce) {
  program_.write("script.json", R"({"counters_unavailable": "no permission"})");
  const Finished finished =
      program_.run("sweep layernorm_gelu_scale --budget 4 --counters all --json best.json " + worker_);
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("no hardware counters: no permission"));
  EXPECT_EQ(tuner::parse_json(program_.read("best.json"), "best.json")->at("best").at("counters").size(), 0U);
}

TEST_F(Counters, AProfileNamesWhatIsMissingAndThenExplainsTheConfiguration) {
  const Finished unnamed = program_.run("profile layernorm_gelu_scale " + worker_);
  EXPECT_EQ(unnamed.code, 2);
  const Finished missing = program_.run("profile layernorm_gelu_scale --variant row_group " + worker_);
  EXPECT_EQ(missing.code, 2);
  ASSERT_THAT(missing.err, HasSubstr("give a value of"));
  const std::string list = missing.err.substr(missing.err.find("give a value of") + 16);
  const std::string arguments = "profile layernorm_gelu_scale --variant row_group" + first_choice(list) + " " + worker_;
  const Finished finished = program_.run(arguments + " --json profile.json");
  ASSERT_EQ(finished.code, 0) << arguments << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("Bounds, the tightest first"));
  EXPECT_THAT(finished.out, HasSubstr("given Triton kernel (rtx4090, f32)"));
  const auto profile = tuner::parse_json(program_.read("profile.json"), "profile.json");
  ASSERT_TRUE(profile);
  const auto valid = tuner::validate_schema(*profile, "profile", "profile.json");
  EXPECT_TRUE(valid) << valid.error().message();
  const auto ncu = tuner::parse_json(program_.run(arguments + " --format ncu --set fast --quiet").out, "stdout");
  ASSERT_TRUE(ncu);
  EXPECT_TRUE(ncu->at("row_group").contains("dram__throughput.avg.pct_of_peak_sustained_elapsed"));
}

TEST_F(Counters, OfAChipAreListedWithTheirPasses) {
  EXPECT_EQ(program_.run("counters " + chip_).out, "AD102\nGH100\n");
  const Finished finished =
      program_.run("counters --chip GH100 --metric dram__bytes_read.sum --metric made__up " + chip_);
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("Read together on GH100 in 1 pass."));
  EXPECT_THAT(finished.out, HasSubstr("GH100 does not offer made__up."));
  const auto json = tuner::parse_json(program_.run("counters --chip GH100 --json " + chip_).out, "stdout");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("sets").at("fast").at("passes"), 2);
}

TEST_F(Counters, AChipThatIsNotKnownIsAnErrorInTheWorkersWords) {
  const Finished finished = program_.run("counters --chip NONE " + chip_);
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("no such chip: NONE"));
  EXPECT_THAT(finished.out, IsEmpty());
  EXPECT_EQ(program_.run("counters --metric a.sum " + chip_).code, 2) << "of which chip?";
}

}  // namespace
}  // namespace fuseline::app
