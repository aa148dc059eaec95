#include "tuner/run/fitting.hpp"

namespace fuseline::tuner {

Result<FirstFitting> first_fitting(const std::vector<const Evaluation*>& ranked, const std::vector<Variant>& variants,
                                   const ProblemInstance& instance, const DeviceLimits& limits) {
  FirstFitting fit;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const Configuration& configuration = ranked[i]->configuration;
    FUSELINE_TRY(variant, find_variant(variants, configuration.variant));
    FUSELINE_TRY(why, misfit(*variant, configuration, instance, limits));
    if (i == 0) fit.misfit = why;
    if (!why.empty()) continue;
    fit.evaluation = ranked[i];
    return fit;
  }
  return fit;
}

}  // namespace fuseline::tuner
