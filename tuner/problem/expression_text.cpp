#include "tuner/problem/expression_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "tuner/base/text.hpp"
#include "tuner/problem/characters.hpp"
#include "tuner/problem/expression.hpp"

namespace fuseline::tuner {
namespace {

bool continues_name(char c) { return starts_name(c) || is_digit(c) || c == '.'; }

class Scanner {
 public:
  explicit Scanner(const std::string& text) : text_(text) {}

  Result<std::vector<ExpressionName>> scan() {
    if (text_.size() > kMaximumExpressionLength) {
      return bad_input(
          fmt::format("an expression of {} characters is longer than {}", text_.size(), kMaximumExpressionLength));
    }
    while (at_ < text_.size()) FUSELINE_CHECK(step());
    if (depth_ > 0) return fail("a closing parenthesis is missing");
    if (!any_) return bad_input("the expression is empty");
    return std::move(names_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> fail(const std::string& reason) const {
    return bad_input(
        fmt::format("expression \"{}\" does not parse: {} at position {}", printable(text_), reason, at_ + 1));
  }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  Result<void> step() {
    const char c = peek();
    if (c == ' ' || c == '\t') {
      ++at_;
      return {};
    }
    any_ = true;
    if (starts_name(c)) return name();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '(' || c == ')') return parenthesis(c);
    return other(c);
  }

  Result<void> name() {
    const std::size_t first = at_;
    while (continues_name(peek())) ++at_;
    std::string name = text_.substr(first, at_ - first);
    std::size_t next = at_;
    while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\t')) ++next;
    const bool is_call = next < text_.size() && text_[next] == '(';
    const bool seen = std::any_of(names_.begin(), names_.end(),
                                  [&](const auto& known) { return known.name == name && known.is_call == is_call; });
    if (!seen) names_.push_back({std::move(name), is_call});
    return {};
  }

  Result<void> number() {
    while (is_digit(peek())) ++at_;
    if (peek() == '.') ++at_;
    while (is_digit(peek())) ++at_;
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      at_ += 1 + sign;
      while (is_digit(peek())) ++at_;
    }
    if (continues_name(peek())) return fail("a number runs into a name");
    return {};
  }

  Result<void> parenthesis(char c) {
    depth_ += c == '(' ? 1 : -1;
    if (depth_ < 0) return fail("an opening parenthesis is missing");
    if (depth_ > kMaximumExpressionNesting)
      return bad_input(fmt::format("an expression is nested more than {} deep", kMaximumExpressionNesting));
    ++at_;
    return {};
  }

  Result<void> other(char c) {
    static constexpr std::string_view kTwo[] = {"==", "!=", "<=", ">=", "&&", "||"};
    const std::string_view two = std::string_view(text_).substr(at_, 2);
    if (std::find(std::begin(kTwo), std::end(kTwo), two) != std::end(kTwo)) {
      at_ += 2;
      return {};
    }
    if (c == '=') return fail("assignment is not allowed (== compares)");
    if (c == '"' || c == '\'') return fail("strings are not allowed (a string value is written parameter.value)");
    if (c == '%') return fail("there is no % (write mod(a, b))");
    if (c == '!') return fail("there is no ! (write a == 0)");
    if (c == '&' || c == '|') return fail(fmt::format("there is no {0} (the logical one is {0}{0})", c));
    if (c == ',' && depth_ == 0) return fail("a list outside a function call");
    if (std::string_view("+-*/^<>?:,").find(c) == std::string_view::npos)
      return fail(fmt::format("unexpected \"{}\"", printable({&c, 1})));
    ++at_;
    return {};
  }

  const std::string& text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  bool any_ = false;
  std::vector<ExpressionName> names_;
};

/// Splits at `separator` outside parentheses.
std::vector<std::string_view> split_outside(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> pieces;
  int depth = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (depth == 0 && text.substr(i, separator.size()) == separator) {
      pieces.push_back(text.substr(first, i - first));
      i += separator.size() - 1;
      first = i + 1;
    }
  }
  pieces.push_back(text.substr(first));
  return pieces;
}

std::string lazy(std::string_view text);

/// No operator looser than a comparison is left outside parentheses.
std::string lazy_inside(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] != '(') continue;
    std::size_t close = i + 1;
    for (int depth = 1; close < text.size(); ++close) {
      if (text[close] == '(') ++depth;
      if (text[close] == ')' && --depth == 0) break;
    }
    out += lazy(text.substr(i + 1, close - i - 1)) + ')';
    i = close;
  }
  return out;
}

std::string lazy_and(std::string_view text) {
  const std::vector<std::string_view> pieces = split_outside(text, "&&");
  if (pieces.size() == 1) return lazy_inside(text);
  std::string out, tail;
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    out += "((" + lazy_inside(pieces[i]) + ")?";
    tail += ":0)";
  }
  return out + "((" + lazy_inside(pieces.back()) + ")!=0)" + tail;
}

std::string lazy_or(std::string_view text) {
  const std::vector<std::string_view> pieces = split_outside(text, "||");
  if (pieces.size() == 1) return lazy_and(text);
  std::string out, tail;
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    out += "((" + lazy_and(pieces[i]) + ")?1:";
    tail += ")";
  }
  return out + "((" + lazy_and(pieces.back()) + ")!=0)" + tail;
}

std::string lazy(std::string_view text) {
  std::string out;
  int depth = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    // ',', '?' and ':' bind loosest, so each stretch between them is a logical expression of its own.
    if (depth != 0 || (text[i] != ',' && text[i] != '?' && text[i] != ':')) continue;
    out += lazy_or(text.substr(first, i - first)) + text[i];
    first = i + 1;
  }
  return out + lazy_or(text.substr(first));
}

}  // namespace

Result<std::vector<ExpressionName>> scan_expression(const std::string& text) { return Scanner(text).scan(); }

std::string with_lazy_logic(const std::string& text) {
  if (text.find("&&") == std::string::npos && text.find("||") == std::string::npos) return text;
  return lazy(text);
}

}  // namespace fuseline::tuner
