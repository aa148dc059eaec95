#include "tuner/run/fitting.hpp"

namespace fuseline::tuner {

Result<std::string> misfit_of(const Configuration& configuration, const std::vector<Variant>& variants,
                              const ProblemInstance& instance, const DeviceLimits& limits) {
  FUSELINE_TRY(variant, find_variant(variants, configuration.variant));
  return misfit(*variant, configuration, instance, limits);
}

Result<FirstFitting> first_fitting(const std::vector<const Evaluation*>& ranked, const std::vector<Variant>& variants,
                                   const ProblemInstance& instance, const DeviceLimits& limits) {
  FirstFitting fit;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    FUSELINE_TRY(why, misfit_of(ranked[i]->configuration, variants, instance, limits));
    if (i == 0) fit.misfit = why;
    if (!why.empty()) continue;
    fit.evaluation = ranked[i];
    return fit;
  }
  return fit;
}

}  // namespace fuseline::tuner
