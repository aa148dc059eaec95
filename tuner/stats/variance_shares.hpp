// How much of what varied is due to which factor, and to which two together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tuner/stats/forest.hpp"

namespace fuseline::tuner {

/// Of two factors together, beyond what each does by itself.
struct PairShare {
  std::size_t first = 0, second = 0;  ///< Positions in the design; first < second.
  double share = 0;
};
/// Shares of the variance over the whole grid of levels, each level as likely as another: 0 to 1, in all 1.
struct VarianceShares {
  std::vector<double> main;      ///< By factor: of its own effect.
  std::vector<PairShare> pairs;  ///< Every pair.
  double rest = 0;               ///< Of three and more together.
  double held_out_r2 = 0;        ///< How well the model predicts rows that it was not fitted on; 1 is perfect.
  std::size_t rows = 0;          ///< That it was fitted on.

  /// Of both by themselves and together.
  [[nodiscard]] double joint(const PairShare& pair) const { return main[pair.first] + main[pair.second] + pair.share; }
};

inline constexpr std::size_t kFewestRows = 24;  ///< From which shares are told.
inline constexpr double kLeastExplained = 0.3;  ///< Of held-out variance, from which shares are told.

/// Functional analysis of variance of a random forest (Hutter, Hoos & Leyton-Brown, "An Efficient Approach for
/// Assessing Hyperparameter Importance", ICML 2014): main effects and interactions are exact for the forest's mean, the
/// variance of all is that over the grid, or over 8,192 random points of a larger one. Unlike one-way shares it does
/// not mind which combinations were measured how often; what was measured nowhere is the forest's guess. Of more than
/// 10,000 rows so many, drawn at random, count. Deterministic, and the same in whatever order the rows are. Under half
/// a second for 10,000 rows of ten factors. `why_not` where there is no answer: too few rows, nothing varies, or a
/// model that explains too little of what it was not fitted on.
struct SharesAnswer {
  std::optional<VarianceShares> shares;
  std::string why_not = {};
};
[[nodiscard]] SharesAnswer variance_shares(const Design& design);

}  // namespace fuseline::tuner
