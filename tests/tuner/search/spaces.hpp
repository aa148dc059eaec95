// Small spaces and a driver for the tests of strategies.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tuner/search/strategy.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner::testing {

inline Parameter numbers(const std::string& name, const std::vector<int>& values) {
  Parameter parameter{name, {}, true};
  for (const int value : values) parameter.values.emplace_back(value);
  return parameter;
}

inline Parameter words(const std::string& name, const std::vector<std::string>& values) {
  Parameter parameter{name, {}, false};
  for (const auto& value : values) parameter.values.emplace_back(value);
  return parameter;
}

inline std::shared_ptr<const Space> built(const std::vector<SubSpaceSpec>& specs) {
  auto space = build_space(specs);
  return space ? *space : nullptr;
}

/// Two variants, numbers and words, constraints: 2 * 3 * 4 * 3 less what x * y <= 64 removes, and 12.
inline std::shared_ptr<const Space> mixed_space() {
  SubSpaceSpec first{
      "tiled", {numbers("x", {1, 2, 4, 8, 16, 32}), numbers("y", {1, 2, 4, 8}), words("how", {"copy", "move", "swap"})},
      {},      {},
      {},      ""};
  first.constraints = {{"x * y <= 64", "too many threads"}};
  SubSpaceSpec second{"plain", {numbers("x", {1, 2, 4, 8}), numbers("depth", {1, 2, 3})}, {}, {}, {}, ""};
  return built({first, second});
}

/// 30 * 30 * 8 * 2 = 14,400 raw, about half of them valid.
inline std::shared_ptr<const Space> wide_space() {
  std::vector<int> steps;
  for (int i = 1; i <= 30; ++i) steps.push_back(8 * i);
  SubSpaceSpec spec{
      "wide", {numbers("a", steps), numbers("b", steps), numbers("c", {1, 2, 3, 4, 5, 6, 7, 8}), numbers("d", {0, 1})},
      {},     {},
      {},     ""};
  spec.constraints = {{"a + b <= 248", "too large"}};
  return built({spec});
}

/// A smooth valley with its floor away from the borders.
inline double valley_ms(const Configuration& configuration) {
  double time = 1;
  for (const auto& [name, value] : configuration.values) {
    const auto number = value.number();
    time += number ? 0.2 * std::pow(std::log2(1 + *number) - 3, 2) : (value == Value("move") ? 0.0 : 0.4);
  }
  return time;
}

using Evaluate = std::function<Observation(const Space&, std::uint64_t)>;

inline Observation measured(const Space& space, std::uint64_t index) {
  return {index, true, valley_ms(space.configuration(index)), 0.1};
}
inline Observation failed(const Space&, std::uint64_t index) { return {index, false, 0, 0.1}; }

/// Asks one at a time until `limit` evaluations or exhaustion; the indices in order.
inline std::vector<std::uint64_t> drive(Strategy& strategy, const Space& space, std::size_t limit,
                                        const Evaluate& evaluate = measured) {
  std::vector<std::uint64_t> trace;
  while (trace.size() < limit && !strategy.exhausted()) {
    const auto asked = strategy.ask(1);
    if (asked.empty()) break;
    for (const auto index : asked) {
      trace.push_back(index);
      strategy.tell(evaluate(space, index));
    }
  }
  return trace;
}

/// Without a number of evaluations the sweep is one that ends when it is satisfied, so that `auto` learns as
/// `surrogate` does.
inline std::unique_ptr<Strategy> make(const std::string& name, std::shared_ptr<const Space> space,
                                      std::uint64_t seed = 1, std::optional<std::uint64_t> evaluations = {}) {
  StrategyContext context;
  context.space = std::move(space);
  context.seed = seed;
  context.budget.evaluations = evaluations;
  context.budget.until_satisfied = !evaluations;
  auto strategy = make_strategy(name, std::move(context));
  return strategy ? std::move(*strategy) : nullptr;
}

}  // namespace fuseline::tuner::testing
