// Sweeps from start to files, replayed and against a scripted worker.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tests/tuner/plot/samples.hpp"
#include "tests/tuner/plot/xml.hpp"
#include "tuner/base/text.hpp"
#include "tuner/formats/t4.hpp"

namespace fuseline::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// A program with a recording of four configurations (one failed) to replay.
class Replayed : public ::testing::Test {
 protected:
  void SetUp() override { program_.write("rec.json", tuner::t4_text(recorded())); }

  static tuner::Run recorded() {
    tuner::Run run = tuner::samples::run({0.5, 0.3, 0, 0.26});
    for (tuner::Evaluation& evaluation : run.evaluations) {
      evaluation.measurement.cost_s = 0.1;
      if (evaluation.measurement.outcome == tuner::Outcome::ok)
        evaluation.measurement.samples_ms.assign(10, evaluation.measurement.time_ms.median);
    }
    return run;
  }

  Program program_;
};

TEST_F(Replayed, TheTableIsOnStdoutAndSaysThatItIsAReplay) {
  const Finished finished = program_.run("sweep --device replay:rec.json");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("Replayed from the recording"));
  EXPECT_THAT(finished.out, ::testing::ContainsRegex("1 +best +given +block=67 +0.2600"));
  EXPECT_THAT(finished.err, HasSubstr("replay"));
  EXPECT_THAT(finished.out + finished.err, Not(HasSubstr("\x1b"))) << "no colour and no progress bar but on a terminal";
}

TEST_F(Replayed, WritesResultTraceAndRecording) {
  const Finished finished =
      program_.run("sweep --device replay:rec.json --json best.json --trace trace.jsonl --record again.json");
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto result = tuner::parse_json(program_.read("best.json"), "best.json");
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(tuner::validate_schema(*result, "result", "best.json"));
  EXPECT_EQ(result->at("best").at("config").at("block"), 67);
  EXPECT_EQ(result->at("device").at("backend"), "replay");
  const auto lines = tuner::split(program_.read("trace.jsonl"), '\n');
  ASSERT_EQ(lines.size(), 5U) << "four evaluations, each on its line, and the end";
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(tuner::parse_json(lines[i], "trace")) << lines[i];
  EXPECT_EQ(program_.run("sweep --device replay:again.json").code, 0);
}

TEST_F(Replayed, QuietSaysNothing) {
  const Finished finished = program_.run("sweep --device replay:rec.json --quiet");
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out + finished.err, IsEmpty());
}

TEST_F(Replayed, ResultMayGoToStdoutAlone) {
  const Finished finished = program_.run("sweep --device replay:rec.json --json -");
  EXPECT_EQ(finished.code, 0);
  EXPECT_TRUE(tuner::parse_json(finished.out, "stdout"));
}

TEST_F(Replayed, ExportsEveryFormat) {
  ASSERT_EQ(program_.run("sweep --device replay:rec.json --quiet").code, 0);
  for (const std::string format : {"json", "t4", "ncu", "kernel-tuner"}) {
    const Finished finished = program_.run("export --format " + format);
    EXPECT_EQ(finished.code, 0) << format << finished.err;
    EXPECT_TRUE(tuner::parse_json(finished.out, format)) << format;
  }
  EXPECT_EQ(program_.run("export 1 --format csv -o run.csv").code, 0);
  EXPECT_THAT(program_.read("run.csv"), HasSubstr("block"));
  EXPECT_EQ(program_.run("export 99 --format csv").code, 2);
  EXPECT_EQ(program_.run("export rec.json --format csv").code, 0) << "a recording's file in place of a run";
}

TEST_F(Replayed, FilesOfEveryKindStandInPlaceOfARun) {
  for (const std::string format : {"json", "t4", "kernel-tuner"}) {
    const std::string file = format + ".json";
    ASSERT_EQ(program_.run(fmt::format("export rec.json --format {} -o {}", format, file)).code, 0) << format;
    ASSERT_EQ(std::system(("gzip -k " + program_.path(file)).c_str()), 0);
    for (const std::string& name : {file, file + ".gz"}) {
      const Finished table = program_.run("export " + name + " --format csv");
      EXPECT_EQ(table.code, 0) << name << table.err;
      EXPECT_THAT(table.out, HasSubstr("0.26,")) << name;
      EXPECT_EQ(program_.run("plot " + name + " --kind effects -o a.svg").code, 0) << name;
      EXPECT_EQ(program_.run(fmt::format("compare {} {}", name, file)).code, 0) << name;
    }
    const Finished plot = program_.run(fmt::format("plot {}.gz -o {}.svg", file, format));
    EXPECT_EQ(plot.code, 0) << plot.err;
    EXPECT_EQ(tuner::xml_fault(program_.read(format + ".svg")), "") << format;
  }
}

