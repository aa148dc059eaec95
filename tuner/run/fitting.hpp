// Which of a run's ranked configurations are in another chip's space.
#pragma once

#include <string>
#include <vector>

#include "tuner/problem/variant.hpp"
#include "tuner/run/run.hpp"

namespace fuseline::tuner {

struct FirstFitting {
  const Evaluation* evaluation = nullptr;  ///< Null where none of them fits.
  std::string misfit;                      ///< Why the first of all does not; empty where it does.
};

/// Why `configuration` is not in the space of `variants` on a chip of `limits`; empty where it is. Error: recorded with
/// another version of its variant.
[[nodiscard]] Result<std::string> misfit_of(const Configuration& configuration, const std::vector<Variant>& variants,
                                            const ProblemInstance& instance, const DeviceLimits& limits);

/// The first of `ranked` that is in the space of `variants` on a chip of `limits`: by constraints and limits, nothing
/// is tried. Each takes about a millisecond. Error: recorded with another version of its variant.
[[nodiscard]] Result<FirstFitting> first_fitting(const std::vector<const Evaluation*>& ranked,
                                                 const std::vector<Variant>& variants, const ProblemInstance& instance,
                                                 const DeviceLimits& limits);

}  // namespace fuseline::tuner
