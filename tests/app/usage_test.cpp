// Help, wrong arguments and what can be said without a sweep.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"
#include "tests/support/environment_variable.hpp"

namespace fuseline::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Usage, EverySubcommandHasHelpWithExamples) {
  const Program program;
  for (const std::string command :
       {"", "problems", "check", "new", "devices", "sweep", "export", "plot", "runs", "compare", "import-triton"}) {
    const Finished finished = program.run(command + " --help");
    EXPECT_EQ(finished.code, 0) << command;
    EXPECT_THAT(finished.out, HasSubstr("Example")) << command;
    EXPECT_THAT(finished.err, IsEmpty()) << command;
  }
}

TEST(Usage, ImportOfTritonKernelsIsGivenToPython) {
  const EnvironmentVariable python("FUSELINE_PYTHON", "/bin/echo");
  const Program program;
  const std::string readme = std::string(FUSELINE_SOURCE_DIR) + "/README.md";
  const Finished finished = program.run("import-triton " + readme + " --reference " + readme + " -o own --keep A,B");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("/assets/triton/import_triton.py {"));
  EXPECT_THAT(finished.out, HasSubstr(R"("keep":["A","B"])"));
}

TEST(Usage, VersionIsOneLineOnStdout) {
  const Program program;
  const Finished finished = program.run("--version");
  EXPECT_EQ(finished.code, 0);
  EXPECT_THAT(finished.out, ::testing::MatchesRegex("fuseline [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Usage, KernelsOfEveryFormAreListed) {
  const Program program;
  const std::string folder = std::string(FUSELINE_SOURCE_DIR) + "/tests/data/image_problem";
  const Finished finished = program.run("problems scale_add_images --preset-path " + folder + " --target h200");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("cubin (cubin): 2 configurations"));
  EXPECT_THAT(finished.out, HasSubstr("ptx (ptx): 2 configurations"));
  EXPECT_THAT(finished.out, HasSubstr("templated: 2 configurations"));
  const Finished listed = program.run("problems scale_add_images --json --preset-path " + folder);
  const auto json = nlohmann::json::parse(listed.out);
  EXPECT_EQ(json.at("problems").at(0).at("variants").at(1).at("form"), "ptx");
}

TEST(Usage, WrongArgumentsAreRefusedWithAHint) {
  const Program program;
  const std::pair<const char*, const char*> cases[] = {
      {"", "subcommand is required"},
      {"swep", "did you mean sweep?"},
      {"frobnicate", "there are problems, check, devices, sweep"},
      {"sweep --shpe small", "did you mean --shape?"},
      {"sweep layernorm_gelu_scale extra", "unexpected argument 'extra'"},
      {"sweep layernorm_gelu_scale --seed many", "seed"},
      {"sweep layernorm_gelu_scale --counters some", "counters"},
      {"sweep layernorm_gelu_scale --dim W", "--dim: 'W' is no dimension"},
      {"sweep layernorm_gelu_scale --dim W=wide", "'wide' is no integer"},
      {"sweep layernorm_gelu_scale --scalar eps", "--scalar: 'eps' sets no scalar: write eps=1e-6"},
      {"sweep layernorm_gelu_scale --scalar eps=small", "--scalar: 'small' is no number"},
      {"sweep layernorm_gelu_scale --scalar eps=inf", "must be finite"},
      {"sweep layernorm_gelu_scale --scalar epz=1", "did you mean eps?"},
      {"sweep layernorm_gelu_scale --scalar eps=1 --scalar eps=2", "scalar eps is given twice"},
      {"sweep layernorm_gelu_scale --device replay:h200 --scalar eps=0.5",
       "was recorded with eps=1e-05 scale=1.5, not with eps=0.5 scale=1.5"},
      {"sweep layernorm_gelu_scale --device replay:h200 --after lunch",
       "--after: 'lunch' is nothing that launches can follow: write clean, producer or itself"},
      {"sweep layernorm_gelu_scale --device replay:h200 --after clean --warm", "excludes"},
      {"sweep layernorm_gelu_scale --device replay:h200 --after producer",
       "--after: the recording was timed after 'clean', not after 'producer'"},
      {"sweep layernorm_gelu_scale --device replay:h200 --warm",
       "--after: the recording was timed after 'clean', not after 'itself'"},
      {"profile layernorm_gelu_scale --scalar eps=small", "--scalar: 'small' is no number"},
      {"sweep layernorm_gelu_scale --param block", "--param: 'block' names no parameter"},
      {"export", "--format"},
      {"export --format xml", "xml"},
      {"export -- -a.json --format csv", "--format is required"},
      {"compare -- a.json b.json --threshold", "unexpected argument '--threshold' behind '--'"},
      {"plot", "--output"},
      {"plot -o a.pdf", "a.pdf: plots are written as .svg or .png"},
      {"plot --kind pie -o a.svg", "pie"},
      {"plot " FUSELINE_SOURCE_DIR
       "/presets/recordings/h200/bias_gelu.f32.default.t4.json --kind heatmap --x blok -o a.svg",
       "--x: no parameter \"blok\" has several values within the variant"},
      {"plot " FUSELINE_SOURCE_DIR
       "/presets/recordings/h200/bias_gelu.f32.default.t4.json --kind scatter --y tim -o a.svg",
       "--y: no configuration of the run has a number in a column \"tim\"; there are sequence"},
      {"plot " FUSELINE_SOURCE_DIR
       "/presets/recordings/h200/bias_gelu.f32.default.t4.json --kind parallel --variant x -o a.svg",
       "--variant: no configuration of the run is of a variant \"x\"; there are"},
      {"plot " FUSELINE_SOURCE_DIR
       "/presets/recordings/h200/bias_gelu.f32.default.t4.json --kind parallel --x block -o a.svg",
       "--x: belongs to a heatmap or a scatter plot"},
      {"compare one.json", "B"},
      {"compare a.json b.json --threshold fast", "--threshold: 'fast' is no share"},
      {"compare a.json b.json --threshold 3", "--threshold: '3' would be 300 %: write 3%"},
      {"sweep layernorm_gelu_scale --seed=-1", "--seed: '-1' is no whole number"},
      {"sweep layernorm_gelu_scale --seed 18446744073709551616", "--seed: '18446744073709551616' is no whole number"},
      {"sweep layernorm_gelu_scale --abandon nan", "--abandon: nan is no factor"},
      {"sweep layernorm_gelu_scale --abandon 0.5", "--abandon: 0.5 is no factor"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = program.run(arguments);
    EXPECT_EQ(finished.code, 2) << arguments;
    EXPECT_THAT(finished.err, HasSubstr(message)) << arguments;
    EXPECT_THAT(finished.err, ::testing::StartsWith("error: ")) << arguments;
    EXPECT_THAT(finished.out, IsEmpty()) << arguments;
  }
}

/// A program that runs `fuseline`, with its standard output somewhere else than the test's.
Finished with_output(const Program& program, const std::string& arguments, const std::string& output) {
  return program.run("--version", "sh -c '" FUSELINE_BIN_DIR "/fuseline " + arguments + " " + output + "' ");
}

TEST(Usage, LostOutputIsAnError) {
  const Program program;
  const std::string recording = program.write("t.json", R"({"results": [{"configuration": {"b": 1}, "times":
    {"runtimes": [1.0]}, "invalidity": "correct", "correctness": 1}], "schema_version": "1.0.0"})");
  for (const std::string& arguments :
       {std::string("problems"), std::string("--help"), std::string("--version"),
        "export " + recording + " --format csv", "sweep --device replay:" + recording + " --db :memory:",
        "sweep --device replay:" + recording + " --db :memory: --json -"}) {
    const Finished full = with_output(program, arguments, ">/dev/full");
    EXPECT_EQ(full.code, 2) << arguments;
    EXPECT_THAT(full.err, HasSubstr("standard output: cannot be written: No space left on device")) << arguments;
    EXPECT_EQ(with_output(program, arguments, ">&-").code, 2) << arguments;
  }
  const Finished trace = program.run("sweep --device replay:" + recording + " --db :memory: --trace /dev/full");
  EXPECT_EQ(trace.code, 2);
}

