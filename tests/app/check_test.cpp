// fuseline check from the command line.
#include <fmt/format.h>
#include <gmock/gmock.h>

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

class Checked : public ::testing::Test {
 protected:
  Checked() {
    std::filesystem::copy(std::string(FUSELINE_SOURCE_DIR) + "/tests/data/user_problem", program_.path("mine"),
                          std::filesystem::copy_options::recursive);
  }
  void replace(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = program_.read("mine/" + file);
    ASSERT_NE(text.find(from), std::string::npos);
    (void)program_.write("mine/" + file, text.replace(text.find(from), from.size(), to));
  }
  Program program_;
};

TEST_F(Checked, ACleanProblemIsSummedUp) {
  const Finished finished = program_.run("check mine --no-compile");
  EXPECT_EQ(finished.code, 0) << finished.err << finished.out;
  EXPECT_THAT(finished.out,
              AllOf(HasSubstr("scale_add strided"), HasSubstr("22"),
                    HasSubstr("where tile <= 1024: removes 24 of 288 (enough blocks"),
                    HasSubstr("nothing found, on sm_89 (NVIDIA GeForce RTX 4090) and sm_90 (NVIDIA H200); "
                              "nothing was compiled")));
  const Finished one = program_.run("check mine --no-compile --cc 90 --dtype f16 --shape small");
  EXPECT_EQ(one.code, 0);
  EXPECT_THAT(one.out, AllOf(HasSubstr("removes 2 of 24"), Not(HasSubstr("4090"))));
}

TEST_F(Checked, AFindingIsALineWithItsPlaceAndTheExitCodeIsTwo) {
  replace("strided.json", "cdiv(total, tile)", "total/(tile+1)");
  replace("strided.cu", "item < PARAM_items", "item < PARAM_itms");
  const Finished finished = program_.run("-q check mine --no-compile");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, IsEmpty());
  const std::string folder = std::filesystem::canonical(program_.path("mine")).string();
  EXPECT_THAT(finished.out, AllOf(StartsWith(folder + "/strided.cu:10: PARAM_itms stands for no parameter"),
                                  HasSubstr("\n" + folder + "/strided.json: /launches/0/grid/0: expression")));
}

TEST_F(Checked, TheSameGoesIntoJson) {
  replace("strided.json", "\"y\", \"alpha\", \"out\"", "\"y\", \"out\"");
  EXPECT_EQ(program_.run("check mine --no-compile --json found.json").code, 2);
  const auto json = tuner::read_json_file(program_.path("found.json"), {std::size_t{1} << 20, 32});
  ASSERT_TRUE(json) << json.error().message();
  const auto valid = tuner::validate_schema(*json, "check", "found.json");
  EXPECT_TRUE(valid) << valid.error().message();
  EXPECT_EQ(json->at("clean"), false);
  EXPECT_EQ(json->at("findings").at(0).at("kind"), "arguments");
  EXPECT_EQ(json->at("findings").at(0).at("path"), "/launches/0/args");
  EXPECT_EQ(json->at("problems").at(0).at("variants").at(0).at("spaces").size(), 12U);
}

TEST_F(Checked, WithoutACompilerThatIsSaidAndNothingElse) {
  const Finished finished = program_.run("check mine --worker 'exit 3'");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.err, AllOf(StartsWith("warning: no kernels can be compiled: "), HasSubstr("--no-compile")));
  EXPECT_THAT(finished.out, AllOf(HasSubstr("nothing found"), HasSubstr("not everything was compiled")));
  const auto json = nlohmann::json::parse(program_.run("-q check mine --worker 'exit 3' --json - --cc 90").out);
  EXPECT_EQ(json.at("clean"), false);
  EXPECT_THAT(json.at("findings"), IsEmpty());
  EXPECT_TRUE(json.contains("not_compiled"));
  EXPECT_TRUE(tuner::validate_schema(json, "check", "-"));
}

TEST_F(Checked, WrongArgumentsAreRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"check swiglo", "did you mean swiglu?"},
      {"check ./nowhere", "./nowhere: is no folder"},
      {"check mine --no-compile --dtype f8", "--dtype: 'f8' is no data type: write f32, f16 or bf16"},
      {"check mine --no-compile --shape huge", "scale_add has no shape \"huge\""},
      {"check mine --no-compile --cc 77", "--cc: there is no data sheet of compute capability 77"},
      {"check mine --at-most 0", "at-most"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = program_.run(arguments);
    EXPECT_EQ(finished.code, 2) << arguments;
    EXPECT_THAT(finished.err, HasSubstr(message)) << arguments;
    EXPECT_THAT(finished.out, IsEmpty()) << arguments;
  }
}

}  // namespace
}  // namespace fuseline::app
