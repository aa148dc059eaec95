#include "tuner/session/triton_import.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/environment_variable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tuner/base/files.hpp"
#include "tuner/session/reference_options.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class TritonImports : public ::testing::Test {
 protected:
  TritonImports() {
    folder_.write("mine.py", "");
    folder_.write("reference.py", "");
    request_.file = (folder_.path() / "mine.py").string();
    request_.reference = (folder_.path() / "reference.py").string();
    request_.output = "own";
  }

  [[nodiscard]] Json asked() const {
    const auto command = triton_import_command(request_, "/data");
    EXPECT_TRUE(command) << command.error().message();
    return command ? Json::parse(command->back()) : Json();
  }
  [[nodiscard]] std::string refused() const {
    const auto command = triton_import_command(request_, "/data");
    return command ? "" : command.error().message();
  }

  TemporaryFolder folder_;
  TritonImport request_;
};

TEST_F(TritonImports, ArePythonsWithTheScriptOfTheDataFolder) {
  const EnvironmentVariable unset("FUSELINE_PYTHON", "");
  const auto command = triton_import_command(request_, "/data");
  ASSERT_TRUE(command) << command.error().message();
  ASSERT_EQ(command->size(), 3U);
  EXPECT_EQ(command->at(0), "python3");
  EXPECT_EQ(command->at(1), "/data/assets/triton/import_triton.py");
  const EnvironmentVariable named("FUSELINE_PYTHON", "/opt/python");
  EXPECT_EQ(triton_import_command(request_, "/data")->at(0), "/opt/python");
}

TEST_F(TritonImports, TakeThePythonOfTheEnvironmentThatTheProgramIsInstalledIn) {
  const EnvironmentVariable unset("FUSELINE_PYTHON", "");
  const auto programs = folder_.path() / "env" / "bin";
  ASSERT_TRUE(make_folder(programs));
  ASSERT_TRUE(write_file(programs / "python3", ""));
  EXPECT_EQ(user_python(programs), "python3") << "as of /usr/bin: the one that is active";
  ASSERT_TRUE(write_file(folder_.path() / "env" / "pyvenv.cfg", ""));
  EXPECT_EQ(user_python(programs), programs / "python3");
  const EnvironmentVariable named("FUSELINE_PYTHON", "/opt/python");
  EXPECT_EQ(user_python(programs), "/opt/python");
}

TEST_F(TritonImports, SayEverythingThatWasAskedFor) {
  request_.dtypes = {"bf16", "f32", "bf16"};
  request_.capabilities = {89};
  request_.keep = {"BLOCK"};
  const Json usual = asked();
  EXPECT_EQ(usual.at("file"), request_.file);
  EXPECT_EQ(usual.at("output"), "own");
  EXPECT_EQ(usual.at("dtypes"), Json::parse(R"(["bf16", "f32"])"));
  EXPECT_EQ(usual.at("tolerance"), Json::parse(R"({"bf16": [0.01, 0.01], "f32": [0.0001, 0.0001]})"));
  EXPECT_EQ(usual.at("capabilities"), Json::parse("[89]"));
  EXPECT_EQ(usual.at("keep"), Json::parse(R"(["BLOCK"])"));
  request_.dtypes = {"all"};
  request_.tolerance = {1e-3};
  EXPECT_EQ(asked().at("dtypes").size(), 3U);
  EXPECT_EQ(asked().at("tolerance").at("f16"), Json::parse("[0.001, 0.001]"));
  request_.tolerance = {1e-3, 0};
  EXPECT_EQ(asked().at("tolerance").at("f16"), Json::parse("[0.001, 0.0]"));
}

TEST_F(TritonImports, RefuseWhatIsNoFileDtypeOrTolerance) {
  request_.dtypes = {"f8"};
  EXPECT_THAT(refused(), HasSubstr("--dtype: 'f8' is no data type: write f32, f16 or bf16"));
  request_.dtypes = {};
  for (const std::vector<double>& wrong : {std::vector<double>{1}, {-1e-3}, {0, 0, 0}}) {
    request_.tolerance = wrong;
    EXPECT_THAT(refused(), HasSubstr("--tolerance: "));
  }
  request_.tolerance = {};
  request_.reference = folder_.path().string();
  EXPECT_THAT(refused(), HasSubstr("no such file (a folder)"));
  request_.reference = "missing.py";
  EXPECT_THAT(refused(), HasSubstr("missing.py: no such file (--reference)"));
}

}  // namespace
}  // namespace fuseline::tuner
