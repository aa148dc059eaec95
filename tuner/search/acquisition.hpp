// What evaluating a candidate promises.
#pragma once

namespace fuseline::tuner {

/// Logarithm of the expected improvement below `best` of a normal variate (Jones, Schonlau & Welch 1998), accurate far
/// in the tail where the improvement itself underflows.
[[nodiscard]] double log_expected_improvement(double best, double mean, double deviation);

}  // namespace fuseline::tuner
