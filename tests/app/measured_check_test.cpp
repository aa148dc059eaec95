// fuseline check --measure: one short answer, whatever becomes of the kernels.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <tuple>
#include <vector>

#include "tests/app/program.hpp"
#include "tests/support/npy.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

class MeasuredChecks : public ::testing::Test {
 protected:
  MeasuredChecks() {
    copy("user_problem", "mine");
    copy("file_problem", "files");
  }
  void copy(const std::string& from, const std::string& to) const {
    std::filesystem::copy(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/" + from, program_.path(to),
                          std::filesystem::copy_options::recursive);
  }
  /// The example's kernel once more, under another name.
  void add_baseline() const {
    Json manifest = Json::parse(program_.read("mine/strided.json"));
    manifest["name"] = "old";
    program_.write("mine/old.json", manifest.dump());
  }
  struct Checked {
    int code = -1;
    Json json;
    std::string err;
  };
  /// On a scripted worker. What is printed follows the schema and the bound.
  [[nodiscard]] Checked check(const std::string& arguments, Json script = Json::object()) const {
    script["log"] = program_.path("worker.log");
    program_.write("script.json", script.dump());
    const Finished finished =
        program_.run("-q check " + arguments + " --measure --json - --full full.t4.json --worker '" +
                     FUSELINE_BIN_DIR "/scripted_worker " + program_.path("script.json") + "'");
    Checked checked{finished.code, Json::parse(finished.out, nullptr, false), finished.err};
    EXPECT_FALSE(checked.json.is_discarded()) << finished.out << finished.err;
    EXPECT_LE(checked.json.dump().size(), 4096U);
    const auto valid = tuner::validate_schema(checked.json, "measured_check", "-");
    EXPECT_TRUE(valid) << valid.error().message();
    return checked;
  }
  static Json always(const std::string& outcome, const std::string& reason, std::size_t log_bytes = 0) {
    return {{"rules",
             {{{"match", ""},
               {"at", "time"},
               {"do", "outcome"},
               {"times", 1000},
               {"outcome", outcome},
               {"reason", reason},
               {"log_bytes", log_bytes}}}}};
  }
  Program program_;
};

TEST_F(MeasuredChecks, AKernelThatWorksIsTimedAndExplained) {
  const Checked checked = check("mine --param order=plain");
  EXPECT_EQ(checked.code, 0) << checked.err;
  const Json& json = checked.json;
  EXPECT_EQ(json.at("status"), "ok");
  EXPECT_EQ(json.at("outcomes").at("ok"), 11);
  EXPECT_EQ(json.at("device").at("name"), "Scripted GPU");
  EXPECT_EQ(json.at("device").at("measured_now"), true);
  EXPECT_EQ(json.at("problem").at("shape"), "small");
  EXPECT_EQ(json.at("configuration").at("config").at("order"), "plain");
  EXPECT_GT(json.at("time_ms").at("median").get<double>(), 0);
  EXPECT_LE(json.at("time_ms").at("p25"), json.at("time_ms").at("p75"));
  // 3 x 16384 elements of 4 bytes at some 1000 GB/s.
  EXPECT_NEAR(json.at("floor_ms").get<double>(), 196608e-9, 1e-5);
  EXPECT_FALSE(json.at("bounds").empty()) << "counters are read of the best";
  EXPECT_LE(json.at("advice").size(), 3U);
  EXPECT_TRUE(json.at("correctness").at("would_pass").is_null()) << "a kernel is the reference";
  EXPECT_TRUE(json.at("against").is_null());
  EXPECT_EQ(json.at("full"), program_.path("full.t4.json"));
  EXPECT_THAT(program_.read("full.t4.json"), HasSubstr("\"schema_version\""));
}

