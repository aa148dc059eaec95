// Runs one case on one fill and says what is wrong with its outputs.
#pragma once

#include "fills.hpp"
#include "module.hpp"
#include "profiler/host/runtime/block.hpp"
#include "references.hpp"

namespace fuseline::host_cuda {

/// Everything about the inputs of one instance and fill: shared by the cases of the instance.
struct PreparedFill {
  std::string name;
  std::map<std::string, std::vector<std::byte>> bytes;  ///< Of the inputs.
  ExpectedOutputs expected;                             ///< Empty where no reference is written for the problem.
};
[[nodiscard]] std::vector<PreparedFill> prepare_fills(const tuner::ProblemInstance& instance);

struct CaseRun {
  const Module& module;
  std::size_t number;  ///< Of the case in the module.
  const Case& one;
  bool outputs_are_double = false;  ///< The problem's own reference.
};

/// The outputs as numbers.
struct CaseOutputs {
  std::string error;  ///< What went wrong in the run, or nothing.
  Tensors tensors;
};
[[nodiscard]] CaseOutputs run_case(const CaseRun& run, const PreparedFill& fill, const RunSettings& settings);

/// How far an element may be off, beside what is expected with it.
struct Allowance {
  double absolute = 0;
  double relative = 0;
  double roundings = kRoundings;  ///< The most that the mean of a row goes through.
};
/// The problem's tolerance, and what kernels/common says of the approximations that the configuration asks for.
[[nodiscard]] Allowance allowance_of(const Case& one);

/// The first element that is off and how many are, or nothing. NaN matches NaN alone, and an infinity itself alone.
[[nodiscard]] std::string compare(const CaseOutputs& outputs, const ExpectedOutputs& expected,
                                  const Allowance& allowance);

}  // namespace fuseline::host_cuda
