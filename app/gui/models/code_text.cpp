#include "app/gui/models/code_text.hpp"

#include <algorithm>

namespace fuseline::app::gui {
namespace {

constexpr std::size_t kTab = 4;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string without_tabs(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  std::size_t column = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    if (c == '\r' && (i + 1 == source.size() || source[i + 1] == '\n')) continue;
    if (c == '\t') {
      const std::size_t blanks = kTab - column % kTab;
      text.append(blanks, ' ');
      column += blanks;
      continue;
    }
    text += c;
    const bool goes_on = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // Of a character of several bytes.
    if (!goes_on) ++column;
    if (c == '\n') column = 0;
  }
  return text;
}

}  // namespace

CodeText::CodeText(std::string_view source) : text_(without_tabs(source)) {
  lay_out();
  place_tokens(cuda_tokens(text_));
}

void CodeText::lay_out() {
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    lines_.push_back({begin, end, 0, 0});
    longest_ = std::max(longest_, end - begin);
    begin = end + 1;
  }
}

void CodeText::place_tokens(const std::vector<Token>& whole) {
  std::size_t next = 0;
  for (CodeLine& line : lines_) {
    line.first_token = tokens_.size();
    while (next < whole.size() && whole[next].end <= line.begin) ++next;
    for (std::size_t i = next; i < whole.size() && whole[i].begin < line.end; ++i)
      tokens_.push_back({std::max(whole[i].begin, line.begin), std::min(whole[i].end, line.end), whole[i].kind});
    line.tokens = tokens_.size() - line.first_token;
  }
}

std::vector<CodeMatch> CodeText::find(std::string_view query) const {
  std::vector<CodeMatch> found;
  if (query.empty()) return found;
  const bool exact = std::any_of(query.begin(), query.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  const auto same = [exact](char in_text, char asked) { return (exact ? in_text : lower(in_text)) == asked; };
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const auto last = text_.begin() + static_cast<std::ptrdiff_t>(lines_[i].end);
    auto from = text_.begin() + static_cast<std::ptrdiff_t>(lines_[i].begin);
    while (true) {
      const auto at = std::search(from, last, query.begin(), query.end(), same);
      if (at == last) break;
      const auto begin = static_cast<std::size_t>(at - text_.begin());
      found.push_back({i, begin, begin + query.size()});
      from = at + static_cast<std::ptrdiff_t>(query.size());
    }
  }
  return found;
}

}  // namespace fuseline::app::gui
