// The problems in fp64, written from their formulas and not from the kernels: what kernels are compared with.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fuseline::host_cuda {

using Tensors = std::map<std::string, std::vector<double>>;

/// A problem's numbers: dimensions, scalars, and inputs as the rounded elements stand for them.
struct ReferenceInput {
  std::map<std::string, std::int64_t> dims;
  std::map<std::string, double> scalars;
  Tensors tensors;
};

/// An output, and how much more each element may be off than the problem's tolerance says, where the definition itself
/// is ill-conditioned.
struct ExpectedOutput {
  std::vector<double> values;
  std::vector<double> extra_tolerance;
  /// And what each rounding of a row's mean beyond kRoundings may add; 0 but for rows that vary less than eps, where
  /// nothing else would hide it.
  std::vector<double> per_rounding;
};

/// Roundings of a mean that extra_tolerance covers.
constexpr double kRoundings = 8.0;
using ExpectedOutputs = std::map<std::string, ExpectedOutput>;

using Reference = ExpectedOutputs (*)(const ReferenceInput&);

/// Null where none is written for the problem.
[[nodiscard]] Reference find_reference(const std::string& problem);

}  // namespace fuseline::host_cuda
