// fuseline sweep --device static:NAME, compiled by a scripted worker.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "tests/app/program.hpp"
#include "tuner/base/json.hpp"

namespace fuseline::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class StaticSweep : public ::testing::Test {
 protected:
  StaticSweep() {
    std::filesystem::copy(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/user_problem", program_.path("mine"),
                          std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] Finished sweep(const std::string& arguments, const std::string& script = "{}") const {
    const std::string file = program_.write("script.json", script);
    return program_.run("--preset-path mine sweep scale_add " + arguments +
                        " --worker '" FUSELINE_BIN_DIR "/scripted_worker " + file + "'");
  }
  Program program_;
};

TEST_F(StaticSweep, ATableWithoutAGpuAndWithoutATime) {
  const Finished finished = sweep("--device static:rtx4090 --top 3", R"({"spills": {"items=8": 32}})");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(
      finished.out,
      AllOf(StartsWith("scale_add: Scale and add\n"), HasSubstr("nothing here is measured."),
            HasSubstr("22 configurations of 24 combinations, 22 images compiled: 18 can run there without spills, "
                      "4 spill.")));
  EXPECT_FALSE(std::filesystem::exists(program_.path("data") + "/fuseline")) << "nothing of it is stored";
}

TEST_F(StaticSweep, FilesForProgramsHaveEveryConfiguration) {
  const Finished finished = sweep("--device static:h200 --json space.json --csv space.csv --param block=64,128");
  EXPECT_EQ(finished.code, 0) << finished.err;
  const auto json = tuner::read_json_file(program_.path("space.json"), {std::size_t{1} << 22, 32});
  ASSERT_TRUE(json) << json.error().message();
  const auto valid = tuner::validate_schema(*json, "static", "space.json");
  EXPECT_TRUE(valid) << valid.error().message();
  EXPECT_EQ(json->at("configurations").size(), 16U);
  EXPECT_EQ(json->at("chip").at("name"), "h200");
  const std::string csv = program_.read("space.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 17);
  const Finished piped = sweep("--device static:h200 --csv -");
  EXPECT_THAT(piped.out, StartsWith("variant,block,items,order,chip,measured,"));
}

TEST_F(StaticSweep, EveryShapeAndDtypeInTurn) {
  const Finished finished = sweep("--device static:rtx4090 --shape all --dtype f32,f16 --csv space.csv --top 1");
  EXPECT_EQ(finished.code, 0) << finished.err;
  for (const char* part : {"f32.small", "f32.large", "f16.small", "f16.large"})
    EXPECT_THAT(program_.read(fmt::format("space.{}.csv", part)), StartsWith("variant,")) << part;
}

TEST_F(StaticSweep, AChipOfAFileIsCompiledFor) {
  (void)program_.write("mine.json",
                       tuner::read_file(std::string(FUSELINE_SOURCE_DIR) + "/presets/devices/l4.json").value());
  const Finished finished = sweep("--device static:mine.json --top 1");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("Compiled for NVIDIA L4 (sm_89"));
}

TEST_F(StaticSweep, WrongChipsAreOneClearMessage) {
  (void)program_.write("broken.json", "{\"schema\": \"fuseline/device/1\"}");
  (void)program_.write("words.json", "no device");
  const std::pair<const char*, const char*> cases[] = {
      {"static:", "--device: 'static:' names no chip: write static:NAME"},
      {"static:foo", "--device: there is no target \"foo\" (targets: a10"},
      {"static:rtx4900", "did you mean rtx4090"},
      {"static:nowhere.json", "nowhere.json"},
      {"static:words.json", "words.json"},
      {"static:broken.json", "broken.json"},
  };
  for (const auto& [device, text] : cases) {
    const Finished finished = sweep(std::string("--device ") + device);
    EXPECT_EQ(finished.code, 2) << device;
    EXPECT_THAT(finished.err, AllOf(StartsWith("error: "), HasSubstr(text))) << device;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
    EXPECT_THAT(finished.out, IsEmpty());
  }
}

TEST_F(StaticSweep, OptionsAboutMeasuringAreRefusedByName) {
  for (const std::string option :
       {"--target h200", "--strategy random", "--budget 20", "--seed 3", "--counters all", "--source", "--after clean",
        "--warm", "--abandon 2", "--record a.json", "--trace a.json", "--rank target", "--resume", "--db a.db"}) {
    const Finished finished = sweep("--device static:rtx4090 " + option);
    EXPECT_EQ(finished.code, 2) << option;
    EXPECT_THAT(finished.err, HasSubstr("error: " + option.substr(0, option.find(' ')) +
                                        ": has no meaning with --device static:rtx4090: nothing is measured there"));
  }
  EXPECT_THAT(sweep("--device static:rtx4090 --json - --csv -").err, HasSubstr("standard output takes one"));
  EXPECT_THAT(sweep("--device static:rtx4090 --variant strode").err, HasSubstr("strode"));
}

TEST_F(StaticSweep, WhoeverMeasuresSaysWhereToGo) {
  const Finished finished = program_.run(
      "profile layernorm_gelu_scale --variant row_per_block --param gelu=erf --param block=128 --device "
      "static:rtx4090");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err,
              HasSubstr("nothing can be measured on 'static:rtx4090', which is not there; what its kernels "
                        "are there is told by: fuseline sweep PROBLEM --device static:rtx4090"));
}

TEST_F(StaticSweep, WithoutACompilerThatIsSaid) {
  const Finished finished =
      program_.run("--preset-path mine sweep scale_add --device static:rtx4090 --worker 'exit 3'");
  EXPECT_NE(finished.code, 0);
  EXPECT_THAT(finished.err, AllOf(StartsWith("error: no kernels can be compiled: "), Not(HasSubstr("\nerror"))));
}

TEST_F(StaticSweep, ARunAsCsvIsAFileOfASweepToo) {
  const Finished finished =
      program_.run("-q sweep layernorm_gelu_scale --device replay:h200 --db :memory: --budget 5 --csv run.csv");
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(program_.read("run.csv"), HasSubstr("variant"));
  const std::string csv = program_.read("run.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
}

TEST_F(StaticSweep, ExportForATargetLeavesOutWhatSpillsThere) {
  const std::string recording =
      std::string(FUSELINE_SOURCE_DIR) + "/presets/recordings/h200/layernorm_gelu_scale.f32.kernelbench.t4.json";
  const auto result = [&](const std::string& script) {
    const std::string file = program_.write("script.json", script);
    const Finished finished =
        program_.run("export " + recording +
                     " --format json --target l4 --worker '" FUSELINE_BIN_DIR "/scripted_worker " + file + "'");
    EXPECT_EQ(finished.code, 0) << finished.err;
    return nlohmann::json::parse(finished.out, nullptr, false);
  };
  const auto plain = result("{}");
  EXPECT_EQ(plain["target"]["fits"], true);
  EXPECT_EQ(plain["target"]["projected"]["spill_bytes"], 0);
  const auto spills = result(R"({"spills": {"row_group": 8}})");
  EXPECT_EQ(spills["target"]["fits"], plain["best"]["variant"] != "row_group");
  EXPECT_NE(spills["target"]["ranking"]["first"]["variant"], "row_group");
  const Finished refused = program_.run("export " + recording + " --format csv --worker 'exit 3'");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--worker: compiles for packages and for a --target"));
  const Finished unknown = program_.run("export " + recording + " --format json --target l4 --worker 'exit 3'");
  EXPECT_EQ(unknown.code, 0) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("warning: whether configurations spill on NVIDIA L4 is not known"));
}

}  // namespace
}  // namespace fuseline::app
