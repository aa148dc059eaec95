#include "tuner/package/cpp_expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

#include "tuner/base/text.hpp"
#include "tuner/problem/expression.hpp"
#include "tuner/problem/expression_text.hpp"

namespace fuseline::tuner {
namespace {

/// How tightly the outermost operator of a text binds.
enum Level { kChoice, kOr, kAnd, kCompare, kAdd, kMultiply, kSign, kPrimary };

struct Piece {
  enum class Type { number, boolean, real } type = Type::number;
  std::string text;
  Level level = kPrimary;
};
using Type = Piece::Type;

std::string at_least(const Piece& piece, Level level) {
  return piece.level >= level ? piece.text : "(" + piece.text + ")";
}

/// The same as a Number, whatever its type.
Piece as_number(const Piece& piece) {
  return piece.type == Type::number ? piece : Piece{Type::number, "Number(" + piece.text + ")", kPrimary};
}

/// What the operators of C++ itself would not do as ours do needs one operand that is a Number.
void make_one_a_number(Piece& left, const Piece& right) {
  if (left.type != Type::number && right.type != Type::number) left = as_number(left);
}

/// As something that && || and ?: take.
std::string condition(const Piece& piece, Level level) {
  return at_least(piece.type == Type::real ? as_number(piece) : piece, level);
}

/// Recursive descent by the grammar that tuner/problem/expression documents.
class Translator {
 public:
  Translator(const std::string& text, const CppNames& names) : text_(text), names_(names) {}

  Result<std::string> translate() {
    FUSELINE_TRY(whole, choice());
    if (!peek().empty()) return unexpected();
    return std::move(whole.text);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> fail(const std::string& reason) const {
    return bad_input(fmt::format("expression \"{}\" {}", printable(text_), reason));
  }
  [[nodiscard]] tl::unexpected<Error> unexpected() const {
    return fail(fmt::format("does not parse at position {}", at_ + 1));
  }

  /// The sign that comes next: "+", "==", ...; "name" or "number" for those; empty at the end.
  std::string_view peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    const std::string_view rest = std::string_view(text_).substr(at_);
    if (rest.empty()) return rest;
    const auto digit = [&](std::size_t i) { return i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; };
    if (digit(0) || (rest[0] == '.' && digit(1))) return "number";
    if (std::isalpha(static_cast<unsigned char>(rest[0])) != 0 || rest[0] == '_') return "name";
    for (const std::string_view two : {"==", "!=", "<=", ">=", "&&", "||"}) {
      if (rest.starts_with(two)) return two;
    }
    return rest.substr(0, 1);
  }
  bool take(std::string_view sign) {
    if (peek() != sign) return false;
    at_ += sign.size();
    return true;
  }

  Result<Piece> choice() {
    FUSELINE_CHECK(deeper());
    FUSELINE_TRY(whole, choice_inside());
    --depth_;
    return whole;
  }

  Result<Piece> choice_inside() {
    FUSELINE_TRY(first, either());
    if (!take("?")) return first;
    FUSELINE_TRY(yes, choice());
    if (!take(":")) return unexpected();
    FUSELINE_TRY(no, choice());
    const Type type = yes.type == no.type ? yes.type : Type::number;
    if (type == Type::number) yes = as_number(yes);
    return Piece{type, fmt::format("{} ? {} : {}", condition(first, kOr), at_least(yes, kOr), at_least(no, kOr)),
                 kChoice};
  }

  Result<Piece> either() {
    FUSELINE_TRY(left, both());
    while (take("||")) {
      FUSELINE_TRY(right, both());
      // An && within is put into parentheses, as compilers advise.
      const auto operand = [](const Piece& each) { return condition(each, each.level == kAnd ? kCompare : kOr); };
      left = {Type::boolean, operand(left) + " || " + operand(right), kOr};
    }
    return left;
  }

  Result<Piece> both() {
    FUSELINE_TRY(left, comparison());
    while (take("&&")) {
      FUSELINE_TRY(right, comparison());
      left = {Type::boolean, condition(left, kAnd) + " && " + condition(right, kCompare), kAnd};
    }
    return left;
  }

  Result<Piece> comparison() {
    FUSELINE_TRY(left, sum());
    while (true) {
      const std::string_view sign = peek();
      if (sign != "==" && sign != "!=" && sign != "<" && sign != "<=" && sign != ">" && sign != ">=") return left;
      take(sign);
      FUSELINE_TRY(right, sum());
      make_one_a_number(left, right);
      left = {Type::boolean, fmt::format("{} {} {}", at_least(left, kAdd), sign, at_least(right, kAdd)), kCompare};
    }
  }

