#include "tuner/problem/expression.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>
#include <optional>

#include "tuner/base/text.hpp"
#include "tuner/problem/expression_grammar.hpp"
#include "tuner/problem/expression_text.hpp"

namespace fuseline::tuner {

struct Expression::Impl {
  std::string text;
  mu::Parser parser = make_expression_parser();
  std::vector<std::size_t> used;  ///< Positions in the caller's variables.
  std::vector<double> slots;      ///< What muParser reads: one a used variable.
};

namespace {

tl::unexpected<Error> syntax_error(const std::string& text, const mu::ParserError& error) {
  std::string reason = error.GetMsg();
  if (error.GetCode() == mu::ecINTERNAL_ERROR) reason = "an operand is missing";
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  while (!reason.empty() && (reason.back() == '.' || reason.back() == ' ')) reason.pop_back();
  return bad_input(fmt::format("expression \"{}\" does not parse: {}", printable(text), printable(reason)));
}

/// Names such as "load.fast" of the value "fast".
std::vector<std::string> values_called(const std::string& value, const std::vector<std::string>& known) {
  std::vector<std::string> found;
  for (const std::string& name : known) {
    if (name.ends_with("." + value)) found.push_back(name);
  }
  return found;
}

tl::unexpected<Error> unknown_name(const std::string& text, const ExpressionName& name,
                                   const std::vector<std::string>& variables, const Scope& constants) {
  std::vector<std::string> known;
  if (name.is_call) {
    known = expression_functions();
  } else {
    known = variables;
    for (const auto& [constant, value] : constants) known.push_back(constant);
  }
  // A bare "fast" is meant as the value of a parameter.
  std::vector<std::string> close = name.is_call ? std::vector<std::string>{} : values_called(name.name, known);
  if (close.empty()) close = closest(name.name, known);
  std::string reason =
      fmt::format("unknown {} \"{}\" in \"{}\"", name.is_call ? "function" : "name", name.name, printable(text));
  if (!close.empty()) reason += fmt::format("; did you mean {}?", fmt::join(close, " or "));
  if (name.is_call) reason += fmt::format("{} there are {}", close.empty() ? ";" : "", fmt::join(known, ", "));
  return bad_input(std::move(reason));
}

bool is_function(const std::string& name) {
  const auto& functions = expression_functions();
  return std::find(functions.begin(), functions.end(), name) != functions.end();
}

/// Compiles without evaluating.
void compile(mu::Parser& parser, const std::string& text) {
  parser.SetExpr(text);
  static_cast<void>(parser.GetUsedVar());
}

}  // namespace

Expression::Expression(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

Result<Expression> Expression::parse(const std::string& text, const std::vector<std::string>& variables,
                                     const Scope& constants) {
  FUSELINE_TRY(names, scan_expression(text));
  auto impl = std::make_unique<Impl>();
  impl->text = text;
  try {
    for (const ExpressionName& name : names) {
      if (name.is_call && is_function(name.name)) continue;
      const auto variable = std::find(variables.begin(), variables.end(), name.name);
      const auto constant = constants.find(name.name);
      if (name.is_call || (variable == variables.end() && constant == constants.end()))
        return unknown_name(text, name, variables, constants);
      if (variable == variables.end()) {
        impl->parser.DefineConst(name.name, constant->second);
      } else {
        impl->used.push_back(static_cast<std::size_t>(variable - variables.begin()));
      }
    }
    std::sort(impl->used.begin(), impl->used.end());
    impl->slots.resize(impl->used.size());  // muParser keeps addresses: never resized again.
    for (std::size_t i = 0; i < impl->used.size(); ++i)
      impl->parser.DefineVar(variables[impl->used[i]], &impl->slots[i]);
    compile(impl->parser, text);
    compile(impl->parser, with_lazy_logic(text));
  } catch (const mu::ParserError& error) {
    return syntax_error(text, error);
  }
  return Expression(std::move(impl));
}

Result<double> Expression::evaluate(std::span<const double> values) const {
  for (std::size_t i = 0; i < impl_->used.size(); ++i) impl_->slots[i] = values[impl_->used[i]];
  double value = 0;
  try {
    value = impl_->parser.Eval();
  } catch (const mu::ParserError& error) {
    return bad_input(fmt::format("expression \"{}\" {}", printable(impl_->text), error.GetMsg()));
  }
  if (!std::isfinite(value))
    return bad_input(fmt::format("expression \"{}\" gives a number that is not finite", printable(impl_->text)));
  return value;
}

const std::vector<std::size_t>& Expression::used() const { return impl_->used; }
const std::string& Expression::text() const { return impl_->text; }

Result<double> evaluate(const std::string& text, const Scope& scope) {
  FUSELINE_TRY(expression, Expression::parse(text, {}, scope));
  return expression.evaluate({});
}

Result<std::int64_t> evaluate_integer(const std::string& text, const Scope& scope, std::int64_t minimum) {
  FUSELINE_TRY(value, evaluate(text, scope));
  const double rounded = std::round(value);
  if (std::fabs(value - rounded) > 1e-9)
    return bad_input(fmt::format("expression \"{}\" gives {}, which is not an integer", printable(text), value));
  if (rounded < static_cast<double>(minimum))
    return bad_input(
        fmt::format("expression \"{}\" gives {}, which is less than {}", printable(text), rounded, minimum));
  if (rounded > 9007199254740992.0)
    return bad_input(fmt::format("expression \"{}\" gives {}, which is more than 2^53", printable(text), rounded));
  return static_cast<std::int64_t>(rounded);
}

}  // namespace fuseline::tuner