TEST_F(MeasuredChecks, WhatBecomesOfKernelsIsTheStatus) {
  const std::vector<std::tuple<const char*, const char*, int>> cases = {
      {"incorrect", "incorrect", 4}, {"compile_error", "compile_error", 4},
      {"timeout", "timeout", 4},     {"launch_error", "crashed", 4},
      {"skipped", "invalid", 2},
  };
  for (const auto& [outcome, status, code] : cases) {
    Json script = always(outcome, "because", 100'000);
    // So that the third is not on its way before two have said enough.
    if (status == std::string("timeout")) script["delay_ms"] = 300;
    const Checked checked = check("mine --budget 3", script);
    EXPECT_EQ(checked.code, code) << outcome;
    EXPECT_EQ(checked.json.at("status"), status) << outcome;
    EXPECT_EQ(checked.json.at("errors")[0].at("reason"), "because") << outcome;
    // Two that hang before any has worked are enough.
    EXPECT_EQ(checked.json.at("errors")[0].at("count"), status == std::string("timeout") ? 2 : 3) << outcome;
    EXPECT_TRUE(checked.json.at("configuration").is_null()) << outcome;
  }
}

TEST_F(MeasuredChecks, AWorkerThatDiesIsACrashedKernel) {
  const Json script = {{"rules", {{{"match", ""}, {"at", "time"}, {"do", "exit"}, {"status", 3}, {"times", 1000}}}}};
  const Checked checked = check("mine --variant strided --param block=64 --param items=1 --param order=plain", script);
  EXPECT_EQ(checked.code, 4) << checked.err;
  EXPECT_EQ(checked.json.at("status"), "crashed");
  EXPECT_THAT(checked.json.at("errors")[0].at("reason").get<std::string>(), HasSubstr("exited with status 3"));
}

TEST_F(MeasuredChecks, SomeThatFailBesideOneThatWorksAreTold) {
  Json script = always("incorrect", "7 of 1024 wrong");
  script["rules"][0]["match"] = "order=fused";
  const Checked checked = check("mine", script);
  EXPECT_EQ(checked.code, 0);
  EXPECT_EQ(checked.json.at("status"), "ok");
  EXPECT_EQ(checked.json.at("outcomes").at("incorrect"), 11);
  EXPECT_EQ(checked.json.at("errors")[0].at("reason"), "7 of 1024 wrong");
}

TEST_F(MeasuredChecks, TheBaselineIsTimedInterleaved) {
  add_baseline();
  const std::string one = "mine --baseline old --param block=64 --param items=1 --param order=plain";
  const auto times = [](double mine, double old) {
    return Json{{"noise", 0.002},
                {"times", {{"strided block=64 items=1 order=plain", mine}, {"old block=64 items=1 order=plain", old}}}};
  };
  const Checked faster = check(one, times(1.0, 1.02));
  EXPECT_EQ(faster.code, 0) << faster.err;
  EXPECT_EQ(faster.json.at("against").at("verdict"), "faster");
  EXPECT_EQ(faster.json.at("against").at("timed"), "interleaved");
  EXPECT_NEAR(faster.json.at("against").at("time_ratio").get<double>(), 1 / 1.02, 0.004);
  EXPECT_EQ(faster.json.at("configuration").at("variant"), "strided");
  const Checked slower = check(one, times(1.02, 1.0));
  EXPECT_EQ(slower.code, 3);
  EXPECT_EQ(slower.json.at("against").at("verdict"), "slower");
  EXPECT_EQ(slower.json.at("configuration").at("variant"), "strided") << "the best is the baseline's";
  const Checked alike = check(one, times(1.0, 1.0));
  EXPECT_EQ(alike.code, 0);
  EXPECT_EQ(alike.json.at("against").at("verdict"), "cannot tell");
  const Checked far = check(one, times(1.0, 2.0));
  EXPECT_EQ(far.json.at("against").at("verdict"), "faster");
  EXPECT_EQ(far.json.at("against").at("timed"), "one after the other");
}

TEST_F(MeasuredChecks, ABaselineThatDoesNotWorkIsNoVerdict) {
  add_baseline();
  Json script = always("incorrect", "wrong");
  script["rules"][0]["match"] = "old ";
  const Checked checked = check("mine --baseline old --param order=plain", script);
  EXPECT_EQ(checked.code, 0);
  EXPECT_TRUE(checked.json.at("against").at("verdict").is_null());
  EXPECT_EQ(checked.json.at("against").at("reason"), "the baseline did not work");
}

TEST_F(MeasuredChecks, AReferenceThatZerosPassIsVacuous) {
  const Checked sound = check("files");
  EXPECT_EQ(sound.json.at("status"), "ok") << sound.json;
  EXPECT_TRUE(sound.json.at("correctness").at("would_pass").empty());
  program_.write("files/out.npy", npy_file("<f4", "(4, 256)", std::vector<float>(1024, 0)));
  const Checked vacuous = check("files");
  EXPECT_EQ(vacuous.code, 4);
  EXPECT_EQ(vacuous.json.at("status"), "vacuous");
  EXPECT_EQ(vacuous.json.at("correctness").at("would_pass")[0].at("zeros"), true);
}

TEST_F(MeasuredChecks, AFolderThatCannotBeLoadedIsInvalid) {
  program_.write("mine/problem.json", "{");
  const Checked checked = check("mine");
  EXPECT_EQ(checked.code, 2);
  EXPECT_EQ(checked.json.at("status"), "invalid");
  EXPECT_THAT(checked.json.at("errors")[0].at("reason").get<std::string>(), HasSubstr("problem.json"));
  EXPECT_TRUE(checked.json.at("full").is_null());
}

TEST_F(MeasuredChecks, WrongArgumentsAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"check mine --baseline strided", "--measure"},
      {"check mine --measure --baseline old", "--baseline: "},
      {"check mine --measure --baseline strided", "--baseline: there is no variant beside strided"},
      {"check mine files --measure", "one problem is measured; 2 are named"},
      {"check mine --measure --dtype f32,f16", "--dtype: --measure takes one"},
      {"check mine --measure --param block=77", "77"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = program_.run(arguments);
    EXPECT_EQ(finished.code, 2) << arguments;
    EXPECT_THAT(finished.err, HasSubstr(message)) << arguments;
    EXPECT_TRUE(finished.out.empty()) << arguments << finished.out;
  }
}

}  // namespace
}  // namespace fuseline::app
