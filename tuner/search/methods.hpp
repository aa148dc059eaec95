// Constructors of the strategies, one source file each; make_strategy chooses among them by name.
#pragma once

#include <memory>

#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

[[nodiscard]] std::unique_ptr<Strategy> make_exhaustive(StrategyContext context);
[[nodiscard]] std::unique_ptr<Strategy> make_random(StrategyContext context);

}  // namespace fuseline::tuner
