#include "app/gui/models/text_diff.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace fuseline::app::gui {
namespace {

std::string shown(const std::vector<DiffLine>& lines) {
  std::string text;
  for (const DiffLine& line : lines) {
    text += line.kind == DiffLine::Kind::removed ? '-' : line.kind == DiffLine::Kind::added ? '+' : ' ';
    text += std::string(line.text) + "\n";
  }
  return text;
}

std::size_t differences(const std::vector<DiffLine>& lines) {
  return static_cast<std::size_t>(std::count_if(
      lines.begin(), lines.end(), [](const DiffLine& line) { return line.kind != DiffLine::Kind::same; }));
}

TEST(TextDiff, RemovedAndAddedLinesStandWhereTheyAre) {
  const auto lines = diff_lines("a\nb\nc\nd\n", "a\nx\nc\nd\ne");
  EXPECT_EQ(shown(lines), " a\n-b\n+x\n c\n d\n+e\n");
  EXPECT_EQ(lines[2].after, 2U);
  EXPECT_EQ(lines[2].before, 0U);
  EXPECT_EQ(lines[3].before, 3U);
  EXPECT_EQ(shown(diff_lines("", "a\n")), "+a\n");
  EXPECT_EQ(shown(diff_lines("a\r\nb", "a\nb\n")), " a\n b\n") << "ends of lines are none of the text";
  EXPECT_TRUE(diff_lines("", "").empty());
}

TEST(TextDiff, TheExampleOfThePaperTakesFiveEdits) {
  EXPECT_EQ(differences(diff_lines("a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc")), 5U);
}

TEST(TextDiff, EitherTextIsInTheDifferenceWholeAndItIsAShortestOne) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> a(random() % 12), b(random() % 12);
    for (auto* text : {&a, &b}) {
      for (std::string& line : *text) line = std::string(1, static_cast<char>('a' + random() % 3));
    }
    const auto joined = [](const std::vector<std::string>& text) {
      std::string all;
      for (const std::string& line : text) all += line + "\n";
      return all;
    };
    // Length of the longest common sequence by the textbook's table.
    std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1, 0));
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t k = 0; k < b.size(); ++k)
        table[i + 1][k + 1] = a[i] == b[k] ? table[i][k] + 1 : std::max(table[i][k + 1], table[i + 1][k]);
    }
    const std::string before = joined(a), after = joined(b);
    const auto lines = diff_lines(before, after);
    std::string back, forth;
    for (const DiffLine& line : lines) {
      if (line.kind != DiffLine::Kind::added) back += std::string(line.text) + "\n";
      if (line.kind != DiffLine::Kind::removed) forth += std::string(line.text) + "\n";
    }
    EXPECT_EQ(back, before);
    EXPECT_EQ(forth, after);
    EXPECT_EQ(differences(lines), a.size() + b.size() - 2 * table[a.size()][b.size()]) << before << "---\n" << after;
  }
}

TEST(TextDiff, TooManyDifferencesAreGivenUpBetweenTheEnds) {
  const auto lines = diff_lines("first\na\nb\nc\nlast\n", "first\nx\nb\ny\nlast\n", 2);
  EXPECT_EQ(shown(lines), " first\n-a\n-b\n-c\n+x\n+b\n+y\n last\n");
}

TEST(TextDiff, LinesFarFromAnyDifferenceAreLeftOut) {
  std::string before, after;
  for (int i = 0; i < 20; ++i) before += std::to_string(i) + "\n", after += (i == 10 ? "x" : std::to_string(i)) + "\n";
  EXPECT_EQ(shown(with_context(diff_lines(before, after), 2)), " \n 8\n 9\n-10\n+x\n 11\n 12\n \n");
}

}  // namespace
}  // namespace fuseline::app::gui
