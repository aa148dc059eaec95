// The registry of strategies.
#include <algorithm>
#include <utility>

#include "tuner/base/text.hpp"
#include "tuner/search/methods.hpp"
#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

namespace {

struct Method {
  StrategyInfo info;
  std::unique_ptr<Strategy> (*make)(StrategyContext);
};

const std::vector<Method>& methods() {
  static const std::vector<Method> list = {
      {{"exhaustive", "every configuration, in order"}, make_exhaustive},
      {{"random", "uniform sampling without replacement"}, make_random},
      {{"genetic", "steady-state genetic algorithm"}, make_genetic},
      {{"annealing", "simulated annealing"}, make_annealing},
      {{"local", "iterated local search"}, make_local},
      {{"differential", "differential evolution"}, make_differential},
      {{"pso", "particle swarm"}, make_pso},
      {{"auto",
        "everything where the budget allows it, else the one that scores best: surrogate with what is known before "
        "measuring"},
       make_auto},
      {{"surrogate", "Bayesian optimisation with a Gaussian process"}, make_surrogate},
  };
  return list;
}

}  // namespace

const std::vector<StrategyInfo>& strategies() {
  static const std::vector<StrategyInfo> list = [] {
    std::vector<StrategyInfo> infos;
    for (const auto& method : methods()) infos.push_back(method.info);
    return infos;
  }();
  return list;
}

Result<std::unique_ptr<Strategy>> make_strategy(const std::string& name, StrategyContext context) {
  if (!context.space || context.space->size() == 0)
    return bad_input("a strategy needs a space with at least one configuration");
  for (const auto& method : methods())
    if (method.info.name == name) return method.make(std::move(context));
  std::string known;
  for (const auto& method : methods()) known += (known.empty() ? "" : ", ") + method.info.name;
  return bad_input("--strategy", "", "unknown strategy '" + printable(name) + "'; there are " + known);
}

}  // namespace fuseline::tuner
