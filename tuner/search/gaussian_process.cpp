#include "tuner/search/gaussian_process.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

namespace fuseline::tuner {

namespace {

/// Priors of the logarithms: mean and standard deviation.
struct Prior {
  double mean, deviation;
};
constexpr Prior inverse_length_prior{0.0, 1.0}, signal_prior{0.2, 0.7}, noise_prior{-3.5, 1.0};

Eigen::MatrixXd squared_distances(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  Eigen::MatrixXd result = -2 * a.transpose() * b;
  result.colwise() += a.colwise().squaredNorm().transpose();
  result.rowwise() += b.colwise().squaredNorm();
  return result.cwiseMax(0);
}

/// Value and gradient of the negative log posterior. Parameters: log inverse lengths, log signal, log noise.
double negative_log_posterior(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Covariance& c,
                              Eigen::VectorXd& gradient) {
  const Eigen::Index n = x.cols(), d = x.rows();
  const Eigen::VectorXd scale = c.log_inverse_length.array().exp();
  const Eigen::MatrixXd scaled = scale.asDiagonal() * x;
  const Eigen::ArrayXXd distance = (squared_distances(scaled, scaled).array() * 5).sqrt();  // sqrt(5) r
  const Eigen::ArrayXXd decay = (-distance).exp() * c.variance();
  const Eigen::MatrixXd signal = ((1 + distance + distance.square() / 3) * decay).matrix();
  Eigen::MatrixXd k = signal;
  k.diagonal().array() += c.noise_variance();
  const Eigen::LLT<Eigen::MatrixXd> cholesky(k);
  gradient.setZero(d + 2);
  if (cholesky.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
  const Eigen::VectorXd alpha = cholesky.solve(y);
  const Eigen::MatrixXd weight = alpha * alpha.transpose() - cholesky.solve(Eigen::MatrixXd::Identity(n, n));
  // dk/dr^2 = -(5/6) (1 + sqrt(5) r) exp(-sqrt(5) r); sum_ij w_ij (x_i - x_j)^2 needs no differences.
  const Eigen::MatrixXd slope = (weight.array() * (1 + distance) * decay * (-5.0 / 6)).matrix();
  const Eigen::VectorXd row_sums = slope.rowwise().sum();
  const Eigen::MatrixXd product = scaled * slope;
  for (Eigen::Index k2 = 0; k2 < d; ++k2) {
    const double sum = 2 * (scaled.row(k2).array().square() * row_sums.transpose().array()).sum() -
                       2 * product.row(k2).dot(scaled.row(k2));
    gradient[k2] = -sum;
  }
  gradient[d] = -(weight.array() * signal.array()).sum();
  gradient[d + 1] = -weight.trace() * c.noise_variance();
  double value = 0.5 * y.dot(alpha) + cholesky.matrixL().toDenseMatrix().diagonal().array().log().sum();
  const auto add_prior = [&](Eigen::Index at, double parameter, const Prior& prior) {
    const double z = (parameter - prior.mean) / prior.deviation;
    value += 0.5 * z * z;
    gradient[at] += z / prior.deviation;
  };
  for (Eigen::Index k2 = 0; k2 < d; ++k2) add_prior(k2, c.log_inverse_length[k2], inverse_length_prior);
  add_prior(d, c.log_signal, signal_prior);
  add_prior(d + 1, c.log_noise, noise_prior);
  return value;
}

Covariance moved(const Covariance& from, const Eigen::VectorXd& step) {
  Covariance to = from;
  const Eigen::Index d = from.log_inverse_length.size();
  for (Eigen::Index k = 0; k < d; ++k)
    to.log_inverse_length[k] = std::clamp(from.log_inverse_length[k] + step[k], -5.0, 3.5);
  to.log_signal = std::clamp(from.log_signal + step[d], -3.0, 3.0);
  to.log_noise = std::clamp(from.log_noise + step[d + 1], -6.0, 0.0);
  return to;
}

}  // namespace

double Covariance::variance() const { return std::exp(2 * log_signal); }
double Covariance::noise_variance() const { return std::exp(2 * log_noise); }

Eigen::MatrixXd Covariance::between(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) const {
  const Eigen::VectorXd scale = log_inverse_length.array().exp();
  const Eigen::ArrayXXd distance =
      (squared_distances(scale.asDiagonal() * a, scale.asDiagonal() * b).array() * 5).sqrt();
  return (variance() * (1 + distance + distance.square() / 3) * (-distance).exp()).matrix();
}

Covariance fit_covariance(const Eigen::MatrixXd& x, const Eigen::VectorXd& y, const Covariance& start, int iterations) {
  const Eigen::Index count = x.rows() + 2;
  Covariance current = start, best = start;
  double best_value = std::numeric_limits<double>::infinity();
  Eigen::VectorXd gradient(count), previous = Eigen::VectorXd::Zero(count),
                                   size = Eigen::VectorXd::Constant(count, 0.15), step(count);
  for (int i = 0; i < iterations; ++i) {
    const double value = negative_log_posterior(x, y, current, gradient);
    if (!std::isfinite(value)) break;
    if (value < best_value) {
      best_value = value;
      best = current;
    }
    for (Eigen::Index k = 0; k < count; ++k) {
      const double agreement = gradient[k] * previous[k];
      if (agreement > 0) size[k] = std::min(size[k] * 1.2, 0.6);
      if (agreement < 0) {
        size[k] = std::max(size[k] * 0.5, 1e-3);
        gradient[k] = 0;
      }
      step[k] = gradient[k] > 0 ? -size[k] : gradient[k] < 0 ? size[k] : 0;
    }
    previous = gradient;
    current = moved(current, step);
  }
  return best;
}

}  // namespace fuseline::tuner
