// Two result files against each other.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"

namespace fuseline::tuner {

struct Comparison {
  std::string problem, dtype, device_a, device_b;
  double a_ms = 0, b_ms = 0;
  double change = 0;        ///< b / a - 1
  bool regression = false;  ///< change > threshold
  std::string configuration_a, configuration_b;
  std::size_t tied_a = 0, tied_b = 0;  ///< Best and all that could not be told apart from it.
  std::size_t tied_in_both = 0;        ///< Configurations that both files name so.
  std::vector<std::string> warnings;   ///< Different device, replayed against measured, ...
};
/// `threshold` such as 0.03. Errors (bad_input): not result files, different problem, dims or dtype, a negative or not
/// finite threshold.
[[nodiscard]] Result<Comparison> compare(const OrderedJson& a, const std::string& file_a, const OrderedJson& b,
                                         const std::string& file_b, double threshold);

}  // namespace fuseline::tuner
