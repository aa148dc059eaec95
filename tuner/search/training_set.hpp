// What a model learns from: observations as standardised targets.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tuner/search/history.hpp"

namespace fuseline::tuner {

/// Rows are numbered in order of addition. Targets are logarithms of time, standardised over the observations the set
/// was chosen from; a failure has the target of the slowest success, and 1 in failures().
class TrainingSet {
 public:
  /// All answers in `history`, or `limit` of them: the faster half of the limit, and as many of the rest by hash, so
  /// that the model still knows where it is slow. Needs at least one success.
  static TrainingSet choose(const History& history, std::size_t limit);

  [[nodiscard]] const std::vector<std::uint64_t>& indices() const { return indices_; }
  [[nodiscard]] const Eigen::VectorXd& targets() const { return targets_; }
  [[nodiscard]] const Eigen::VectorXd& failures() const { return failures_; }
  [[nodiscard]] double target_of(const Observation& observation) const;
  /// Standard deviation of the logarithms of time: one unit of the targets.
  [[nodiscard]] double scale() const { return scale_; }

  /// A proposal that is still out, with the target believed for it.
  void believe(std::uint64_t index, double target);
  /// False where the index is no row of the set.
  bool answer(const Observation& observation);

 private:
  std::vector<std::uint64_t> indices_;
  std::unordered_map<std::uint64_t, Eigen::Index> rows_;
  Eigen::VectorXd targets_, failures_;
  double centre_ = 0, scale_ = 1, slowest_ = 0;
};

}  // namespace fuseline::tuner
