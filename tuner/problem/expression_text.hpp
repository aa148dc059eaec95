// The text of an expression before muParser sees it: what may occur in it, which names it uses, and && and || made
// lazy.
#pragma once

#include <string>
#include <vector>

#include "tuner/base/error.hpp"

namespace fuseline::tuner {

/// A name in an expression; `is_call` where a parenthesis follows it.
struct ExpressionName {
  std::string name;
  bool is_call = false;
};

/// Names in order of appearance, repeats left out. Errors: too long, nested too deeply, unbalanced, a character or
/// operator that expressions do not have (assignment, strings, !), a list outside a call. Passing this does not mean
/// that the text parses.
[[nodiscard]] Result<std::vector<ExpressionName>> scan_expression(const std::string& text);

/// muParser evaluates both sides of && and ||; this writes them with ?:, which it evaluates lazily: `a && b` becomes
/// `((a)?((b)!=0):0)`. `text` must have been scanned and must parse.
[[nodiscard]] std::string with_lazy_logic(const std::string& text);

}  // namespace fuseline::tuner