  Result<Piece> sum() {
    FUSELINE_TRY(left, product());
    while (true) {
      const std::string_view sign = peek();
      if (sign != "+" && sign != "-") return left;
      take(sign);
      FUSELINE_TRY(right, product());
      make_one_a_number(left, right);
      left = {Type::number, fmt::format("{} {} {}", at_least(left, kAdd), sign, at_least(right, kMultiply)), kAdd};
    }
  }

  Result<Piece> product() {
    FUSELINE_TRY(left, signed_power());
    while (true) {
      const std::string_view sign = peek();
      if (sign != "*" && sign != "/") return left;
      take(sign);
      FUSELINE_TRY(right, signed_power());
      make_one_a_number(left, right);
      left = {Type::number, fmt::format("{} {} {}", at_least(left, kMultiply), sign, at_least(right, kSign)),
              kMultiply};
    }
  }

  /// Compilers end at some 256 parentheses; what is written here has one at most for each of these.
  Result<void> deeper() {
    constexpr int kDeepest = 200;
    if (++depth_ > kDeepest) return fail(fmt::format("is nested more than {} deep", kDeepest));
    return {};
  }

  /// A sign binds less than ^: -2^2 is -4, and 2^-2^2 is 2^(-(2^2)).
  Result<Piece> signed_power() {
    const bool minus = take("-");
    if (!minus) take("+");
    FUSELINE_TRY(base, primary());
    if (take("^")) {
      FUSELINE_CHECK(deeper());
      FUSELINE_TRY(exponent, signed_power());
      --depth_;
      base = {Type::number, fmt::format("power({}, {})", base.text, exponent.text), kPrimary};
    }
    if (!minus) return base;
    if (base.type == Type::boolean) base = as_number(base);
    return Piece{base.type, "-" + at_least(base, kPrimary), kSign};
  }

  Result<Piece> primary() {
    const std::string_view sign = peek();
    if (sign == "number") return literal();
    if (sign == "name") return named();
    if (!take("(")) return unexpected();
    FUSELINE_TRY(inside, choice());
    if (!take(")")) return unexpected();
    return inside;
  }

  Result<Piece> literal() {
    double value = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, code] = std::from_chars(begin, text_.data() + text_.size(), value);
    // Of what is out of range it does not say on which side.
    if (code == std::errc::result_out_of_range) value = std::strtod(begin, nullptr);
    if (!std::isfinite(value)) return fail("has a number that is not finite");
    at_ += static_cast<std::size_t>(end - begin);
    return Piece{Type::real, cpp_real(value), kPrimary};
  }

  Result<Piece> named() {
    const std::size_t first = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_' || text_[at_] == '.'))
      ++at_;
    const std::string name = text_.substr(first, at_ - first);
    if (at_ < text_.size() && text_[at_] == '(') return call(name);
    const auto known = names_.find(name);
    if (known == names_.end()) return fail(fmt::format("has the unknown name \"{}\"", printable(name)));
    return Piece{known->second.number ? Type::number : Type::real, known->second.text, kPrimary};
  }

  Result<Piece> call(const std::string& name) {
    std::vector<std::string> arguments;
    take("(");
    do {
      FUSELINE_TRY(argument, choice());
      arguments.push_back(std::move(argument.text));
    } while (take(","));
    if (!take(")")) return unexpected();
    static const std::map<std::string, std::size_t> counts = {
        {"cdiv", 2}, {"idiv", 2},  {"mod", 2},  {"min", 0},  {"max", 0},     {"pow2ceil", 1}, {"log2", 1},
        {"abs", 1},  {"floor", 1}, {"ceil", 1}, {"sqrt", 1}, {"is_pow2", 1}, {"gcd", 2},      {"lcm", 2}};
    const auto function = counts.find(name);
    if (function == counts.end()) return fail(fmt::format("has the unknown function \"{}\"", printable(name)));
    if (function->second != 0 && function->second != arguments.size())
      return fail(fmt::format("gives {} {} arguments, and it takes {}", name, arguments.size(), function->second));
    const std::string list = fmt::format("{}", fmt::join(arguments, ", "));
    return Piece{Type::number, name + (function->second == 0 ? "({" + list + "})" : "(" + list + ")"), kPrimary};
  }

  const std::string& text_;
  const CppNames& names_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<std::string> cpp_expression(const std::string& text, const CppNames& names) {
  FUSELINE_CHECK(scan_expression(text));
  return Translator(text, names).translate();
}

std::string cpp_real(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string cpp_quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      quoted += "\\n";
    } else if (c == '"' || c == '\\') {
      quoted.append(1, '\\').append(1, c);
    } else if (byte < 0x20 || byte >= 0x7f) {
      quoted += fmt::format("\\{:03o}", byte);  // Three digits end it, whatever follows.
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace fuseline::tuner
