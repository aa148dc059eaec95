// Arithmetic expressions of problem files and manifests, evaluated by muParser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// Names and numbers an expression may use. String-valued parameters appear as the position of their value among the
/// parameter's values, and each such value as the constant "parameter.value", so that `gelu == gelu.erf` reads as it
/// looks.
using Scope = std::map<std::string, double, std::less<>>;

inline constexpr std::size_t kMaximumExpressionLength = 4096;
inline constexpr int kMaximumExpressionNesting = 64;

/// A parsed expression over named variables, evaluated many times with different numbers.
///
/// Operators: + - * / ^ (power) == != < <= > >= && || ?: and parentheses; `/` divides real numbers. &&, || and ?:
/// evaluate only what they need, so that `lanes == 0 || mod(block, lanes) == 0` is sound. Names may contain dots. No
/// assignment, no strings. Functions are those of expression_function_list(). Dividing by zero, a domain error or a
/// result that is not finite is an error, never inf or NaN. At most kMaximumExpressionLength characters and
/// kMaximumExpressionNesting parentheses deep. An Expression is not thread-safe.
class Expression {
 public:
  /// Parses `text`; `variables` are bound by position in evaluate(), `constants` are folded in.
  /// Errors (without file and path; callers add them): syntax, unknown name (with close names; of a function, with all
  /// there are), too long or too deep.
  [[nodiscard]] static Result<Expression> parse(const std::string& text, const std::vector<std::string>& variables,
                                                const Scope& constants = {});

  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  /// Value with the variables bound to `values` (same order and number as at parse). Errors: division by zero, not
  /// finite.
  [[nodiscard]] Result<double> evaluate(std::span<const double> values) const;

  /// Positions (in `variables`) that the text really uses, ascending.
  [[nodiscard]] const std::vector<std::size_t>& used() const;
  [[nodiscard]] const std::string& text() const;

 private:
  struct Impl;
  explicit Expression(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A function that expressions have.
struct ExpressionFunction {
  std::string name;
  std::string call;     ///< "cdiv(a, b)"
  std::string meaning;  ///< A clause for people.
};
/// All of them.
[[nodiscard]] const std::vector<ExpressionFunction>& expression_function_list();
/// Their names, which mean something in every expression and so cannot name anything else.
[[nodiscard]] const std::vector<std::string>& expression_functions();

/// Parses and evaluates in one step over `scope`.
[[nodiscard]] Result<double> evaluate(const std::string& text, const Scope& scope);
/// The same, and the value must be an integer (within 1e-9) in [minimum, 2^53].
[[nodiscard]] Result<std::int64_t> evaluate_integer(const std::string& text, const Scope& scope,
                                                    std::int64_t minimum = 0);

}  // namespace fuseline::tuner
