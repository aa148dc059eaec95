// The ask/tell interface of search strategies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tuner/base/error.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// What a strategy is told of one configuration. Answers may come in any order.
struct Observation {
  std::uint64_t index = 0;
  bool ok = false;  ///< False: it failed (any outcome but ok); time_ms is meaningless.
  double time_ms = 0;
  double cost_s = 0;  ///< What evaluating it cost.
};

/// How much a strategy may still spend; either may be unlimited (empty).
struct StrategyBudget {
  std::optional<std::uint64_t> evaluations;
  std::optional<double> seconds;
  /// The sweep ends when nothing more is expected: Strategy::expected_improvement() is wanted although the whole space
  /// could be had.
  bool until_satisfied = false;
};

struct StrategyContext {
  std::shared_ptr<const Space> space;
  std::uint64_t seed = 0;
  StrategyBudget budget;
};

/// Proposes configurations and learns from their outcomes. Deterministic: the same seed, budget and order of calls give
/// the same proposals. Never proposes an index twice. Not thread-safe.
class Strategy {
 public:
  virtual ~Strategy() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Up to `count` (>= 1) new indices. Fewer, or none, where it needs outcomes of earlier proposals first; with nothing
  /// outstanding it returns at least one until exhausted().
  [[nodiscard]] virtual std::vector<std::uint64_t> ask(std::size_t count) = 0;
  virtual void tell(const Observation& observation) = 0;
  /// True when every configuration has been proposed.
  [[nodiscard]] virtual bool exhausted() const = 0;
  /// By how much, as a part of the best time, the latest proposal was expected to improve on the best (0.005: half a
  /// per cent). Empty for strategies without a model and before there is one. For stopping when nothing more is to be
  /// gained.
  [[nodiscard]] virtual std::optional<double> expected_improvement() const { return std::nullopt; }
};

struct StrategyInfo {
  std::string name;
  std::string description;
};
[[nodiscard]] const std::vector<StrategyInfo>& strategies();
/// Error: unknown strategy, with the list.
[[nodiscard]] Result<std::unique_ptr<Strategy>> make_strategy(const std::string& name, StrategyContext context);

}  // namespace fuseline::tuner