TEST_F(Replayed, AnUnknownFormatIsAnErrorWithTheOneThatIsClose) {
  const Finished finished = program_.run("export rec.json --format cvs");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("did you mean csv?"));
}

/// As t4_text writes it, but the results are made of one by replacing what tells them apart: in seconds, not minutes.
std::string large_recording(std::size_t count) {
  const std::string mark = "987654321";
  tuner::Run run = tuner::samples::run({0.5});
  run.evaluations[0].configuration.values = {{"index", tuner::Value(std::int64_t{987654321})}};
  run.evaluations[0].sequence = 987654321;
  const std::string one = tuner::t4_text(run);
  const std::size_t start = one.rfind("{\"", one.find(mark)), line = one.rfind('\n', start) + 1,
                    end = one.find('\n', line);
  std::string text = one.substr(0, line);
  for (std::size_t i = 0; i < count; ++i) {
    std::string result = one.substr(line, end - line);
    for (std::size_t at = result.find(mark); at != std::string::npos; at = result.find(mark, at))
      result.replace(at, mark.size(), std::to_string(i));
    text += result + (i + 1 < count ? ",\n" : "\n");
  }
  return text + one.substr(end + 1);
}

TEST(LargeRecordings, OfAHundredThousandConfigurationsAreExportedAndDrawn) {
  const Program program;
  program.write("large.json", large_recording(100'000));
  const Finished table = program.run("export large.json --format csv -o large.csv");
  ASSERT_EQ(table.code, 0) << table.err;
  const std::string rows = program.read("large.csv");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 100'001);
  const Finished plot = program.run("plot large.json -o large.svg");
  EXPECT_EQ(plot.code, 0) << plot.err;
  EXPECT_EQ(tuner::xml_fault(program.read("large.svg")), "");
}

TEST_F(Replayed, PlotsBothKindsInBothFormats) {
  ASSERT_EQ(program_.run("sweep --device replay:rec.json --quiet").code, 0);
  for (const std::string kind : {"roofline", "convergence"}) {
    EXPECT_EQ(program_.run("plot --kind " + kind + " -o a.svg").code, 0);
    EXPECT_EQ(tuner::xml_fault(program_.read("a.svg")), "");
    EXPECT_EQ(program_.run("plot 1 --kind " + kind + " --theme dark -o a.png").code, 0);
    EXPECT_THAT(program_.read("a.png"), StartsWith("\x89PNG"));
  }
}

TEST_F(Replayed, TheRooflineIsDrawnAsOnATarget) {
  ASSERT_EQ(program_.run("sweep --device replay:rec.json --quiet").code, 0);
  const Finished there = program_.run("plot --view target --target rtx3090 -o there.svg");
  EXPECT_EQ(there.code, 0) << there.err;
  EXPECT_THAT(program_.read("there.svg"), HasSubstr("RTX 3090, projected from H200"));
  EXPECT_EQ(program_.run("plot --view target --kind convergence -o a.svg").code, 2);
  EXPECT_EQ(program_.run("plot --view target --hierarchy -o a.svg").code, 2);
  EXPECT_EQ(program_.run("plot --view target --units -o a.svg").code, 2);
  const Finished two = program_.run("plot --kind memory --configuration 1 --configuration 2 -o a.svg");
  EXPECT_EQ(two.code, 2);
  EXPECT_THAT(two.err, HasSubstr("--configuration: memory is drawn of one configuration, and 2 were given"));
  EXPECT_THAT(program_.run("plot --view target --target h200 -o a.svg").err, HasSubstr("no projection of this run"));
}

TEST_F(Replayed, ConvergenceIsDrawnAndTabledAgainstEvaluationsAndSeconds) {
  ASSERT_EQ(program_.run("sweep --device replay:rec.json --quiet").code, 0);
  EXPECT_EQ(program_.run("plot --kind convergence -o evaluations.svg").code, 0);
  EXPECT_THAT(program_.read("evaluations.svg"), HasSubstr("Configurations evaluated"));
  const Finished drawn = program_.run("plot --kind convergence --against seconds -o seconds.svg");
  const Finished table = program_.run("export --format convergence");
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, StartsWith("evaluation,elapsed_s,outcome,time_ms,best_ms,random_best_ms_after_evaluations"));
  EXPECT_EQ(tuner::split(table.out, '\n').size(), 6U) << "a head, four evaluations, and the end";
  EXPECT_EQ(drawn.code, 0) << drawn.err;
  EXPECT_THAT(program_.read("seconds.svg"), HasSubstr("Recorded time (s)"));
  EXPECT_EQ(program_.run("plot --kind convergence --against luck -o a.svg").code, 2);
}

TEST_F(Replayed, ABudgetOfAutoStopsAtTheBandwidth) {
  const Finished finished = program_.run("sweep --device replay:rec.json --budget auto --json - --strategy random");
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto result = tuner::parse_json(finished.out, "stdout");
  ASSERT_TRUE(result);
  EXPECT_TRUE(tuner::validate_schema(*result, "result", "stdout"));
  EXPECT_EQ(result->at("search").at("stop_reason"), "space exhausted") << "0.26 ms is 96 % of the copy bandwidth";
  EXPECT_EQ(program_.run("sweep --device replay:rec.json --budget automatic").code, 2);
}

TEST_F(Replayed, OutputsThatCannotBeWrittenAreRefusedBeforeTheSweep) {
  for (const std::string option : {"--json", "--record", "--trace"}) {
    const Finished finished = program_.run("sweep --device replay:rec.json " + option + " /nonexistent/file.json");
    EXPECT_EQ(finished.code, 2) << option;
    EXPECT_THAT(finished.err, HasSubstr("/nonexistent/file.json")) << option;
    EXPECT_THAT(finished.out, IsEmpty()) << option;
  }
  EXPECT_EQ(program_.run("export --format csv").code, 2) << "nothing was swept";
}

TEST_F(Replayed, BadRequestsNameWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"--variant nosuch", "nosuch"}, {"--param block=1", "block"},
      {"--param nosuch=1", "nosuch"}, {"--strategy psychic", "psychic"},
      {"--budget much", "much"},      {"--target abacus", "abacus"},
      {"--resume", "resume"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = program_.run(std::string("sweep --device replay:rec.json ") + arguments);
    EXPECT_EQ(finished.code, 2) << arguments;
    EXPECT_THAT(finished.err, HasSubstr(message)) << arguments;
  }
  EXPECT_EQ(program_.run("sweep nosuch --device replay:rec.json").code, 2);
  EXPECT_EQ(program_.run("sweep --device replay:missing.json").code, 2);
  EXPECT_EQ(program_.run("sweep --device abacus layernorm_gelu_scale").code, 2);
  program_.write("broken.json", "{\"results\": [");
  EXPECT_THAT(program_.run("sweep --device replay:broken.json").err, HasSubstr("broken.json"));
}

