// The default: everything where the budget allows it, else what scores best.
#include "tuner/search/methods.hpp"

namespace fuseline::tuner {

namespace {

/// A budget in seconds says nothing before the first costs are known.
bool covers(const StrategyBudget& budget, std::uint64_t size) {
  return !budget.until_satisfied && !budget.seconds && (!budget.evaluations || *budget.evaluations >= size);
}

}  // namespace

/// Where everything will be measured a model could only cost.
std::unique_ptr<Strategy> make_auto(StrategyContext context) {
  if (covers(context.budget, context.space->size())) return make_everything("auto", std::move(context));
  return make_model_search("auto", std::move(context));
}

}  // namespace fuseline::tuner
