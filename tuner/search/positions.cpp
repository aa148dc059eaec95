#include "tuner/search/positions.hpp"

#include <algorithm>
#include <cmath>

namespace fuseline::tuner {

Eigen::VectorXd positions_of(const Point& point) {
  Eigen::VectorXd positions(static_cast<Eigen::Index>(point.choices.size()));
  for (std::size_t i = 0; i < point.choices.size(); ++i) positions[static_cast<Eigen::Index>(i)] = point.choices[i];
  return positions;
}

Point nearest_point(const Eigen::VectorXd& positions, const Space& space, std::uint32_t subspace) {
  Point point{subspace, {}};
  const auto& parameters = space.subspaces()[subspace].parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double last = static_cast<double>(parameters[i].values.size() - 1);
    double position = positions[static_cast<Eigen::Index>(i)];
    if (position < 0) position = -position;
    if (position > last) position = 2 * last - position;
    point.choices.push_back(static_cast<std::uint16_t>(std::lround(std::clamp(position, 0.0, last))));
  }
  return point;
}

}  // namespace fuseline::tuner
