// Inputs that kernels get wrong.
#pragma once

#include <string>
#include <vector>

#include "references.hpp"
#include "tuner/problem/problem.hpp"

namespace fuseline::host_cuda {

struct NamedFill {
  std::string name;
  Tensors inputs;  ///< Not yet rounded to the tensors' types.
};

/// First what the problem file asks for, then the traps of a problem that the tests know.
[[nodiscard]] std::vector<NamedFill> make_fills(const tuner::ProblemInstance& instance);

}  // namespace fuseline::host_cuda
