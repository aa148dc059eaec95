#include "tuner/formats/formats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/tuner/support/sample_run.hpp"

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;

TEST(Formats, EachWritesARunThatWorked) {
  for (const Format& format : formats()) {
    const auto text = format.write(testing::sample_run());
    ASSERT_TRUE(text) << format.id << ": " << text.error().message();
    EXPECT_GT(text->size(), 200U) << format.id;
    EXPECT_EQ(text->back(), '\n') << format.id;
  }
}

TEST(Formats, HaveNamesAndEndingsOfTheirOwn) {
  std::set<std::string> ids, endings, titles;
  for (const Format& format : formats()) {
    EXPECT_TRUE(ids.insert(format.id).second) << format.id;
    EXPECT_TRUE(endings.insert(format.ending).second) << format.ending;
    EXPECT_TRUE(titles.insert(format.title).second) << format.title;
    EXPECT_EQ(format.ending.front(), '.') << format.id;
    EXPECT_THAT(formats_help(), HasSubstr(format.id + " (" + format.title + ")"));
  }
}

TEST(Formats, AreFoundByTheirNameAndTheOneBefore) {
  for (const Format& format : formats()) EXPECT_EQ(format_named(format.id).value()->id, format.id);
  EXPECT_EQ(format_named("convergence").value()->id, "convergence-csv");
  EXPECT_FALSE(format_named(""));
}

TEST(Formats, AnUnknownNameIsAnErrorWithThoseThatAreClose) {
  EXPECT_EQ(format_named("cvs").error().reason,
            "there is no format 'cvs' (did you mean csv?); there are json, t4, csv, convergence-csv, ncu, "
            "kernel-tuner");
  EXPECT_THAT(format_named("x\x1b[2J").error().reason, HasSubstr("'x\\x1B[2J'"));
}

}  // namespace
}  // namespace fuseline::tuner
