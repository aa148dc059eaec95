// Which tensor of a model each pointer of a kernel is, and the value of each number that it takes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/problem/kernel_signature.hpp"
#include "tuner/problem/model.hpp"

namespace fuseline::tuner {

struct MatchedTensor {
  ModelTensor tensor;
  bool output = false;
  bool held = false;  ///< A parameter or buffer of the model.
};

struct KernelMatch {
  std::map<std::string, MatchedTensor> tensors;  ///< By the name of the kernel's parameter, as are the others.
  std::map<std::string, std::int64_t> integers;  ///< DIM_ macros among them.
  std::map<std::string, double> reals;           ///< SCALAR_ macros among them.
  std::vector<std::string> open;                 ///< What is not known, each with the option that says it.
  std::vector<std::string> guesses;              ///< What was taken without a name that says so.
};

/// Values that a person gives: a tensor of the model or a number, by the name of the kernel's parameter.
using ArgumentChoices = std::map<std::string, std::string>;

/// Pointers: as chosen; else a tensor of the model that has the pointer's name, or the last part of it ("weight" of
/// "norm.weight"), or one that is customary (gamma, beta, out); else by order, where const pointers are as many as the
/// inputs that are left, or as inputs and parameters, and the others as outputs. Numbers: as chosen; else an argument
/// or attribute of the model by its name; else sizes by customary names (n, rows, cols, N, C, H, W, M, N, K); else the
/// one size there is.
/// Errors (bad_input): a choice for a parameter that the kernel does not have, or for none of the model's tensors.
[[nodiscard]] Result<KernelMatch> match_kernel(const KernelSignature& kernel, const KernelText& text,
                                               const Model& model, const ArgumentChoices& chosen);

}  // namespace fuseline::tuner
