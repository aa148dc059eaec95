// What is coloured in a source.
#include "app/gui/models/cuda_lexer.hpp"

#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "app/gui/models/code_text.hpp"

namespace fuseline::app::gui {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Word = std::pair<std::string, TokenKind>;

std::vector<Word> words(const std::string& text) {
  std::vector<Word> found;
  for (const Token& token : cuda_tokens(text))
    found.emplace_back(text.substr(token.begin, token.end - token.begin), token.kind);
  return found;
}

TEST(CudaLexer, TellsKeywordsNumbersAndMacrosOfTheConfigurationFromNames) {
  EXPECT_THAT(words("__global__ void f(const float* x) { x[0x1Fu] += PARAM_block * 1.5e-3f + y1; }"),
              ElementsAre(Word("__global__", TokenKind::keyword), Word("void", TokenKind::keyword),
                          Word("const", TokenKind::keyword), Word("float", TokenKind::keyword),
                          Word("0x1Fu", TokenKind::number), Word("PARAM_block", TokenKind::parameter),
                          Word("1.5e-3f", TokenKind::number)));
  EXPECT_THAT(words("1'000'000 + .5f + 0x1p-3f"),
              ElementsAre(Word("1'000'000", TokenKind::number), Word(".5f", TokenKind::number),
                          Word("0x1p-3f", TokenKind::number)));
  EXPECT_THAT(words("floating int_ MY_PARAM_x"), IsEmpty()) << "names that begin or end as keywords do";
}

TEST(CudaLexer, TakesCommentsAndStringsWhole) {
  EXPECT_THAT(words("a /* \"no\nstring\" */ // float\nint"),
              ElementsAre(Word("/* \"no\nstring\" */", TokenKind::comment), Word("// float", TokenKind::comment),
                          Word("int", TokenKind::keyword)));
  EXPECT_THAT(words("// goes \\\non\nint"),
              ElementsAre(Word("// goes \\\non", TokenKind::comment), Word("int", TokenKind::keyword)));
  EXPECT_THAT(words(R"(s = "a \" // b"; c = '\'';)"),
              ElementsAre(Word(R"("a \" // b")", TokenKind::string), Word(R"('\'')", TokenKind::string)));
  EXPECT_THAT(words("x = R\"ptx(mov \" )\" )ptx\"; int"),
              ElementsAre(Word("R\"ptx(mov \" )\" )ptx\"", TokenKind::string), Word("int", TokenKind::keyword)));
}

TEST(CudaLexer, ReadsDirectivesAndTheirFiles) {
  EXPECT_THAT(words("  # include <cuda_fp16.h>\n#include \"a.cuh\"\n#if DIM_N > 4 // x\na # b"),
              ElementsAre(Word("# include", TokenKind::directive), Word("<cuda_fp16.h>", TokenKind::string),
                          Word("#include", TokenKind::directive), Word("\"a.cuh\"", TokenKind::string),
                          Word("#if", TokenKind::directive), Word("DIM_N", TokenKind::parameter),
                          Word("4", TokenKind::number), Word("// x", TokenKind::comment)));
}

TEST(CudaLexer, WhatIsLeftOpenEndsWithTheLineOrTheText) {
  EXPECT_THAT(words("\"open\nint"), ElementsAre(Word("\"open", TokenKind::string), Word("int", TokenKind::keyword)));
  EXPECT_THAT(words("/* open"), ElementsAre(Word("/* open", TokenKind::comment)));
  EXPECT_THAT(words("R\"open"), ElementsAre(Word("R\"open", TokenKind::string)));
  EXPECT_THAT(words("#include <open\nint"),
              ElementsAre(Word("#include", TokenKind::directive), Word("int", TokenKind::keyword)));
  // Any bytes at all: tokens stay within the text, in order.
  std::string bytes;
  for (int i = 0; i < 4096; ++i) bytes += static_cast<char>((i * 7919 + i / 13) & 0xff);
  std::size_t last = 0;
  for (const Token& token : cuda_tokens(bytes)) {
    EXPECT_GE(token.begin, last);
    EXPECT_GT(token.end, token.begin);
    last = token.end;
  }
  EXPECT_LE(last, bytes.size());
}

TEST(CodeText, IsLaidOutInLinesWithTheirWords) {
  const CodeText code("int\ta;\r\n/* over\nlines */ x\n\nend");
  ASSERT_EQ(code.lines().size(), 5U);
  EXPECT_EQ(code.line(0), "int a;");
  EXPECT_EQ(code.line(2), "lines */ x");
  EXPECT_EQ(code.line(3), "");
  EXPECT_EQ(code.line(4), "end");
  EXPECT_EQ(code.longest(), 10U);
  ASSERT_EQ(code.lines()[2].tokens, 1U);
  const Token& rest = code.tokens()[code.lines()[2].first_token];
  EXPECT_EQ(code.text().substr(rest.begin, rest.end - rest.begin), "lines */") << "cut at the end of the line";
  EXPECT_EQ(rest.kind, TokenKind::comment);
  EXPECT_TRUE(CodeText("").lines().empty());
}

TEST(CodeText, FindsSmallLettersAsCapitalsToo) {
  const CodeText code("Block block\nBLOCK blockblock\n");
  EXPECT_EQ(code.find("block").size(), 5U);
  EXPECT_EQ(code.find("Block").size(), 1U);
  EXPECT_EQ(code.find("block")[1], (CodeMatch{0, 6, 11}));
  EXPECT_THAT(code.find(""), IsEmpty());
  EXPECT_THAT(code.find("k\nB"), IsEmpty()) << "lines are looked through one by one";
}

}  // namespace
}  // namespace fuseline::app::gui
