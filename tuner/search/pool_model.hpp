// A Gaussian process over evaluated configurations, with its prediction for a pool of candidates kept up to date as
// points arrive.
#pragma once

#include <Eigen/Core>
#include <cstddef>

#include "tuner/search/gaussian_process.hpp"

namespace fuseline::tuner {

/// With n points and m candidates: building costs O(n^2 (n + m)), adding a point O(n (n + m)), changing a target O(n (n
/// + m)). A point may be added before its target is known (with a believed one): only the targets change later, not the
/// factor.
class PoolModel {
 public:
  PoolModel() = default;
  /// `points` and `candidates` are features x n and features x m; capacity is how many points may be added beyond
  /// those.
  PoolModel(const Covariance& covariance, const Eigen::MatrixXd& points, const Eigen::MatrixXd& candidates,
            Eigen::Index capacity);

  [[nodiscard]] Eigen::Index size() const { return count_; }
  [[nodiscard]] bool full() const { return count_ == factor_.rows(); }
  void add_point(const Eigen::VectorXd& point);
  void add_candidates(const Eigen::MatrixXd& candidates);

  /// Posterior mean at the candidates for targets (one a point, of about zero mean and unit variance).
  [[nodiscard]] Eigen::VectorXd mean(const Eigen::VectorXd& targets) const;
  /// Posterior variance at the candidates, without noise.
  [[nodiscard]] Eigen::VectorXd variance() const { return variance_.cwiseMax(1e-12); }

 private:
  Covariance covariance_;
  Eigen::MatrixXd points_;      ///< features x capacity
  Eigen::MatrixXd candidates_;  ///< features x m
  Eigen::MatrixXd factor_;      ///< Lower Cholesky factor, capacity x capacity.
  Eigen::MatrixXd solved_;      ///< m x capacity: row c is (L^-1 k_c)^T, so that a new point is a new column.
  Eigen::VectorXd variance_;
  Eigen::Index count_ = 0;
};

}  // namespace fuseline::tuner