TEST_F(Replayed, WhereNothingWorkedTheExitCodeSaysSo) {
  program_.write("bad.json", tuner::t4_text(tuner::samples::run({0, 0})));
  const Finished finished = program_.run("sweep --device replay:bad.json");
  EXPECT_EQ(finished.code, 4) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("No configuration worked."));
}

TEST_F(Replayed, CompareFindsRegressions) {
  ASSERT_EQ(program_.run("sweep --device replay:rec.json --quiet --json a.json").code, 0);
  ASSERT_EQ(program_.run("sweep --device replay:rec.json --quiet --variant rows --json b.json").code, 0);
  EXPECT_EQ(program_.run("compare a.json a.json").code, 0);
  const Finished slower = program_.run("compare a.json b.json");
  EXPECT_EQ(slower.code, 3) << slower.err;
  EXPECT_THAT(slower.out, HasSubstr("a regression"));
  EXPECT_EQ(program_.run("compare b.json a.json").code, 0);
  EXPECT_EQ(program_.run("compare a.json b.json --threshold 1000%").code, 0);
}

/// Clears the screen, in seven and in eight bits.
constexpr const char* kClears =
    "\x1b[2J\xc2\x9b"
    "2J";

TEST_F(Replayed, WhatARecordingHoldsSteersNoTerminal) {
  tuner::Run run = tuner::samples::run({0.5, 0});
  run.info.device.name += kClears;
  run.info.shape += kClears;
  run.evaluations[1].measurement.reason = std::string("=1") + kClears;
  program_.write("hostile.json", tuner::t4_text(run));
  for (const std::string command : {"export hostile.json --format csv", "export hostile.json --format json",
                                    "export hostile.json --format t4", "sweep --device replay:hostile.json"}) {
    ASSERT_EQ(program_.run(command).code, 0) << command;
    // On a terminal, which script(1) stands in for.
    const Finished shown = program_.run(
        "", "sh -c 'exec script -qec \"TERM=dumb " FUSELINE_BIN_DIR "/fuseline " + command + "\" /dev/null' ignored");
    EXPECT_THAT(shown.out, HasSubstr("\\xC2\\x9B")) << command;
    for (const char* steering : {"\x1b[2J", "\xc2\x9b"}) EXPECT_THAT(shown.out, Not(HasSubstr(steering))) << command;
  }
  EXPECT_THAT(program_.run("export hostile.json --format csv").out, HasSubstr(kClears))
      << "a file keeps what it is given";
}

