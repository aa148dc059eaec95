#include "tuner/problem/expression.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace fuseline::tuner {
namespace {

const Scope kScope = {{"a", 2},    {"b", 3},        {"zero", 0},      {"W", 64},
                      {"gelu", 1}, {"gelu.erf", 0}, {"gelu.tanh", 1}, {"device.sm_count", 132}};

double value_of(const std::string& text) {
  const Result<double> value = evaluate(text, kScope);
  EXPECT_TRUE(value.has_value()) << text << ": " << value.error().message();
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

std::string error_of(const std::string& text) {
  const Result<double> value = evaluate(text, kScope);
  EXPECT_FALSE(value.has_value()) << text << " gave " << *value;
  return value ? "" : value.error().reason;
}

TEST(Expression, PrecedenceAndAssociativity) {
  EXPECT_EQ(value_of("1 + 2 * 3"), 7);
  EXPECT_EQ(value_of("(1 + 2) * 3"), 9);
  EXPECT_EQ(value_of("10 - 3 - 2"), 5);
  EXPECT_EQ(value_of("16 / 4 / 2"), 2);
  EXPECT_EQ(value_of("2 ^ 3 ^ 2"), 512);
  EXPECT_EQ(value_of("-a ^ 2"), -4);
  EXPECT_EQ(value_of("a*-1"), -2);
  EXPECT_EQ(value_of("1 + 1 == 2"), 1);
  EXPECT_EQ(value_of("1 == 1 && 0 == 1 || 1"), 1);
  EXPECT_EQ(value_of("1 || 1 && 0"), 1);
  EXPECT_EQ(value_of("a < b ? 10 : 20"), 10);
  EXPECT_EQ(value_of("zero ? 1 : zero ? 2 : 3"), 3);
  EXPECT_EQ(value_of("1 ? zero ? 4 : 5 : 6"), 5);
  EXPECT_EQ(value_of("a<=2 && b>=3 && a!=b"), 1);
  EXPECT_EQ(value_of("1e3 + .5 + 2."), 1002.5);
}

TEST(Expression, LogicGivesZeroOrOne) {
  EXPECT_EQ(value_of("5 && 7"), 1);
  EXPECT_EQ(value_of("0 || 7"), 1);
  EXPECT_EQ(value_of("7 || 0"), 1);
  EXPECT_EQ(value_of("0 && 7"), 0);
  EXPECT_EQ(value_of("max(0 && 1, 5 && 7, (0 || 2) + 1)"), 2);
}

TEST(Expression, NamesWithDots) {
  EXPECT_EQ(value_of("gelu == gelu.tanh"), 1);
  EXPECT_EQ(value_of("gelu == gelu.erf"), 0);
  EXPECT_EQ(value_of("device.sm_count * 2"), 264);
}

TEST(Expression, DivisionIsReal) { EXPECT_DOUBLE_EQ(value_of("b / a"), 1.5); }

TEST(Expression, IntegerHelpers) {
  EXPECT_EQ(value_of("cdiv(10, 4)"), 3);
  EXPECT_EQ(value_of("cdiv(8, 4)"), 2);
  EXPECT_EQ(value_of("idiv(10, 4)"), 2);
  EXPECT_EQ(value_of("idiv(-1, 4)"), -1);
  EXPECT_EQ(value_of("mod(10, 4)"), 2);
  EXPECT_EQ(value_of("mod(-1, 4)"), 3);
  EXPECT_EQ(value_of("min(3, 1, 2)"), 1);
  EXPECT_EQ(value_of("max(3)"), 3);
  EXPECT_EQ(value_of("pow2ceil(65)"), 128);
  EXPECT_EQ(value_of("pow2ceil(64)"), 64);
  EXPECT_EQ(value_of("pow2ceil(0)"), 1);
  EXPECT_EQ(value_of("log2(1024)"), 10);
  EXPECT_EQ(value_of("abs(-3)"), 3);
  EXPECT_EQ(value_of("floor(2.7) + ceil(2.1)"), 5);
  EXPECT_EQ(value_of("sqrt(49)"), 7);
  EXPECT_EQ(value_of("is_pow2(64) && is_pow2(1)"), 1);
  EXPECT_EQ(value_of("is_pow2(0) || is_pow2(3) || is_pow2(0.5)"), 0);
  EXPECT_EQ(value_of("gcd(12, 18)"), 6);
  EXPECT_EQ(value_of("lcm(4, 6)"), 12);
}

TEST(Expression, IntegerHelpersAreExactUpTo2To53) {
  EXPECT_EQ(value_of("idiv(9007199254740991, 2)"), 4503599627370495.0);
  EXPECT_EQ(value_of("cdiv(9007199254740991, 2)"), 4503599627370496.0);
  EXPECT_EQ(value_of("idiv(9007199254740991, 9007199254740992)"), 0);
  EXPECT_EQ(value_of("cdiv(9007199254740990, 9007199254740991)"), 1);
}

TEST(Expression, DividingByZeroIsAnErrorWhateverBecomesOfIt) {
  for (const char* text : {"1 / 0", "1 / zero", "a / (b - 3) == 1", "1 / zero > 5", "mod(5, zero)", "idiv(5, zero)",
                           "cdiv(5, zero)", "0 / zero", "zero ^ -1", "min(1 / zero, 2)", "0 * (1 / zero)"}) {
    EXPECT_NE(error_of(text).find("divides by zero"), std::string::npos) << text << ": " << error_of(text);
    EXPECT_NE(error_of(text).find(text), std::string::npos);
  }
}

TEST(Expression, WhatIsNotNeededIsNotEvaluated) {
  EXPECT_EQ(value_of("zero == 0 || mod(W, zero) == 0"), 1);
  EXPECT_EQ(value_of("zero != 0 && mod(W, zero) == 0"), 0);
  EXPECT_EQ(value_of("zero ? 1 / zero : 7"), 7);
  EXPECT_EQ(value_of("(zero == 0 || 1 / zero) && (a == 2 || 1 / 0 == 1)"), 1);
  EXPECT_EQ(value_of("max(zero && 1 / zero, 4)"), 4);
  EXPECT_NE(error_of("zero == 0 && mod(W, zero) == 0"), "");
}

TEST(Expression, DomainErrorsAndOverflow) {
  for (const char* text : {"log2(0)", "log2(-1)", "sqrt(-1)", "gcd(1.5, 2)", "lcm(-2, 3)", "pow2ceil(1e300)"})
    EXPECT_NE(error_of(text).find("takes"), std::string::npos);
  for (const char* text : {"1e308 * 10", "2 ^ 5000", "(-8) ^ 0.5", "1e308 + 1e308"})
    EXPECT_NE(error_of(text).find("not finite"), std::string::npos) << text;
}

TEST(Expression, SyntaxErrorsSayWhatAndWhere) {
  EXPECT_EQ(error_of("a +"), "expression \"a +\" does not parse: unexpected end of expression at position 4");
  EXPECT_EQ(error_of("a = 3"),
            "expression \"a = 3\" does not parse: assignment is not allowed (== compares) at position 3");
  EXPECT_NE(error_of("\"x\"").find("strings are not allowed"), std::string::npos);
  EXPECT_NE(error_of("(a").find("closing parenthesis is missing"), std::string::npos);
  EXPECT_NE(error_of("a)").find("opening parenthesis is missing at position 2"), std::string::npos);
  EXPECT_EQ(error_of(""), "the expression is empty");
  EXPECT_EQ(error_of("  \t "), "the expression is empty");
  EXPECT_NE(error_of("a, b").find("a list outside a function call"), std::string::npos);
}

TEST(Expression, WhatDoesNotParse) {
  for (const char* text :
       {"a b",  "2a",        "0x10",  "1e",     "1.5.2", "()",     "min()", "min(1,,2)", "mod(1)", "mod(1, 2, 3)",
        "cdiv", "a(3)",      "2(3)",  "?",      "a ?",   "a ? b",  "a : b", "a ? b :",   "a && ",  "&& a",
        "|| a", "a & b",     "a | b", "!a",     "a # b", "a += 1", "a; b",  "[a]",       "{a}",    "a\n",
        "+",    "a == == b", "- - a", "(a, b)", "a'",    "$a",     "\\",    "a < > b",   "1e999"}) {
    EXPECT_FALSE(evaluate(text, kScope).has_value()) << text;
  }
}

TEST(Expression, BytesThatAreNotTextAreShownEscaped) {
  const std::string reason = error_of(std::string("a + \x1b[31m"));
  EXPECT_EQ(reason.find('\x1b'), std::string::npos);
  EXPECT_NE(reason.find("\\x1B"), std::string::npos) << reason;
  EXPECT_FALSE(evaluate(std::string("a\0b", 3), kScope).has_value());
  EXPECT_FALSE(evaluate("\xff\xfe", kScope).has_value());
}

TEST(Expression, UnknownNamesGiveCloseOnes) {
  const Scope scope = {{"block", 1}, {"lanes", 2}};
  const Result<double> name = evaluate("blok * 2", scope);
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().reason, "unknown name \"blok\" in \"blok * 2\"; did you mean block?");
  const Result<double> function = evaluate("cdvi(block, 2)", scope);
  ASSERT_FALSE(function);
  EXPECT_EQ(function.error().reason.rfind("unknown function \"cdvi\" in \"cdvi(block, 2)\"; did you mean cdiv", 0), 0u)
      << function.error().reason;
}

TEST(Expression, WhatIsWrittenAsInOtherLanguagesSaysHowItIsWrittenHere) {
  EXPECT_NE(error_of("mod(a, 2) + a % 2").find("there is no % (write mod(a, b)) at position 15"), std::string::npos);
  EXPECT_NE(error_of("!a").find("there is no ! (write a == 0)"), std::string::npos);
  EXPECT_NE(error_of("a & 1").find("the logical one is &&"), std::string::npos);
}

TEST(Expression, AnUnknownFunctionListsThoseThatThereAre) {
  const std::string reason = error_of("round_to_multiple(a, 2)");
  for (const ExpressionFunction& function : expression_function_list()) {
    EXPECT_NE(reason.find(function.name), std::string::npos) << function.name << ": " << reason;
    EXPECT_EQ(function.call.rfind(function.name + "(", 0), 0u);
  }
}

TEST(Expression, ABareValueIsMeantAsAParameters) {
  const Scope scope = {{"load", 0}, {"load.fast", 0}, {"load.slow", 1}, {"store", 0}, {"store.fast", 0}};
  EXPECT_EQ(evaluate("load == slow", scope).error().reason,
            "unknown name \"slow\" in \"load == slow\"; did you mean load.slow?");
  EXPECT_EQ(evaluate("load == fast", scope).error().reason,
            "unknown name \"fast\" in \"load == fast\"; did you mean load.fast or store.fast?");
}

TEST(Expression, OtherLibrariesFunctionsAndConstantsAreUnknown) {
  for (const char* text : {"sin(1)", "_pi", "_e", "rnd()", "sum(1, 2)", "exp(1)"})
    EXPECT_NE(error_of(text).find("unknown"), std::string::npos) << text;
}

TEST(Expression, LengthAndNestingAreBounded) {
  EXPECT_EQ(value_of(std::string(kMaximumExpressionNesting, '(') + "1" + std::string(kMaximumExpressionNesting, ')')),
            1);
  EXPECT_NE(error_of(std::string(65, '(') + "1" + std::string(65, ')')).find("nested"), std::string::npos);
  EXPECT_NE(error_of(std::string(4097, '1')).find("longer than 4096"), std::string::npos);
  EXPECT_NE(error_of(std::string(1 << 20, '(')).find("longer than 4096"), std::string::npos);
}

std::string repeated(const std::string& piece, std::size_t characters) {
  std::string text;
  while (text.size() + piece.size() <= characters) text += piece;
  return text;
}

TEST(Expression, LongChainsOfEveryOperatorWork) {
  EXPECT_EQ(value_of(repeated("1&&", 4000) + "1"), 1);
  EXPECT_EQ(value_of(repeated("0||", 4000) + "1"), 1);
  EXPECT_EQ(value_of(repeated("0?1:", 4000) + "7"), 7);
  EXPECT_EQ(value_of(repeated("1?", 1900) + "3" + repeated(":4", 1900)), 3);
  EXPECT_EQ(value_of(repeated("1+", 4000) + "0"), 2000);
  EXPECT_EQ(value_of(repeated("2^0*", 4000) + "5"), 5);
}

TEST(Expression, VariablesAreBoundByPosition) {
  const Result<Expression> expression = Expression::parse("b - 2*d + k", {"a", "b", "c", "d"}, {{"k", 100}});
  ASSERT_TRUE(expression);
  EXPECT_EQ(expression->used(), (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(expression->text(), "b - 2*d + k");
  EXPECT_EQ(expression->evaluate(std::array{0.0, 10.0, 0.0, 3.0}).value(), 104);
  EXPECT_EQ(expression->evaluate(std::array{0.0, 20.0, 0.0, 1.0}).value(), 118);
}

TEST(Expression, MovesKeepTheirVariables) {
  Result<Expression> parsed = Expression::parse("x + 1", {"x"});
  ASSERT_TRUE(parsed);
  std::vector<Expression> list;
  list.push_back(std::move(*parsed));
  list.reserve(64);
  EXPECT_EQ(list.front().evaluate(std::array{41.0}).value(), 42);
}

TEST(Expression, AnErrorInOneEvaluationLeavesTheNextAlone) {
  const Result<Expression> expression = Expression::parse("10 / x", {"x"});
  ASSERT_TRUE(expression);
  EXPECT_FALSE(expression->evaluate(std::array{0.0}));
  EXPECT_EQ(expression->evaluate(std::array{5.0}).value(), 2);
}

TEST(EvaluateInteger, TakesIntegersInRangeOnly) {
  EXPECT_EQ(evaluate_integer("W / 4", kScope).value(), 16);
  EXPECT_EQ(evaluate_integer("0.1 * 30", kScope).value(), 3);
  EXPECT_EQ(evaluate_integer("-3", kScope, -5).value(), -3);
  EXPECT_NE(evaluate_integer("b / a", kScope).error().reason.find("gives 1.5, which is not an integer"),
            std::string::npos);
  EXPECT_NE(evaluate_integer("-1", kScope).error().reason.find("less than 0"), std::string::npos);
  EXPECT_NE(evaluate_integer("zero", kScope, 1).error().reason.find("less than 1"), std::string::npos);
  EXPECT_NE(evaluate_integer("2 ^ 60", kScope).error().reason.find("more than 2^53"), std::string::npos);
}

/// A random expression as text, with its value worked out beside it; the value is empty where evaluating it is an
/// error.
class RandomExpression {
 public:
  explicit RandomExpression(std::uint64_t seed) : random_(seed) {}

  struct Made {
    std::string text;
    std::optional<double> value;
  };

  Made make(int depth) {
    if (depth == 0 || pick(5) == 0) return leaf();
    switch (pick(4)) {
      case 0:
        return ternary(depth);
      case 1:
        return call(depth);
      case 2:
        return logic(depth);
      default:
        return binary(depth);
    }
  }

 private:
  int pick(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random_); }

  Made leaf() {
    static const std::array<std::pair<const char*, double>, 5> kNames = {
        {{"a", 2}, {"b", 3}, {"zero", 0}, {"W", 64}, {"gelu.tanh", 1}}};
    if (pick(2) == 0) {
      const int number = pick(9);
      return {std::to_string(number), number};
    }
    const auto& [name, value] = kNames[static_cast<std::size_t>(pick(5))];
    return {name, value};
  }

  static std::optional<double> checked(double value) {
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  }

  Made binary(int depth) {
    const Made l = make(depth - 1), r = make(depth - 1);
    static const std::array<const char*, 10> kOperators = {"+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">="};
    const int chosen = pick(10);
    Made made{"(" + l.text + ") " + kOperators[static_cast<std::size_t>(chosen)] + " (" + r.text + ")", std::nullopt};
    if (!l.value || !r.value) return made;
    const double a = *l.value, b = *r.value;
    switch (chosen) {
      case 0:
        made.value = checked(a + b);
        break;
      case 1:
        made.value = checked(a - b);
        break;
      case 2:
        made.value = checked(a * b);
        break;
      case 3:
        made.value = b == 0 ? std::nullopt : checked(a / b);
        break;
      case 4:
        made.value = a == b;
        break;
      case 5:
        made.value = a != b;
        break;
      case 6:
        made.value = a < b;
        break;
      case 7:
        made.value = a <= b;
        break;
      case 8:
        made.value = a > b;
        break;
      default:
        made.value = a >= b;
        break;
    }
    return made;
  }

  /// Without parentheses round the operands where they bind tighter.
  Made logic(int depth) {
    const Made l = make(depth - 1), r = make(depth - 1), t = make(depth - 1);
    const auto both = [](std::optional<double> x, std::optional<double> y) -> std::optional<double> {
      if (!x || *x == 0) return x ? std::optional<double>(0) : std::nullopt;
      return y ? std::optional<double>(*y != 0) : std::nullopt;
    };
    const auto either = [](std::optional<double> x, std::optional<double> y) -> std::optional<double> {
      if (!x || *x != 0) return x ? std::optional<double>(1) : std::nullopt;
      return y ? std::optional<double>(*y != 0) : std::nullopt;
    };
    const std::string a = "(" + l.text + ")", b = "(" + r.text + ")", c = "(" + t.text + ")";
    switch (pick(4)) {
      case 0:
        return {a + " && " + b + " || " + c, either(both(l.value, r.value), t.value)};
      case 1:
        return {a + "||" + b + "&&" + c, either(l.value, both(r.value, t.value))};
      case 2:
        return {a + "&&" + b + "&&" + c, both(l.value, both(r.value, t.value))};
      default:
        return {a + " || " + b + " || " + c, either(l.value, either(r.value, t.value))};
    }
  }

  Made ternary(int depth) {
    const Made c = make(depth - 1), t = make(depth - 1), e = make(depth - 1);
    Made made{"((" + c.text + ") ? " + t.text + " : " + e.text + ")", std::nullopt};
    if (c.value) made.value = *c.value != 0 ? t.value : e.value;
    return made;
  }

  Made call(int depth) {
    const Made l = make(depth - 1), r = make(depth - 1);
    const bool known = l.value && r.value;
    switch (pick(3)) {
      case 0:
        return {"min(" + l.text + ", " + r.text + ")",
                known ? std::optional(std::fmin(*l.value, *r.value)) : std::nullopt};
      case 1:
        return {"max(" + l.text + ", " + r.text + ")",
                known ? std::optional(std::fmax(*l.value, *r.value)) : std::nullopt};
      default:
        return {"abs(" + l.text + ")", l.value ? std::optional(std::fabs(*l.value)) : std::nullopt};
    }
  }

  std::mt19937_64 random_;
};

TEST(Expression, AgreesWithAReferenceOnRandomExpressions) {
  int errors = 0, values = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const auto [text, expected] = RandomExpression(seed).make(4);
    if (text.size() > kMaximumExpressionLength) continue;
    const Result<double> got = evaluate(text, kScope);
    ASSERT_EQ(got.has_value(), expected.has_value()) << text << (got ? "" : ": " + got.error().reason);
    ++(expected ? values : errors);
    if (expected) {
      ASSERT_EQ(*got, *expected) << text;
    }
  }
  EXPECT_GT(errors, 30);
  EXPECT_GT(values, 500);
}

TEST(Expression, RandomBytesNeverThrow) {
  std::mt19937_64 random(7);
  const std::string alphabet = "ab.W0159+-*/^=!<>&|?:(),min cdv \"'e#\x01";
  std::uniform_int_distribution<std::size_t> letter(0, alphabet.size() - 1), length(0, 24);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t n = length(random); n > 0; --n) text += alphabet[letter(random)];
    EXPECT_NO_THROW(static_cast<void>(evaluate(text, kScope))) << text;
  }
}

}  // namespace
}  // namespace fuseline::tuner
