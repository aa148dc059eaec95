#include "tuner/search/pool_model.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace fuseline::tuner {

PoolModel::PoolModel(const Covariance& covariance, const Eigen::MatrixXd& points, const Eigen::MatrixXd& candidates,
                     Eigen::Index capacity)
    : covariance_(covariance), points_(points), candidates_(candidates), count_(points.cols()) {
  const Eigen::Index rows = count_ + capacity;
  points_.conservativeResize(Eigen::NoChange, rows);
  factor_.setZero(rows, rows);
  Eigen::MatrixXd k = covariance_.between(points, points);
  k.diagonal().array() += covariance_.noise_variance() + 1e-9 * covariance_.variance();
  factor_.topLeftCorner(count_, count_) = k.llt().matrixL();
  solved_.resize(candidates_.cols(), rows);
  const Eigen::MatrixXd cross = covariance_.between(points, candidates_);
  solved_.leftCols(count_) =
      factor_.topLeftCorner(count_, count_).triangularView<Eigen::Lower>().solve(cross).transpose();
  variance_ = covariance_.variance() - solved_.leftCols(count_).rowwise().squaredNorm().array();
}

void PoolModel::add_point(const Eigen::VectorXd& point) {
  const auto n = count_;
  const Eigen::VectorXd k = covariance_.between(points_.leftCols(n), point);
  const Eigen::VectorXd row = factor_.topLeftCorner(n, n).triangularView<Eigen::Lower>().solve(k);
  const double own = covariance_.variance() * (1 + 1e-9) + covariance_.noise_variance() - row.squaredNorm();
  const double diagonal = std::sqrt(std::max(own, 1e-10));
  factor_.row(n).head(n) = row.transpose();
  factor_(n, n) = diagonal;
  points_.col(n) = point;
  if (candidates_.cols() > 0) {
    const Eigen::VectorXd cross = covariance_.between(candidates_, point);
    solved_.col(n) = (cross - solved_.leftCols(n) * row) / diagonal;
    variance_ -= solved_.col(n).cwiseAbs2();
  }
  ++count_;
}

void PoolModel::add_candidates(const Eigen::MatrixXd& candidates) {
  const Eigen::Index before = candidates_.cols(), added = candidates.cols();
  if (added == 0) return;
  candidates_.conservativeResize(candidates.rows(), before + added);
  candidates_.rightCols(added) = candidates;
  solved_.conservativeResize(before + added, Eigen::NoChange);
  const Eigen::MatrixXd cross = covariance_.between(points_.leftCols(count_), candidates);
  solved_.bottomRows(added).leftCols(count_) =
      factor_.topLeftCorner(count_, count_).triangularView<Eigen::Lower>().solve(cross).transpose();
  variance_.conservativeResize(before + added);
  variance_.tail(added) =
      covariance_.variance() - solved_.bottomRows(added).leftCols(count_).rowwise().squaredNorm().array();
}

Eigen::VectorXd PoolModel::mean(const Eigen::VectorXd& targets) const {
  const Eigen::VectorXd whitened = factor_.topLeftCorner(count_, count_).triangularView<Eigen::Lower>().solve(targets);
  return solved_.leftCols(count_) * whitened;
}

}  // namespace fuseline::tuner
