// Would outputs that no kernel had to work for pass? Known without a GPU where files hold the reference.
#pragma once

#include <string>
#include <vector>

#include "tuner/problem/problem.hpp"

namespace fuseline::tuner {

/// What would pass for one output, within the tolerance in every element.
struct TrivialAnswer {
  std::string output;
  bool zeros = false;
  bool constant = false;            ///< Some one number everywhere.
  std::vector<std::string> inputs;  ///< A copy of one of these, of which files hold the values.
  [[nodiscard]] bool any() const { return zeros || constant || !inputs.empty(); }
};

/// Of every output; none where a kernel is the reference. Reads every file up to where it is settled. Errors: as
/// tensor_files(), or a file that cannot be read to its end.
[[nodiscard]] Result<std::vector<TrivialAnswer>> trivial_answers(const ProblemInstance& instance);
/// Whether every output has a trivial answer that passes, so that passing says nothing.
[[nodiscard]] bool is_vacuous(const std::vector<TrivialAnswer>& answers);

}  // namespace fuseline::tuner
