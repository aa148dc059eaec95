// fuseline new, and fuseline problems with what it wrote.
#include <gmock/gmock.h>

#include "tests/app/program.hpp"

namespace fuseline::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(New, AFolderIsMadeAndIsRefusedUntilAllIsDecided) {
  const Program program;
  program.write("k.cu",
                "extern \"C\" __global__ void add(const float* x, float* out, int n) { out[blockDim.x] = x[n]; }\n");
  const Finished made = program.run("new mine --from k.cu");
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, AllOf(StartsWith("mine: problem.json add.json reference.cu add.cu"),
                              HasSubstr("add.json /launches/0/grid/0: how many blocks")));
  EXPECT_EQ(program.read("mine/add.cu"), program.read("k.cu"));
  const Finished open = program.run("problems mine --preset-path mine");
  EXPECT_EQ(open.code, 2);
  EXPECT_THAT(open.err, HasSubstr("reference.cu: line 4 is to be decided"));
  const Finished again = program.run("new mine --from k.cu");
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("is there already"));
  // What a person would do.
  const auto replaced = [&](const std::string& file, const std::string& from, const std::string& to) {
    std::string text = program.read(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << file;
    program.write(file, text.replace(at, text.find_first_of("\"\n", at) - at, to));
  };
  replaced("mine/reference.cu", "#error", "");
  replaced("mine/add.json", "decide: how many", "cdiv(n, block)");
  const Finished listed = program.run("problems mine --preset-path mine --list --limit 2");
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(listed.out, "add block=64\nadd block=128\n");
}

TEST(New, WhatIsMissingIsSaid) {
  const Program program;
  EXPECT_EQ(program.run("new mine").code, 2);
  const Finished none = program.run("new mine --from nothing.cu");
  EXPECT_EQ(none.code, 2);
  EXPECT_THAT(none.err, HasSubstr("nothing.cu"));
}

}  // namespace
}  // namespace fuseline::app
