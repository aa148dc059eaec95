// Whether run times moved while they were taken.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace fuseline::tuner {

/// The place where the times before and after it differ most.
struct Shift {
  std::size_t at = 0;   ///< Position of the first sample after it.
  double relative = 0;  ///< Median after it over median before it, less one: 0.03 is three percent slower.
  double p = 1;         ///< Chance of as clear a place in samples of one distribution.

  /// Clear (p below 0.01), and large enough to matter: more than one percent.
  [[nodiscard]] bool counts() const;
};

/// The change-point test of Pettitt (1979), "A Non-parametric Approach to the Change-point Problem", Applied Statistics
/// 28: U_t is the sum of sign(x_j - x_i) over i <= t < j, K the greatest |U_t|, and p about 2 exp(-6 K^2 / (n^3 +
/// n^2)). It goes by ranks, so that outliers do not move it, and finds a steady drift as well as a jump; a drift by d
/// has medians d / 2 apart. `samples` are times in the order in which they were taken; what is not finite is left out.
/// There are four at least on either side; empty under 16 samples, of which p is never under 0.01.
[[nodiscard]] std::optional<Shift> largest_shift(std::span<const double> samples);

}  // namespace fuseline::tuner
