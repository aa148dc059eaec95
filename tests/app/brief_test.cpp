// fuseline export --format brief from the command line.
#include <gmock/gmock.h>

#include "tests/app/program.hpp"

namespace fuseline::app {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(BriefFile, IsWrittenOfAReplayedSweep) {
  const Program program;
  const Finished swept = program.run("-q sweep swiglu --device replay:h200");
  ASSERT_EQ(swept.code, 0) << swept.err;
  const Finished exported = program.run("export --format brief --target l4 -o brief.md");
  ASSERT_EQ(exported.code, 0) << exported.err;
  const std::string text = program.read("brief.md");
  EXPECT_THAT(text, StartsWith("# swiglu: "));
  EXPECT_THAT(text, HasSubstr("Replayed from the recording h200"));
  EXPECT_THAT(text, HasSubstr("The target is the NVIDIA L4."));
  EXPECT_THAT(text, HasSubstr("## What was tried"));
}

TEST(BriefFile, OptionsOfPackagesAreRefused) {
  const Program program;
  const Finished refused = program.run("export --format brief --cc 80 -o brief.md");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("belong to packages"));
  EXPECT_THAT(program.run("export --format brie").err, HasSubstr("did you mean brief?"));
}

}  // namespace
}  // namespace fuseline::app
