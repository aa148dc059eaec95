// Gaussian-process regression with one length scale a feature, grown one point at a time.
#pragma once

#include <Eigen/Core>

namespace fuseline::tuner {

/// Matern 5/2 covariance (Rasmussen & Williams 2006, ch. 4) for targets of about unit variance.
struct Covariance {
  Eigen::VectorXd log_inverse_length;  ///< One a feature.
  double log_signal = 0;               ///< Of the standard deviation.
  double log_noise = -3.5;             ///< Of the standard deviation.

  /// Covariance of the columns of a (features x n) with those of b (features x m): n x m, without noise.
  [[nodiscard]] Eigen::MatrixXd between(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) const;
  [[nodiscard]] double variance() const;
  [[nodiscard]] double noise_variance() const;
};

/// Length scales, signal and noise that maximise the marginal likelihood of y at the columns of x, with weak log-normal
/// priors, from `start` by resilient back-propagation (Riedmiller & Braun 1993) with exact gradients. O(iterations *
/// n^3).
[[nodiscard]] Covariance fit_covariance(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Covariance& start,
                                        int iterations);

}  // namespace fuseline::tuner
