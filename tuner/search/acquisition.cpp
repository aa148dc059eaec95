#include "tuner/search/acquisition.hpp"

#include <cmath>
#include <numbers>

namespace fuseline::tuner {

double log_expected_improvement(double best, double mean, double deviation) {
  const double z = (best - mean) / deviation;
  const double log_density = -0.5 * z * z - 0.5 * std::log(2 * std::numbers::pi);
  // Below -6 the difference of the two terms cancels; the first term of its asymptotic expansion, density / z^2, is
  // within a few per cent.
  if (z < -6) return log_density - 2 * std::log(-z) + std::log(deviation);
  const double improvement = z * 0.5 * std::erfc(-z / std::numbers::sqrt2) + std::exp(log_density);
  return std::log(improvement) + std::log(deviation);
}

}  // namespace fuseline::tuner
