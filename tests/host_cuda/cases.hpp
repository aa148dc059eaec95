// Which configurations are compiled and run, on which shapes.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "tuner/problem/catalog.hpp"

namespace fuseline::host_cuda {

/// The built-in problems. Ends the program where they cannot be loaded.
[[nodiscard]] const tuner::Catalog& catalog();

/// An H200 with two SMs, so that blocks of persistent grids take several tiles each.
[[nodiscard]] const tuner::DeviceLimits& device();

/// Shapes that reach tails, odd widths and planes, and narrow and wide rows. A problem that the tests do not know has
/// its shape "small".
[[nodiscard]] std::vector<std::vector<tuner::Dimension>> shapes_of(const std::string& problem);

/// One source to be compiled with its defines, and launched.
struct Case {
  std::shared_ptr<const tuner::ProblemInstance> instance;
  tuner::ResolvedConfiguration resolved;  ///< Of the reference: its launches and the instance's defines.
  [[nodiscard]] std::string title() const;
};

/// A variant in one dtype; an empty variant stands for the problem's reference.
struct Target {
  std::string problem;
  std::string variant;
  tuner::Dtype dtype = tuner::Dtype::f32;
  [[nodiscard]] std::string title() const;  ///< "problem__variant__dtype"
};
/// For messages of GoogleTest.
std::ostream& operator<<(std::ostream& out, const Target& target);
[[nodiscard]] std::vector<Target> all_targets();

/// Of a variant what tuner/check/sample takes of its full space; of a reference every shape. Empty where the variant
/// can do none of the shapes in this dtype.
[[nodiscard]] std::vector<Case> choose_cases(const Target& target);

}  // namespace fuseline::host_cuda
