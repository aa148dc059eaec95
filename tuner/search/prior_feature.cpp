#include "tuner/search/prior_feature.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fuseline::tuner {

namespace {
constexpr int samples = 256;
}

PriorFeature::PriorFeature(const StrategyContext& context, RandomSource& random)
    : prior_(context.prior), size_(context.space->size()) {
  if (!prior_) return;
  std::vector<double> values;
  for (int i = 0; i < samples; ++i)
    if (const double value = prior_(random.below(size_)); std::isfinite(value)) values.push_back(value);
  if (values.empty()) return;
  std::sort(values.begin(), values.end());
  low_ = values[values.size() / 20];
  span_ = values[values.size() - 1 - values.size() / 20] - low_;
}

double PriorFeature::value(std::uint64_t index) const {
  const double value = prior_(index);
  return std::isfinite(value) ? std::clamp((value - low_) / span_, -0.5, 1.5) : 0.5;
}

std::optional<std::uint64_t> PriorFeature::best_of(RandomSource& random,
                                                   const std::function<bool(std::uint64_t)>& accepted) const {
  std::optional<std::uint64_t> best;
  double lowest = 0;
  for (int i = 0; i < samples; ++i) {
    const std::uint64_t index = random.below(size_);
    if (!accepted(index)) continue;
    const double value = prior_(index);
    if (!std::isfinite(value) || (best && value >= lowest)) continue;
    lowest = value;
    best = index;
  }
  return best;
}

}  // namespace fuseline::tuner
