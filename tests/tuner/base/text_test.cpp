#include "tuner/base/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fuseline::tuner {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Printable, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(printable("a\\b: größer, 3 µs, 日本 🚀"), "a\\b: größer, 3 µs, 日本 🚀");
}

TEST(Printable, ShowsTerminalEscapes) {
  EXPECT_EQ(printable("\x1b[2J\x1b]0;title\x07"), "\\x1B[2J\\x1B]0;title\\x07");
  EXPECT_EQ(printable("\x7f"), "\\x7F");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, ShowsEightBitControlsBothRawAndEncoded) {
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9B31m");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xC2\\x9B31m");
}

TEST(Printable, ShowsCharactersThatReorderText) { EXPECT_EQ(printable("a\u202Eb"), "a\\xE2\\x80\\xAEb"); }

TEST(Printable, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("\xff\xfe"), "\\xFF\\xFE");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xC0\\xAF");           // overlong '/'
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xED\\xA0\\x80");  // surrogate
  EXPECT_EQ(printable("x\xe2\x82"), "x\\xE2\\x82");         // cut short
}

TEST(Printable, KeepsTabsAndLineEndsInMultilineTextOnly) {
  EXPECT_EQ(printable("a\tb\r\nc"), "a\\x09b\\x0D\\x0Ac");
  EXPECT_EQ(printable("a\tb\r\nc\n", true), "a\tb\r\nc\n");
}

TEST(Printable, LoneCarriageReturnCannotOverwriteALine) { EXPECT_EQ(printable("bad\rgood", true), "bad\\x0Dgood"); }

TEST(EscapeXml, EscapesMarkupAndDropsWhatXmlForbids) {
  EXPECT_EQ(escape_xml("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&apos;&amp;&apos;&lt;/a&gt;");
  EXPECT_EQ(escape_xml(std::string_view("a\0\x1b\xff\xef\xbf\xbe"
                                        "b\n\t",
                                        10)),
            "ab\n\t");
  EXPECT_EQ(escape_xml("µs"), "µs");
}

TEST(Sha256, MatchesTheVectorsOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Base64, BytesSurvive) {
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + size);
    const std::string text = to_base64(bytes);
    EXPECT_EQ(text.size(), (size + 2) / 3 * 4);
    EXPECT_EQ(from_base64(text), bytes) << size;
  }
}

TEST(Base64, WhatIsNoneIsRefused) {
  for (const char* text : {"A", "AA", "AAA", "A===", "====", "AA=A", "AAAA=AAA", "AAA\n", "AA==\n", "AA-_", " AAA"})
    EXPECT_FALSE(from_base64(text)) << text;
  EXPECT_FALSE(from_base64(std::string("AA\0A", 4)));
}

TEST(Utf8, IsToldFromOtherBytes) {
  for (const char* text : {"", "plain", "caf\xc3\xa9", "\xf0\x9f\x99\x82"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\xff", "caf\xe9", "\xc3", "\xed\xa0\x80"}) EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(IsIdentifier, AcceptsLettersDigitsAndUnderscoresOnly) {
  EXPECT_TRUE(is_identifier("_a9"));
  for (const char* text : {"", "9a", "a-b", "a b", "é", "a\n"}) EXPECT_FALSE(is_identifier(text)) << text;
}

TEST(Closest, FindsMisspelledSwappedAndMiscasedNames) {
  const std::vector<std::string> names{"layernorm_gelu_scale", "softmax_bias_scale_sigmoid", "f32", "f16", "bf16"};
  EXPECT_THAT(closest("layernrom_gelu_scale", names), ElementsAre("layernorm_gelu_scale"));
  EXPECT_THAT(closest("F32", names), ElementsAre("f32"));
  EXPECT_THAT(closest("softmax", names), ElementsAre("softmax_bias_scale_sigmoid"));
  EXPECT_THAT(closest("conv", names), IsEmpty());
  EXPECT_THAT(closest("", names), IsEmpty());
}

TEST(Closest, GivesThreeAtMostTheNearestFirst) {
  EXPECT_THAT(closest("abcdef", {"abcxyf", "abcdxf", "abcdef", "abcdeg"}), ElementsAre("abcdef", "abcdxf", "abcdeg"));
}

TEST(Closest, IgnoresWordsTooLongToCompare) {
  EXPECT_THAT(closest(std::string(100000, 'a'), {std::string(100000, 'a')}), IsEmpty());
}

}  // namespace
}  // namespace fuseline::tuner
