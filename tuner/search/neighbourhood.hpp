// Which configurations are near which: from the order of each parameter's values, across constraints and between
// variants.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "tuner/search/random_source.hpp"
#include "tuner/space/space.hpp"

namespace fuseline::tuner {

/// Reads the space through point() and index_of() only, so it never lists it.
class Neighbourhood {
 public:
  explicit Neighbourhood(std::shared_ptr<const Space> space);

  /// One parameter moved to the nearest valid value on either side (ordered) or to any other value (categories).
  [[nodiscard]] std::vector<std::uint64_t> adjacent(std::uint64_t index) const;
  /// One parameter changed to any other value; at most `values_each` values of a parameter are looked at, the nearest
  /// first.
  [[nodiscard]] std::vector<std::uint64_t> one_changed(std::uint64_t index, std::size_t values_each = 64) const;
  /// `changes` parameters set to other values drawn at random, retried until valid; now and then another variant with
  /// the values that both share. Empty where nothing valid was met.
  [[nodiscard]] std::optional<std::uint64_t> random_change(std::uint64_t index, std::size_t changes,
                                                           RandomSource& random) const;
  /// The same with ordered parameters moved by at most `reach` positions.
  [[nodiscard]] std::optional<std::uint64_t> random_step(std::uint64_t index, std::size_t changes, std::size_t reach,
                                                         RandomSource& random) const;
  /// A valid configuration near `point`: itself, or one with as few parameters changed as a short random search finds.
  [[nodiscard]] std::optional<std::uint64_t> repair(const Point& point, RandomSource& random) const;
  /// `point` in another sub-space: values of parameters with the same name are kept as nearly as they can be, the
  /// others drawn.
  [[nodiscard]] Point translate(const Point& point, std::uint32_t subspace, RandomSource& random) const;

  /// Sets one parameter to another value drawn at random, within `reach` positions where it is ordered; the point may
  /// become invalid.
  void change(Point& point, std::size_t parameter, std::size_t reach, RandomSource& random) const;
  /// Positions of the parameters of a sub-space that have more than one value.
  [[nodiscard]] const std::vector<std::size_t>& free_parameters(std::uint32_t subspace) const {
    return free_[subspace];
  }
  [[nodiscard]] const Space& space() const { return *space_; }

 private:
  std::shared_ptr<const Space> space_;
  std::vector<std::vector<std::size_t>> free_;
};

}  // namespace fuseline::tuner
