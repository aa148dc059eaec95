// Would outputs that no kernel had to work for pass, and how much of them? Known without a GPU where files hold the
// reference.
#pragma once

#include <string>
#include <utility>
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

/// Shares of one output's elements, from 0 to 1, that would pass without being computed: by "zeros", by "its mean", and
/// by each input of as many numbers. A sharp comparison lets little through.
struct PassingShares {
  std::string output;
  std::vector<std::pair<std::string, double>> shares;
};
/// Of every output of numbers that are no integers; none where a kernel is the reference. Reads every file to its end.
/// Errors: as tensor_files(), or a file that cannot be read to its end.
[[nodiscard]] Result<std::vector<PassingShares>> passing_shares(const ProblemInstance& instance);

/// Of every output; none where a kernel is the reference. Reads every file up to where it is settled. Errors: as
/// tensor_files(), or a file that cannot be read to its end.
[[nodiscard]] Result<std::vector<TrivialAnswer>> trivial_answers(const ProblemInstance& instance);
/// Whether every output has a trivial answer that passes, so that passing says nothing.
[[nodiscard]] bool is_vacuous(const std::vector<TrivialAnswer>& answers);

}  // namespace fuseline::tuner
