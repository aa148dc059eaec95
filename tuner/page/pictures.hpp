// The plots of a run within a page.
#pragma once

#include <string>

#include "tuner/run/run.hpp"

namespace fuseline::tuner {

/// Bytes of an SVG up to which it is put into the page; a larger plot is a PNG.
inline constexpr std::size_t kLargestSvg = std::size_t{512} * 1024;

/// Roofline, convergence, effects and samples of the best, each light and dark, as far as the run has what they need.
/// `mark` keeps the names of one run's pictures apart from another's.
[[nodiscard]] std::string pictures_part(const Run& run, const std::string& mark);

}  // namespace fuseline::tuner
