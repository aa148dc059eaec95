// Constructors of the strategies, one source file each; make_strategy chooses among them by name.
#pragma once

#include <memory>
#include <string_view>

#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

[[nodiscard]] std::unique_ptr<Strategy> make_exhaustive(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_random(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_genetic(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_annealing(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_local(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_differential(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_pso(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_surrogate(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_auto(StrategyContext context);

/// What `auto` chooses among: every configuration in order, and the surrogate. `name` outlives the strategy.
[[nodiscard]] std::unique_ptr<Strategy> make_everything(std::string_view name, StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_model_search(std::string_view name, StrategyContext context);

}  // namespace fuseline::tuner
