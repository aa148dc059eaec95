#include "app/gui/models/cuda_lexer.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace fuseline::app::gui {
namespace {

constexpr auto kKeywords = std::to_array<std::string_view>({"__constant__",
                                                            "__device__",
                                                            "__forceinline__",
                                                            "__global__",
                                                            "__grid_constant__",
                                                            "__host__",
                                                            "__launch_bounds__",
                                                            "__managed__",
                                                            "__noinline__",
                                                            "__restrict__",
                                                            "__shared__",
                                                            "alignas",
                                                            "alignof",
                                                            "asm",
                                                            "auto",
                                                            "bool",
                                                            "break",
                                                            "case",
                                                            "catch",
                                                            "char",
                                                            "char16_t",
                                                            "char32_t",
                                                            "class",
                                                            "concept",
                                                            "const",
                                                            "const_cast",
                                                            "consteval",
                                                            "constexpr",
                                                            "constinit",
                                                            "continue",
                                                            "decltype",
                                                            "default",
                                                            "delete",
                                                            "do",
                                                            "double",
                                                            "dynamic_cast",
                                                            "else",
                                                            "enum",
                                                            "explicit",
                                                            "extern",
                                                            "false",
                                                            "float",
                                                            "for",
                                                            "friend",
                                                            "goto",
                                                            "half",
                                                            "if",
                                                            "inline",
                                                            "int",
                                                            "int16_t",
                                                            "int32_t",
                                                            "int64_t",
                                                            "int8_t",
                                                            "long",
                                                            "mutable",
                                                            "namespace",
                                                            "new",
                                                            "noexcept",
                                                            "nullptr",
                                                            "operator",
                                                            "private",
                                                            "protected",
                                                            "public",
                                                            "reinterpret_cast",
                                                            "requires",
                                                            "return",
                                                            "short",
                                                            "signed",
                                                            "sizeof",
                                                            "static",
                                                            "static_assert",
                                                            "static_cast",
                                                            "struct",
                                                            "switch",
                                                            "template",
                                                            "this",
                                                            "throw",
                                                            "true",
                                                            "try",
                                                            "typedef",
                                                            "typename",
                                                            "uint16_t",
                                                            "uint32_t",
                                                            "uint64_t",
                                                            "uint8_t",
                                                            "union",
                                                            "unsigned",
                                                            "using",
                                                            "virtual",
                                                            "void",
                                                            "volatile",
                                                            "while",
                                                            "wchar_t"});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
bool is_sign(char c) { return c == '+' || c == '-'; }

bool is_keyword(std::string_view word) {
  static const std::vector<std::string_view> sorted = [] {
    std::vector<std::string_view> words(kKeywords.begin(), kKeywords.end());
    std::sort(words.begin(), words.end());
    return words;
  }();
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) step();
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char here(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void take(std::size_t end, TokenKind kind) {
    tokens_.push_back({at_, end, kind});
    at_ = end;
  }

  void step() {
    const char c = here();
    if (c == '\n') {
      begins_line_ = true;
      ++at_;
      return;
    }
    if (is_blank(c)) {
      ++at_;
      return;
    }
    const bool first = std::exchange(begins_line_, false);
    if (c == '/' && here(1) == '/') return take(line_end(at_), TokenKind::comment);
    if (c == '/' && here(1) == '*') return take(after("*/", at_ + 2), TokenKind::comment);
    if (c == '#' && first) return directive();
    if (c == '"' || c == '\'') return take(quoted_end(at_), TokenKind::string);
    if (is_digit(c) || (c == '.' && is_digit(here(1)))) return take(number_end(), TokenKind::number);
    if (is_letter(c)) return word();
    ++at_;
  }

  /// Of a comment or a line that a backslash continues.
  [[nodiscard]] std::size_t line_end(std::size_t from) const {
    std::size_t end = text_.find('\n', from);
    while (end != std::string_view::npos && is_continued(end)) end = text_.find('\n', end + 1);
    return std::min(end, text_.size());
  }
  [[nodiscard]] bool is_continued(std::size_t line_break) const {
    const std::size_t last = line_break > 0 && text_[line_break - 1] == '\r' ? 2 : 1;
    return line_break >= last && text_[line_break - last] == '\\';
  }
  [[nodiscard]] std::size_t after(std::string_view what, std::size_t from) const {
    const std::size_t found = text_.find(what, from);
    return found == std::string_view::npos ? text_.size() : found + what.size();
  }

  void directive() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && is_blank(text_[end])) ++end;
    const std::size_t name = end;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    const bool include = text_.substr(name, end - name) == "include";
    take(end, TokenKind::directive);
    if (!include) return;
    while (is_blank(here())) ++at_;
    if (here() != '<') return;
    const std::size_t close = text_.find_first_of(">\n", at_);
    if (close != std::string_view::npos && text_[close] == '>') take(close + 1, TokenKind::string);
  }

  /// A string or character that is left open ends with its line.
  [[nodiscard]] std::size_t quoted_end(std::size_t from) const {
    const char quote = text_[from];
    for (std::size_t i = from + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      } else if (text_[i] == '\n') {
        return i;
      }
    }
    return text_.size();
  }

  /// R"mark( ... )mark"; `from` is at the quote.
  [[nodiscard]] std::size_t raw_end(std::size_t from) const {
    constexpr std::size_t kLongestMark = 16;
    const std::size_t open = text_.find('(', from);
    if (open == std::string_view::npos || open - from - 1 > kLongestMark) return quoted_end(from);
    return after(")" + std::string(text_.substr(from + 1, open - from - 1)) + "\"", open + 1);
  }

  /// As the preprocessor reads numbers: 0x1p-3f, 1'000, 1.5e+3f.
  [[nodiscard]] std::size_t number_end() const {
    std::size_t end = at_;
    while (end < text_.size()) {
      const char c = text_[end], next = end + 1 < text_.size() ? text_[end + 1] : '\0';
      const bool exponent = c == 'e' || c == 'E' || c == 'p' || c == 'P';
      const bool separator = c == '\'' && (is_letter(next) || is_digit(next));
      if ((exponent && is_sign(next)) || separator) {
        end += 2;
      } else if (is_letter(c) || is_digit(c) || c == '.') {
        ++end;
      } else {
        break;
      }
    }
    return end;
  }

  void word() {
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    const std::string_view name = text_.substr(at_, end - at_);
    const bool quote = end < text_.size() && text_[end] == '"';
    if (quote && (name == "R" || name == "LR" || name == "uR" || name == "UR" || name == "u8R"))
      return take(raw_end(end), TokenKind::string);
    if (is_given_macro(name)) return take(end, TokenKind::parameter);
    if (is_keyword(name)) return take(end, TokenKind::keyword);
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool begins_line_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> cuda_tokens(std::string_view text) { return Lexer(text).run(); }

bool is_given_macro(std::string_view name) {
  return name.starts_with("PARAM_") || name.starts_with("DERIVED_") || name.starts_with("DIM_") ||
         name.starts_with("SCALAR_") || name.starts_with("FUSELINE_DTYPE_");
}

}  // namespace fuseline::app::gui
