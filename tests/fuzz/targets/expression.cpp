// Promises: what parses gives a finite number or says why not, the same every time, and within the text's length in
// time.
#include "tuner/problem/expression.hpp"

#include <array>
#include <cmath>

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/targets.hpp"

namespace fuseline::fuzz {

void expression(std::string_view input) {
  static const std::vector<std::string> variables = {"block", "lanes", "N", "load"};
  static const tuner::Scope constants = {
      {"load.normal", 0}, {"load.streaming", 1}, {"device.sm_count", 132}, {"dtype_bytes", 2}};
  const std::string text(input);
  const auto parsed = tuner::Expression::parse(text, variables, constants);
  if (!parsed) return require_shown_safely(parsed.error());
  for (const std::size_t used : parsed->used()) require(used < variables.size(), "a variable that there is not");
  for (const auto& values :
       {std::array<double, 4>{256, 32, 65536, 1}, {0, 0, 0, 0}, {-1.5, 1e300, 9007199254740993.0, 0.5}}) {
    const auto first = parsed->evaluate(values), second = parsed->evaluate(values);
    require(first.has_value() == second.has_value() && (!first || *first == *second), "an expression with two values",
            text);
    if (!first) {
      require_shown_safely(first.error());
    } else {
      require(std::isfinite(*first), "a value that is not finite", text);
    }
  }
  tuner::Scope scope = constants;
  scope.insert({{"block", 128}, {"lanes", 4}, {"N", 1000}, {"load", 0}});
  const auto whole = tuner::evaluate_integer(text, scope, 1);
  if (!whole) return require_shown_safely(whole.error());
  require(*whole >= 1, "an integer below its least", text);
}

}  // namespace fuseline::fuzz