TEST(Usage, ALimitOnTheSizeOfFilesIsAnError) {
  const Program program;
  std::string results;
  for (int i = 0; i < 400; ++i) {
    results += (i > 0 ? "," : "") + fmt::format(R"({{"configuration": {{"b": {}}}, "times": {{"runtimes": [1.0]}},
      "invalidity": "correct", "correctness": 1}})",
                                                i);
  }
  const std::string recording =
      program.write("t.json", "{\"schema_version\": \"1.0.0\", \"results\": [" + results + "]}");
  const Finished finished =
      with_output(program, "export " + recording + " --format t4 -o big.json", "; code=$?; exit $code");
  EXPECT_EQ(finished.code, 0) << finished.err;
  const Finished limited = program.run("--version", "sh -c 'ulimit -f 4; exec " FUSELINE_BIN_DIR "/fuseline export " +
                                                        recording + " --format t4 -o big.json' ");
  EXPECT_EQ(limited.code, 2);
  EXPECT_THAT(limited.err, HasSubstr("big.json: cannot be written: File too large"));
}

TEST(Usage, AHomeThatCannotBeWrittenIsNamedWithAWayOut) {
  const Program program;
  const std::string recording = program.write("t.json", R"({"results": [{"configuration": {"b": 1}, "times":
    {"runtimes": [1.0]}, "invalidity": "correct", "correctness": 1}], "schema_version": "1.0.0"})");
  const Finished sweep = program.run("sweep --device replay:" + recording, "XDG_DATA_HOME=/proc/none");
  EXPECT_EQ(sweep.code, 2);
  EXPECT_THAT(sweep.err, HasSubstr("--db FILE names another file, --db :memory: keeps nothing"));
  const Finished devices = program.run("devices --no-measure", "XDG_DATA_HOME=/proc/none");
  EXPECT_EQ(devices.code, 0) << devices.err;
}

