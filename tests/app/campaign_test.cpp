// fuseline sweep with lists: several instances from start to files, killed and resumed.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tuner/base/text.hpp"

namespace fuseline::app {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Campaigns : public ::testing::Test {
 protected:
  [[nodiscard]] std::string sweep(int delay_ms) const {
    program_.write("script.json", nlohmann::json{{"delay_ms", delay_ms}, {"log", program_.path("worker.log")}}.dump());
    return "sweep rmsnorm_residual --shape small,default --dtype f32,f16 --budget 10 --json best.json --worker "
           "'" FUSELINE_BIN_DIR "/scripted_worker " +
           program_.path("script.json") + "' ";
  }
  [[nodiscard]] nlohmann::json result(const std::string& part) const {
    return nlohmann::json::parse(program_.read("best." + part + ".json"), nullptr, false);
  }
  /// For Program::run: ends the program by `signal` a while after the first instance has its result.
  [[nodiscard]] std::string ended_in_the_second(const std::string& signal) const {
    program_.write("until.sh",
                   "\"$@\" &\n"
                   "while [ ! -s best.f32.small.json ] && kill -0 $!; do sleep 0.05; done\n"
                   "sleep 1\nkill -" +
                       signal + " $!\nwait $!\n");
    return "sh until.sh";
  }
  Program program_;
};

TEST_F(Campaigns, EachInstanceHasAResultOfItsOwn) {
  const Finished finished = program_.run(sweep(0) + "--trace trace.jsonl --record rec.t4.json");
  ASSERT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("rmsnorm_residual: 4 instances, 4 done"));
  EXPECT_THAT(finished.err, HasSubstr("info: 3 of 4: f32 default\n"));
  for (const std::string dtype : {"f32", "f16"}) {
    for (const std::string shape : {"small", "default"}) {
      const std::string part = fmt::format("{}.{}", dtype, shape);
      const auto json = result(part);
      ASSERT_TRUE(json.is_object()) << part;
      EXPECT_EQ(json.at("problem").at("dtype"), dtype);
      EXPECT_EQ(json.at("problem").at("shape"), shape);
      EXPECT_THAT(finished.out, HasSubstr("best." + part + ".json"));
      EXPECT_EQ(tuner::split(program_.read("trace." + part + ".jsonl"), '\n').size(), 11U) << part;
      EXPECT_EQ(program_
                    .run(fmt::format("sweep rmsnorm_residual --db :memory: --shape {} --dtype {} --device "
                                     "replay:rec.{}.t4.json",
                                     shape, dtype, part))
                    .code,
                0);
    }
  }
  EXPECT_THAT(program_.run("export 4 --format csv").out, Not(IsEmpty())) << "an ordinary run in the store";
}

TEST_F(Campaigns, InterruptedTheySayHowToGoOnAndDo) {
  const Finished stopped = program_.run(sweep(300), ended_in_the_second("INT"));
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("to go on: fuseline sweep rmsnorm_residual"));
  EXPECT_THAT(stopped.out, ContainsRegex("[23] to go"));
  const Finished resumed = program_.run(sweep(0) + "--resume");
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.out, HasSubstr("4 instances, 4 done"));
  EXPECT_THAT(resumed.out, HasSubstr("done before"));
}

TEST_F(Campaigns, KilledTheyGoOnWithTheInstanceCutOff) {
  const Finished killed = program_.run(sweep(300), ended_in_the_second("KILL"));
  EXPECT_NE(killed.code, 0);
  std::filesystem::remove(program_.path("worker.log"));
  std::filesystem::remove(program_.path("best.f32.small.json"));
  const Finished resumed = program_.run(sweep(0) + "--resume");
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_THAT(resumed.out, ContainsRegex("f32 small +done before"));
  EXPECT_THAT(resumed.err, Not(HasSubstr("1 of 4")));
  EXPECT_EQ(result("f32.small").at("search").at("evaluated"), 10) << "the file of what was done is written again";
  EXPECT_EQ(result("f16.default").at("search").at("evaluated"), 10);
  const Finished runs = program_.run("export 5 --format csv");
  EXPECT_EQ(runs.code, 2) << "four instances are four runs, whatever was killed";
}

TEST_F(Campaigns, ReplaysSayWhatIsNotRecorded) {
  const Finished finished =
      program_.run("sweep rmsnorm_residual --shape default,small --dtype f32 --device replay:h200 --budget 5");
  EXPECT_EQ(finished.code, 4) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("2 instances, 1 done, 1 refused"));
  EXPECT_THAT(finished.out, ContainsRegex("f32 default +done .*H200, replayed .*run 1"));
  EXPECT_THAT(finished.out, HasSubstr("f32 small refused: no recording 'h200' of rmsnorm_residual in f32"));
}

TEST_F(Campaigns, TheExitCodeSaysWhetherAllAreDone) {
  const std::string replay = "sweep rmsnorm_residual --device replay:h200 --db :memory: --budget 5 ";
  EXPECT_EQ(program_.run(replay + "--shape default,wide").code, 0);
  EXPECT_EQ(program_.run(replay + "--shape default,small").code, 4);
  EXPECT_EQ(program_.run(replay + "--shape small --dtype all").code, 2) << "none is recorded";
  EXPECT_EQ(program_.run("sweep rmsnorm_residual --shape all --worker false").code, 4);
}

TEST_F(Campaigns, TablesOfEachInstanceComeWhereAsked) {
  const std::string replay =
      "sweep rmsnorm_residual --device replay:h200 --db :memory: --budget 5 --shape default,wide ";
  EXPECT_THAT(program_.run(replay).out, Not(HasSubstr("search, seed")));
  EXPECT_THAT(program_.run(replay + "--top 2").out, HasSubstr("search, seed"));
  const Finished quiet = program_.run(replay + "--quiet");
  EXPECT_THAT(quiet.out + quiet.err, IsEmpty());
}

TEST_F(Campaigns, WhatIsWrongIsSaidBeforeAnythingIsMeasured) {
  const std::pair<const char*, const char*> cases[] = {
      {"rmsnorm_residual --shape default,wid", "did you mean wide?"},
      {"rmsnorm_residual --shape default,,wide", "nothing between two commas"},
      {"rmsnorm_residual --shape wide,wide", "'wide' twice"},
      {"rmsnorm_residual --dtype f32,f17", "'f17' is no data type"},
      {"rmsnorm_residual --dim W=64,x", "'x' is no integer"},
      {"rmsnorm_residual --dim W=64,", "'' is no integer"},
      {"rmsnorm_residual --dim Q=64,128", "no dimension \"Q\""},
      {"rmsnorm_residual --shape all --json -", "name a file"},
      {"rmsnorm_residual --shape all --json /nonexistent/best.json", "/nonexistent/best.bf16.default.json"},
      {"rmsnorm_residual --shape all --resume", "no campaign of these choices"},
      {"--shape all", "name the problem"},
  };
  for (const auto& [arguments, text] : cases) {
    const Finished finished = program_.run(std::string("sweep --device replay:h200 ") + arguments);
    EXPECT_EQ(finished.code, 2) << arguments;
    EXPECT_THAT(finished.err, HasSubstr(text)) << arguments;
    EXPECT_THAT(finished.out, IsEmpty()) << arguments;
  }
  EXPECT_EQ(program_.run("profile rmsnorm_residual --dim W=64,128 --device replay:h200").code, 2);
}

}  // namespace
}  // namespace fuseline::app
