// What is known before measuring, as one more feature of a model.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "tuner/search/random_source.hpp"
#include "tuner/search/strategy.hpp"

namespace fuseline::tuner {

/// Scales StrategyContext::prior to about [0, 1] by what it says of a sample of the space. The model finds out by
/// itself what it is worth.
class PriorFeature {
 public:
  /// Width 0 where there is no prior, or where it is the same for every configuration sampled.
  PriorFeature(const StrategyContext& context, RandomSource& random);
  [[nodiscard]] int width() const { return span_ > 0 ? 1 : 0; }
  /// Clamped to [-0.5, 1.5]; 0.5 where the prior is not finite.
  [[nodiscard]] double value(std::uint64_t index) const;
  /// The lowest by prior among a random sample of those accepted; empty where none of the sample was.
  [[nodiscard]] std::optional<std::uint64_t> best_of(RandomSource& random,
                                                     const std::function<bool(std::uint64_t)>& accepted) const;

 private:
  std::function<double(std::uint64_t)> prior_;
  std::uint64_t size_ = 0;
  double low_ = 0, span_ = 0;
};

}  // namespace fuseline::tuner