TEST(Usage, TerminalEscapesInArgumentsAreNotSentBack) {
  const Program program;
  const Finished finished = program.run("\"$(printf '\\033[31mred')\"");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, Not(HasSubstr("\x1b")));
}

TEST(Problems, AreListedWithSizesOfTheirSpaces) {
  const Program program;
  const Finished finished = program.run("problems");
  EXPECT_EQ(finished.code, 0) << finished.err;
  for (const char* name : {"layernorm_gelu_scale", "sum_layernorm_avgpool_gelu", "softmax_bias_scale_sigmoid"})
    EXPECT_THAT(finished.out, HasSubstr(name));
}

TEST(Problems, JsonHasVariantsAndParameters) {
  const Program program;
  const Finished finished = program.run("problems layernorm_gelu_scale --json");
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto json = nlohmann::json::parse(finished.out);
  const auto& problem = json.at("problems").at(0);
  EXPECT_EQ(problem.at("name"), "layernorm_gelu_scale");
  EXPECT_GT(problem.at("configurations").get<int>(), 0);
  EXPECT_GE(problem.at("full_configurations").get<int>(), problem.at("configurations").get<int>());
  EXPECT_FALSE(problem.at("variants").at(0).at("parameters").empty());
}

TEST(Problems, ScalarsAreShownWithTheirDefaults) {
  const Program program;
  EXPECT_THAT(program.run("problems layernorm_gelu_scale").out, HasSubstr("\nscalars eps=1e-05 scale=1.5\n"));
  const auto json = nlohmann::json::parse(program.run("problems layernorm_gelu_scale --json").out);
  EXPECT_EQ(json.at("problems").at(0).at("scalars").dump(), R"({"eps":1e-05,"scale":1.5})");
}