TEST_F(Replayed, ComparedFilesSteerNoTerminal) {
  ASSERT_EQ(program_.run("sweep --device replay:rec.json --quiet --json a.json").code, 0);
  auto json = nlohmann::json::parse(program_.read("a.json"));
  json["problem"]["name"] = json["problem"]["name"].get<std::string>() + kClears;
  json["device"]["name"] = std::string("GPU") + kClears;
  program_.write("hostile.json", json.dump());
  const Finished finished = program_.run("compare hostile.json hostile.json");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(program_.run("compare a.json hostile.json").err, HasSubstr("/problem/name"));
  for (const std::string& text : {finished.out, finished.err, program_.run("compare a.json hostile.json").err}) {
    for (const char* steering : {"\x1b[2J", "\xc2\x9b"}) EXPECT_THAT(text, Not(HasSubstr(steering)));
  }
}

/// A worker that makes its times up, slowly enough to be interrupted.
class Scripted : public ::testing::Test {
 protected:
  [[nodiscard]] std::string sweep(int delay_ms) const {
    program_.write("script.json", nlohmann::json{{"delay_ms", delay_ms}, {"log", program_.path("worker.log")}}.dump());
    return "sweep layernorm_gelu_scale --shape small --budget 20 --worker '" FUSELINE_BIN_DIR "/scripted_worker " +
           program_.path("script.json") + "' ";
  }
  Program program_;
};

TEST_F(Scripted, ALiveSweepSaysThatItMeasured) {
  const Finished finished = program_.run(sweep(0) + "--json best.json");
  ASSERT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("Measured on Scripted GPU"));
  EXPECT_THAT(finished.out, Not(HasSubstr("eplay")));
  EXPECT_THAT(finished.err, HasSubstr("kept as run 1"));
}

TEST_F(Scripted, InterruptedSweepsSayHowToGoOnAndDo) {
  const Finished stopped = program_.run(sweep(500), "timeout --preserve-status -s INT 5");
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("to go on: fuseline sweep layernorm_gelu_scale"));
  EXPECT_THAT(stopped.err, HasSubstr("--resume"));
  const Finished resumed = program_.run(sweep(0) + "--resume --json best.json");
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  const auto result = nlohmann::json::parse(program_.read("best.json"));
  EXPECT_EQ(result.at("search").at("evaluated"), 20);
}

TEST_F(Scripted, ALostWorkerIsAWarningThatSaysWhatToDo) {
  const std::string command = sweep(0);
  program_.write("script.json",
                 R"json({"log": ")json" + program_.path("worker.log") +
                     R"json(", "rules": [{"match": "", "at": "verify", "do": "exit", "status": 3}]})json");
  const Finished finished = program_.run(command);
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(
      finished.err,
      ::testing::ContainsRegex(
          "warning: .*was lost and is replaced: .*measured again\\. The sweep goes on by itself\\..*nvidia-smi"));
}

TEST_F(Scripted, AWorkerThatDiesAtOnceIsAnError) {
  const Finished finished = program_.run("sweep layernorm_gelu_scale --worker false");
  EXPECT_EQ(finished.code, 4);
  EXPECT_THAT(finished.err, StartsWith("error: "));
}

TEST(Target, RanksByItsProjectionAndProjectsAnyRun) {
  const Program program;
  const std::string sweep = "sweep softmax_bias_scale_sigmoid --dtype f32 --device replay:h200 --db :memory: ";
  const Finished here = program.run(sweep + "--record run.t4.json --json here.json");
  ASSERT_EQ(here.code, 0) << here.err;
  const Finished there = program.run(sweep + "--rank target --budget 12");
  ASSERT_EQ(there.code, 0) << there.err;
  EXPECT_THAT(there.out, ::testing::HasSubstr("By projected time on RTX 4090, where nothing was measured: "));
  const auto json = nlohmann::json::parse(program.read("here.json"));
  EXPECT_GT(json.at("/target/ranking/counted"_json_pointer).get<int>(), 50);
  EXPECT_EQ(json.at("/best/on_target/projected"_json_pointer), true);

  const Finished h100 = program.run("export run.t4.json --format csv --target h100_sxm");
  const Finished ada = program.run("export run.t4.json --format csv --target rtx4090");
  ASSERT_EQ(h100.code, 0) << h100.err;
  EXPECT_THAT(h100.out, ::testing::HasSubstr(",projected_ms,projected_low_ms,projected_high_ms,projected_bound,"));
  EXPECT_NE(h100.out, ada.out);
  EXPECT_THAT(program.run("export run.t4.json --format csv --target rtx").err,
              ::testing::HasSubstr("there is no target \"rtx\""));
  EXPECT_NE(program.run(sweep + "--rank there").code, 0);
}

}  // namespace
}  // namespace fuseline::app
