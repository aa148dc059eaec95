#include "tuner/problem/expression_grammar.hpp"

#include <cmath>
#include <numeric>

#include "tuner/problem/expression.hpp"

namespace fuseline::tuner {
namespace {

constexpr double kMaximumInteger = 9007199254740992.0;  // 2^53: above it doubles skip integers.

[[noreturn]] void fail(const char* reason) { throw mu::ParserError(reason); }

double finite(double value) {
  if (!std::isfinite(value)) fail("gives a number that is not finite");
  return value;
}

double divisor(double value) {
  if (value == 0) fail("divides by zero");
  return value;
}

std::int64_t natural(double value) {
  if (!(value >= 0) || value > kMaximumInteger || value != std::floor(value))
    fail("takes gcd or lcm of what is not a natural number");
  return static_cast<std::int64_t>(value);
}

double add(double a, double b) { return finite(a + b); }
double subtract(double a, double b) { return finite(a - b); }
double multiply(double a, double b) { return finite(a * b); }
double divide(double a, double b) { return finite(a / divisor(b)); }
double power(double a, double b) {
  if (a == 0 && b < 0) fail("divides by zero");
  return finite(std::pow(a, b));
}
double equal(double a, double b) { return a == b ? 1 : 0; }
double not_equal(double a, double b) { return a != b ? 1 : 0; }
double less(double a, double b) { return a < b ? 1 : 0; }
double less_equal(double a, double b) { return a <= b ? 1 : 0; }
double greater(double a, double b) { return a > b ? 1 : 0; }
double greater_equal(double a, double b) { return a >= b ? 1 : 0; }
double both(double a, double b) { return a != 0 && b != 0 ? 1 : 0; }
double either(double a, double b) { return a != 0 || b != 0 ? 1 : 0; }
double negate(double a) { return -a; }
double keep(double a) { return a; }

/// Takes the divisor's sign, so that mod(-1, 4) is 3.
double modulo(double a, double b) {
  const double rest = std::fmod(a, divisor(b));
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
// a - mod(a, b) is a multiple of b, so the quotient of integers up to 2^53 is exact where a / b would round up.
double integer_divide(double a, double b) { return finite(std::floor((a - modulo(a, b)) / b + 0.5)); }
double ceil_divide(double a, double b) { return integer_divide(a, b) + (modulo(a, b) != 0 ? 1 : 0); }

double minimum(const double* values, int count) {
  double least = values[0];
  for (int i = 1; i < count; ++i) least = std::fmin(least, values[i]);
  return least;
}
double maximum(const double* values, int count) {
  double most = values[0];
  for (int i = 1; i < count; ++i) most = std::fmax(most, values[i]);
  return most;
}

double power_of_two_ceil(double a) {
  if (a > kMaximumInteger) fail("takes pow2ceil of more than 2^53");
  double power_of_two = 1;
  while (power_of_two < a) power_of_two *= 2;
  return power_of_two;
}
double is_power_of_two(double a) {
  int exponent = 0;
  return a >= 1 && std::frexp(a, &exponent) == 0.5 ? 1 : 0;
}
double logarithm(double a) {
  if (!(a > 0)) fail("takes log2 of what is not positive");
  return std::log2(a);
}
double square_root(double a) {
  if (a < 0) fail("takes sqrt of a negative number");
  return std::sqrt(a);
}
double absolute(double a) { return std::fabs(a); }
double round_down(double a) { return std::floor(a); }
double round_up(double a) { return std::ceil(a); }
double greatest_divisor(double a, double b) { return static_cast<double>(std::gcd(natural(a), natural(b))); }
double least_multiple(double a, double b) {
  const double divisor_of_both = greatest_divisor(a, b);
  return divisor_of_both == 0 ? 0 : finite(a / divisor_of_both * b);
}

void define_operators(mu::Parser& parser) {
  parser.DefineOprt("+", add, mu::prADD_SUB);
  parser.DefineOprt("-", subtract, mu::prADD_SUB);
  parser.DefineOprt("*", multiply, mu::prMUL_DIV);
  parser.DefineOprt("/", divide, mu::prMUL_DIV);
  parser.DefineOprt("^", power, mu::prPOW, mu::oaRIGHT);
  parser.DefineOprt("==", equal, mu::prCMP);
  parser.DefineOprt("!=", not_equal, mu::prCMP);
  parser.DefineOprt("<", less, mu::prCMP);
  parser.DefineOprt("<=", less_equal, mu::prCMP);
  parser.DefineOprt(">", greater, mu::prCMP);
  parser.DefineOprt(">=", greater_equal, mu::prCMP);
  parser.DefineOprt("&&", both, mu::prLAND);
  parser.DefineOprt("||", either, mu::prLOR);
  parser.DefineInfixOprt("-", negate, mu::prINFIX, false);
  parser.DefineInfixOprt("+", keep, mu::prINFIX, false);
}

// `false` throughout: muParser must not evaluate a branch of ?: while it parses, for that branch may divide by zero.
void define_functions(mu::Parser& parser) {
  parser.DefineFun("cdiv", ceil_divide, false);
  parser.DefineFun("idiv", integer_divide, false);
  parser.DefineFun("mod", modulo, false);
  parser.DefineFun("min", minimum, false);
  parser.DefineFun("max", maximum, false);
  parser.DefineFun("pow2ceil", power_of_two_ceil, false);
  parser.DefineFun("log2", logarithm, false);
  parser.DefineFun("abs", absolute, false);
  parser.DefineFun("floor", round_down, false);
  parser.DefineFun("ceil", round_up, false);
  parser.DefineFun("sqrt", square_root, false);
  parser.DefineFun("is_pow2", is_power_of_two, false);
  parser.DefineFun("gcd", greatest_divisor, false);
  parser.DefineFun("lcm", least_multiple, false);
}

}  // namespace

const std::vector<ExpressionFunction>& expression_function_list() {
  static const std::vector<ExpressionFunction> functions = {
      {"cdiv", "cdiv(a, b)", "a / b rounded up"},
      {"idiv", "idiv(a, b)", "a / b rounded down"},
      {"mod", "mod(a, b)", "the rest of a / b, with b's sign"},
      {"min", "min(a, b, ...)", "the least"},
      {"max", "max(a, b, ...)", "the greatest"},
      {"pow2ceil", "pow2ceil(a)", "the least power of two that is not less"},
      {"log2", "log2(a)", "the logarithm to base 2"},
      {"abs", "abs(a)", "a without its sign"},
      {"floor", "floor(a)", "a rounded down"},
      {"ceil", "ceil(a)", "a rounded up"},
      {"sqrt", "sqrt(a)", "the square root"},
      {"is_pow2", "is_pow2(a)", "1 where a is a power of two, else 0"},
      {"gcd", "gcd(a, b)", "the greatest common divisor"},
      {"lcm", "lcm(a, b)", "the least common multiple"},
  };
  return functions;
}

const std::vector<std::string>& expression_functions() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const ExpressionFunction& function : expression_function_list()) all.push_back(function.name);
    return all;
  }();
  return names;
}

mu::Parser make_expression_parser() {
  mu::Parser parser;
  // muParser's own operators divide by zero without a word; ours are checked. ?: stays its own, for it is lazy.
  parser.EnableBuiltInOprt(false);
  parser.ClearFun();
  parser.ClearConst();
  parser.ClearInfixOprt();
  parser.DefineNameChars("0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.");
  define_operators(parser);
  define_functions(parser);
  return parser;
}

}  // namespace fuseline::tuner