TEST(Usage, HelpNamesTheScalarsOfWhateverTakesDimensions) {
  const Program program;
  for (const char* command : {"sweep", "profile"}) {
    const std::string help = program.run(std::string(command) + " --help").out;
    EXPECT_THAT(help, HasSubstr("--dim")) << command;
    EXPECT_THAT(help, HasSubstr("--scalar S=1.0")) << command;
  }
}

TEST(Problems, UnknownNamesAreRefused) {
  const Program program;
  EXPECT_EQ(program.run("problems layernorm").code, 2);
  EXPECT_THAT(program.run("problems layernorm").err, HasSubstr("layernorm_gelu_scale"));
  EXPECT_EQ(program.run("problems --target abacus").code, 2);
}

TEST(Problems, AMalformedFolderOfTheUserCostsItselfAlone) {
  const Program program;
  program.write("mine/problem.json", "{\"name\": ");
  const Finished listed = program.run("problems --preset-path mine");
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("swiglu"));
  EXPECT_THAT(listed.err, AllOf(StartsWith("warning: left out: "), HasSubstr("mine/problem.json: line 1")));
  const Finished asked = program.run("problems mine --preset-path mine");
  EXPECT_EQ(asked.code, 2);
  EXPECT_THAT(asked.err,
              AllOf(StartsWith("error: "), HasSubstr("mine/problem.json: line 1"), Not(HasSubstr("left out"))));
  const Finished other = program.run("sweep mine --device replay:h200 --db :memory:", "FUSELINE_PATH=mine");
  EXPECT_EQ(other.code, 2);
  EXPECT_EQ(other.err, asked.err);
}

TEST(Problems, OneDtypeAndShapeAreCountedAndListed) {
  const Program program;
  const Finished shown = program.run("problems rmsnorm_residual --dtype bf16 --dim W=1024 --target h200");
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("for custom, bf16"), HasSubstr(": removes "), HasSubstr("combinations")));
  const Finished listed = program.run("problems rmsnorm_residual --dtype bf16 --list --limit 3 --json");
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(nlohmann::json::parse(listed.out).size(), 3U);
  const std::pair<const char*, const char*> cases[] = {{"problems --list", "name the problem"},
                                                       {"problems swiglu --limit 2", "list"},
                                                       {"problems swiglu --dtype f8", "f8"},
                                                       {"problems swiglu --dim X=2", "no dimension"}};
  for (const auto& [arguments, text] : cases) {
    const Finished wrong = program.run(arguments);
    EXPECT_EQ(wrong.code, 2) << arguments;
    EXPECT_THAT(wrong.err, HasSubstr(text)) << arguments;
  }
}

TEST(Problems, AnEmptyVariantOfTheOneNamedIsAFault) {
  const Program program;
  const std::string data = std::string(FUSELINE_SOURCE_DIR) + "/tests/data/user_problem/";
  for (const char* file : {"problem.json", "reference.cu", "strided.cu", "element.cuh"})
    program.write(std::string("mine/") + file, tuner::read_file(data + file).value());
  std::string manifest = tuner::read_file(data + "strided.json").value();
  program.write("mine/strided.json", manifest.replace(manifest.find("tile <= 1024"), 12, "tile <= 8"));
  const Finished named = program.run("problems scale_add --preset-path mine");
  EXPECT_EQ(named.code, 2);
  EXPECT_THAT(named.out, HasSubstr("no configuration is left"));
  EXPECT_EQ(program.run("problems --preset-path mine").code, 0);
}

TEST(Devices, AreListedWithoutAGpuAndSayWhy) {
  const Program program;
  const Finished finished = program.run("devices --no-measure");
  EXPECT_EQ(finished.code, 0) << finished.err;
  for (const char* part : {"GPUs", "Recordings", "Targets", "rtx4090", "h200"})
    EXPECT_THAT(finished.out, HasSubstr(part));
  const auto json = nlohmann::json::parse(program.run("devices --no-measure --json").out);
  EXPECT_TRUE(!json.at("devices").empty() || !json.at("no_devices").get<std::string>().empty());
  EXPECT_GE(json.at("targets").size(), 2U);
}

