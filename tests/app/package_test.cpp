// fuseline export --format torch and --format cpp from start to folder, with a scripted worker that makes up images.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/app/program.hpp"

namespace fuseline::app {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Packaged : public ::testing::Test {
 protected:
  [[nodiscard]] std::string worker(const std::string& script) const {
    const std::string file = program_.write("script" + std::to_string(++scripts_) + ".json", script);
    return " --worker '" FUSELINE_BIN_DIR "/scripted_worker " + file + "'";
  }
  [[nodiscard]] static std::string recording(const std::string& name) {
    return std::string(FUSELINE_SOURCE_DIR) + "/presets/recordings/h200/" + name + ".kernelbench.t4.json";
  }
  Program program_;
  mutable int scripts_ = 0;
};

TEST_F(Packaged, SeveralRunsGoIntoOneFolder) {
  const Finished finished =
      program_.run("export " + recording("layernorm_gelu_scale.f32") + " " + recording("layernorm_gelu_scale.bf16") +
                   " --format torch -o fused_ops --cc 86" + worker("{}"));
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.out, IsEmpty());
  EXPECT_THAT(finished.err, HasSubstr("fused_ops: 6 entries written, 12 images in all"));
  EXPECT_THAT(program_.read("fused_ops/SHA256SUMS"), HasSubstr("  wisdom.json\n"));
  EXPECT_THAT(program_.read("fused_ops/README.md"), HasSubstr("layernorm_gelu_scale(x, gamma, beta, eps=1e-05"));
}

TEST_F(Packaged, UntunedShapesRunFewConfigurationsWhereAsked) {
  const std::string runs =
      std::string(FUSELINE_SOURCE_DIR) + "/presets/recordings/h200/rmsnorm_residual.bf16.*.t4.json";
  for (const std::string kind : {"torch", "cpp"}) {
    const std::string folder = "fused_" + kind;
    const Finished finished =
        program_.run(fmt::format("export {} --format {} -o {} --distil 1{}", runs, kind, folder, worker("{}")));
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_THAT(program_.read(folder + "/wisdom.json"), HasSubstr("\"untuned\""));
    EXPECT_THAT(program_.read(folder + "/README.md"), HasSubstr("few configurations that serve all"));
  }
  EXPECT_EQ(program_.read("fused_torch/wisdom.json"), program_.read("fused_cpp/wisdom.json"));
}

TEST_F(Packaged, TheSameRunsGoIntoALibraryOfCpp) {
  const Finished finished =
      program_.run("export " + recording("layernorm_gelu_scale.f32") + " --format cpp -o fused_ops" + worker("{}"));
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("fused_ops: 2 entries written, 4 images in all"));
  EXPECT_THAT(program_.read("fused_ops/fused_ops.hpp"), HasSubstr("Status layernorm_gelu_scale("));
  const Finished other =
      program_.run("export " + recording("layernorm_gelu_scale.f32") + " --format torch -o fused_ops" + worker("{}"));
  EXPECT_NE(other.code, 0);
  EXPECT_THAT(other.err, HasSubstr("the folder holds a package of --format cpp"));
}

TEST_F(Packaged, WhatIsWrongIsSaidOnceAndNothingIsWritten) {
  const std::string run = recording("layernorm_gelu_scale.f32");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"export " + run + " --format torch", "--format torch writes a folder: name it by -o"},
      {"export " + run + " " + run + " --format csv", "--format csv writes one run; 2 are named"},
      {"export " + run + " --format csv --cc 89", "belong to packages"},
      {"export " + run + " --format csv --distil 2", "belong to packages"},
      {"export " + run + " --format torch -o ops --distil 0", "--distil"},
      {"export " + run + " --format torhc -o ops", "did you mean torch?"},
      {"export " + run + " --format torch -o fused-ops", "'fused-ops' is no name in Python"},
      {"export " + run + " --format cpp -o fused-ops", "'fused-ops' cannot be a namespace and a target of CMake"},
      {"export " + run + " --format torch -o ops --cc 61", "no data sheet of compute capability 61"},
      {"export " + run + " --format torch -o ops --cc x", "--cc"},
      {"export " + run + " --format torch -o ops --target rtx", "rtx"},
      {"export " + run + " --format torch -o ops --worker /nowhere/worker", "no kernels can be compiled"},
      {"export " + run + " --format torch -o ops" + worker(R"({"protocol": 1})"), "the worker speaks protocol 1"},
      {"export " + run + " --format torch -o ops" + worker(R"({"refuse_build": "NVRTC is not there"})"),
       "layernorm_gelu_scale f32 for sm_90: NVRTC is not there"},
  };
  for (const auto& [command, text] : cases) {
    const Finished finished = program_.run(command);
    EXPECT_NE(finished.code, 0) << command;
    EXPECT_THAT(finished.err, HasSubstr(text)) << command;
    EXPECT_THAT(finished.out, IsEmpty()) << command;
    EXPECT_FALSE(std::filesystem::exists(program_.path("ops"))) << command;
  }
}

}  // namespace
}  // namespace fuseline::app
