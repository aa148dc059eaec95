// The operators and functions of expressions, as muParser is taught them.
#pragma once

#include <muParser.h>

#include <string>
#include <vector>

namespace fuseline::tuner {

/// A muParser with our operators, functions and name characters in place of its own. Every operator and function throws
/// mu::ParserError where it divides by zero, leaves its domain, or gives what is not finite.
[[nodiscard]] mu::Parser make_expression_parser();

}  // namespace fuseline::tuner