TEST(Devices, AWorkerThatDoesNotStartIsAnError) {
  const Program program;
  const Finished finished = program.run("devices --worker /nonexistent/worker --share shared.json");
  EXPECT_FALSE(std::filesystem::exists(program.path("shared.json")));
  EXPECT_EQ(finished.code, 4);
  EXPECT_THAT(finished.err, ::testing::StartsWith("error: "));
}

TEST(Data, MissingDataSaysWhatToSet) {
  const Program program;
  const Finished finished = program.run("problems", "FUSELINE_DATA=/nonexistent");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, HasSubstr("/nonexistent"));
}

TEST(Database, WhatIsNoneOrHoldsNothingIsNamed) {
  const Program program;
  program.write("not.db", std::string(5000, 'x'));
  for (const std::string command : {"export --format csv", "plot -o a.svg"}) {
    const Finished finished = program.run(command + " --db not.db");
    EXPECT_EQ(finished.code, 2) << command;
    EXPECT_THAT(finished.err, HasSubstr("not.db")) << command;
    EXPECT_EQ(program.run(command).code, 2) << "no run yet: " << command;
    EXPECT_EQ(program.run(command + " --db /nonexistent/folder/a.db").code, 2) << command;
  }
}

/// Names that SQLite may take for addresses, or for more than a name, are names of files.
TEST(Database, ItsFileHasTheNameThatWasGiven) {
  const Program program;
  const std::string recording = program.write("t.json", R"({"results": [{"configuration": {"b": 1}, "times":
    {"runtimes": [1.0]}, "invalidity": "correct", "correctness": 1}], "schema_version": "1.0.0"})");
  for (const std::string name :
       {"file:a.db", "file:b.db?mode=memory", "c?mode=memory", "d%20e.db", "f#g.db", "-h.db"}) {
    const Finished sweep = program.run(fmt::format("sweep --device replay:{} -q '--db={}'", recording, name));
    EXPECT_EQ(sweep.code, 0) << name << sweep.err;
    EXPECT_TRUE(std::filesystem::is_regular_file(program.path(name))) << name;
    EXPECT_EQ(program.run(fmt::format("export 1 --format csv '--db={}'", name)).code, 0) << name;
  }
}

TEST(Files, WhatIsOddInOneIsAWarningWhateverReadsIt) {
  const Program program;
  const std::string cache = program.write("cache.json", R"({"device_name": "A100", "kernel_name": "k",
    "problem_size": 1024, "tune_params_keys": ["b"], "tune_params": {"b": [1, 2]}, "objective": "time",
    "cache": {"1": {"b": 1, "time": 2.0}, "2": {"b": 2, "time": 1.0, "times": "none"}}})");
  for (const std::string& command : {"export " + cache + " --format csv", "plot " + cache + " -o search.svg"}) {
    const Finished finished = program.run(command);
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_THAT(finished.err, HasSubstr("1 of 2 entries are odd")) << command;
  }
}

TEST(Compare, RefusesFilesThatAreNoResults) {
  const Program program;
  program.write("a.json", "{}");
  program.write("broken.json", "{\"best\": [");
  EXPECT_THAT(program.run("compare a.json a.json").err, HasSubstr("a.json"));
  EXPECT_EQ(program.run("compare a.json a.json").code, 2);
  EXPECT_THAT(program.run("compare broken.json a.json").err, HasSubstr("broken.json"));
  EXPECT_EQ(program.run("compare broken.json a.json").code, 2);
  EXPECT_THAT(program.run("compare missing.json a.json").err, HasSubstr("missing.json"));
}

}  // namespace
}  // namespace fuseline::app
