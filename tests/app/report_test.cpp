// fuseline report from the command line.
#include <gmock/gmock.h>

#include "tests/app/program.hpp"

namespace fuseline::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ReportFile, IsWrittenOfReplayedSweeps) {
  const Program program;
  for (const char* dtype : {"f32", "f16"}) {
    const Finished swept = program.run(std::string("-q sweep swiglu --device replay:h200 --dtype ") + dtype);
    ASSERT_EQ(swept.code, 0) << swept.err;
  }
  const Finished one = program.run("report --target l4 -o report.html");
  ASSERT_EQ(one.code, 0) << one.err;
  const std::string page = program.read("report.html");
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, HasSubstr("swiglu: f16"));
  EXPECT_THAT(page, HasSubstr("projected on L4"));
  EXPECT_THAT(page, HasSubstr("fuseline sweep swiglu"));
  EXPECT_EQ(program.run("report --target l4 -o -").out, page);
  const Finished two = program.run("report 1 2 -o -");
  ASSERT_EQ(two.code, 0) << two.err;
  EXPECT_THAT(two.out, HasSubstr("<h1>2 runs</h1>"));
}

TEST(ReportFile, BadInputIsOneClearError) {
  const Program program;
  EXPECT_THAT(program.run("report").err, HasSubstr("--output is required"));
  const Finished lost = program.run("report nothing.json -o x.html");
  EXPECT_EQ(lost.code, 2);
  EXPECT_THAT(lost.err, HasSubstr("nothing.json"));
  EXPECT_THAT(program.run("report -o /nonexistent/x.html").err, HasSubstr("/nonexistent/x.html: cannot be written"));
}

}  // namespace
}  // namespace fuseline::app
