// fuseline distil, from files and from the store.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kRecordings = std::string(FUSELINE_SOURCE_DIR) + "/presets/recordings/h200/";

TEST(Distil, FilesOfOneProblemGiveASectionEachDtype) {
  const Program program;
  const Finished finished = program.run("distil " + kRecordings + "rmsnorm_residual.*.t4.json --max 1 -o few.json");
  ASSERT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("rmsnorm_residual bf16 on NVIDIA H200: 2 shapes"));
  EXPECT_THAT(finished.out, HasSubstr("rmsnorm_residual f32 on NVIDIA H200: 2 shapes"));
  const auto json = tuner::parse_json(program.read("few.json"), "few.json");
  ASSERT_TRUE(json) << json.error().message();
  EXPECT_TRUE(tuner::validate_schema(*json, "distil", "few.json"));
  EXPECT_EQ(json->at("groups").size(), 3U);
  const Finished stdout_only = program.run("distil " + kRecordings + "rmsnorm_residual.*.t4.json --max 1 --json");
  EXPECT_EQ(stdout_only.out, program.read("few.json"));
}

TEST(Distil, ACampaignOfTheStoreIsDistilled) {
  const Program program;
  ASSERT_EQ(program.run("sweep rmsnorm_residual --shape default,wide --dtype f32 --device replay:h200 -q").code, 0);
  const Finished finished = program.run("distil 1 2");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("(replayed): 2 shapes"));
  EXPECT_EQ(program.run("distil").code, 0) << "the latest alone";
  EXPECT_THAT(program.run("distil 1 2 --quiet").out, IsEmpty());
}

TEST(Distil, WhatIsWrongIsSaid) {
  const Program program;
  const std::string file = kRecordings + "rmsnorm_residual.f32.wide.t4.json";
  const std::pair<std::string, const char*> cases[] = {
      {"distil", "holds no run yet"},
      {"distil 99", "no run 99"},
      {"distil nosuch.json", "nosuch.json"},
      {"distil " + file + " --max 0", "--max"},
      {"distil " + file + " --max few", "--max"},
      {"distil " + file + " -o /nonexistent/few.json", "/nonexistent/few.json"},
      {"distill " + file, "did you mean distil?"},
  };
  for (const auto& [command, text] : cases) {
    const Finished finished = program.run(command);
    EXPECT_EQ(finished.code, 2) << command;
    EXPECT_THAT(finished.err, HasSubstr(text)) << command;
    EXPECT_THAT(finished.out, IsEmpty()) << command;
  }
}

}  // namespace
}  // namespace fuseline::app
