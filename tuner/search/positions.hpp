// Configurations as real vectors of positions of values, for methods that come from continuous optimisation.
#pragma once

#include <Eigen/Core>

#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// The position of every parameter's value, as it is (no scaling).
[[nodiscard]] Eigen::VectorXd positions_of(const Point& point);
/// The nearest point; positions outside a parameter's values are reflected at the border.
[[nodiscard]] Point nearest_point(const Eigen::VectorXd& positions, const Space& space, std::uint32_t subspace);

}  // namespace fuseline::tuner
