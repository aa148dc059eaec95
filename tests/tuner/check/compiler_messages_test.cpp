// A compiler's log, message by message.
#include "tuner/check/compiler_messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fuseline::tuner {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CompilerMessages, HaveTheirPlacesAndWhatBelongsToThem) {
  const auto messages = compiler_messages(
      "k.cu(12): error: identifier \"foo\" is undefined\n"
      "      foo = 1;\n"
      "      ^\n"
      "\n"
      "common/x.cuh(3): warning #177-D: variable \"a(1): b\" was declared\n"
      "\n"
      "Remark: The warnings can be suppressed with \"-diag-suppress <warning-number>\"\n"
      "ptxas warning : Stack size cannot be determined\n"
      "ptxas info    : Used 22 registers\n"
      "    0 bytes stack frame\n"
      "1 error detected in the compilation of \"k.cu\".\n");
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].kind, MessageKind::error);
  EXPECT_EQ(messages[0].file, "k.cu");
  EXPECT_EQ(messages[0].line, 12);
  EXPECT_EQ(messages[0].text, "identifier \"foo\" is undefined");
  EXPECT_EQ(messages[0].detail, "      foo = 1;\n      ^\n");
  EXPECT_EQ(messages[1].kind, MessageKind::warning);
  EXPECT_EQ(messages[1].file, "common/x.cuh");
  EXPECT_EQ(messages[1].line, 3);
  EXPECT_THAT(messages[1].text, HasSubstr("a(1): b"));
  EXPECT_EQ(messages[2].line, 0);
  EXPECT_EQ(messages[2].text, "Stack size cannot be determined");
  EXPECT_THAT(messages[2].detail, IsEmpty());
}

TEST(CompilerMessages, AreNoneWhereTheTextIsNoLog) {
  EXPECT_THAT(compiler_messages(""), IsEmpty());
  EXPECT_THAT(compiler_messages("error: without a place\nk.cu(x): error: y\nk.cu(0): error: y\n(3): error: y"),
              IsEmpty());
  const auto escaped = compiler_messages("k\x1b.cu(3): error: \x1b[31mred");
  ASSERT_EQ(escaped.size(), 1U);
  EXPECT_EQ(escaped[0].file.find('\x1b'), std::string::npos);
  EXPECT_EQ(escaped[0].text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace fuseline::tuner
