// A source laid out to be shown: lines with their coloured words, worked out once for a text, and what is found in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "app/gui/models/cuda_lexer.hpp"

namespace fuseline::app::gui {

/// Bytes [begin, end) of CodeText::text(), without the line end, and which of its tokens lie on it.
struct CodeLine {
  std::size_t begin = 0, end = 0;
  std::size_t first_token = 0, tokens = 0;
};

/// Where something was found; lines count from 0.
struct CodeMatch {
  std::size_t line = 0, begin = 0, end = 0;
  friend bool operator==(const CodeMatch&, const CodeMatch&) = default;
};

class CodeText {
 public:
  /// Tabs become blanks up to the next column of four, and returns before line ends go.
  explicit CodeText(std::string_view source);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<CodeLine>& lines() const { return lines_; }
  /// Each lies on one line: what goes over several is cut at their ends.
  [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }
  [[nodiscard]] std::string_view line(std::size_t i) const {
    return std::string_view(text_).substr(lines_[i].begin, lines_[i].end - lines_[i].begin);
  }
  /// Bytes of the longest line: no fewer than it has columns.
  [[nodiscard]] std::size_t longest() const { return longest_; }
  /// In order, without overlaps. Small letters stand for capitals too, unless `query` has a capital.
  [[nodiscard]] std::vector<CodeMatch> find(std::string_view query) const;

 private:
  void lay_out();
  void place_tokens(const std::vector<Token>& whole);

  std::string text_;
  std::vector<CodeLine> lines_;
  std::vector<Token> tokens_;
  std::size_t longest_ = 0;
};

}  // namespace fuseline::app::gui
