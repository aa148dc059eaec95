// Configurations as vectors of numbers, for models.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// Every feature lies in [0, 1]. A parameter with the same name in several variants is one feature where its kind
/// allows it.
///  - numbers: their value between the least and the greatest, on a logarithmic scale where they are positive and span
///    a factor of 4;
///  - integers that are not just powers of two: also how often 2 divides them (alignment decides much on a GPU);
///  - two values: 0 and 1; categories: one feature a value; several variants: one feature a variant.
/// A parameter that a variant does not have is 0.5.
class FeatureMap {
 public:
  explicit FeatureMap(const Space& space);
  [[nodiscard]] Eigen::Index size() const { return size_; }
  /// `out` has size() values.
  void write(const Point& point, Eigen::Ref<Eigen::VectorXd> out) const;

 private:
  /// values[choice * width + k] is feature first + k.
  struct Column {
    Eigen::Index first = 0, width = 0;
    std::vector<double> values;
  };
  Eigen::Index size_ = 0;
  Eigen::Index variant_features_ = 0;
  std::vector<std::vector<Column>> columns_;  ///< By sub-space, by parameter.
};

}  // namespace fuseline::tuner
