#include "profiler/host/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace fuseline::host_cuda {
namespace {

constexpr double kHopeless = std::numeric_limits<double>::infinity();

/// With the share of the largest among what every element may be off.
Allowed worked_out(const Allowed& allowed, const std::vector<double>& expected) {
  if (allowed.of_largest <= 0) return allowed;
  double largest = 0;
  for (const double value : expected) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  return {allowed.absolute + allowed.of_largest * largest, allowed.relative};
}

/// The error as a share of what is allowed.
double share_of(double got, double expected, const Allowed& allowed) {
  if (std::isnan(got) && std::isnan(expected)) return 0;
  if (got == expected) return 0;
  const double error = std::abs(got - expected);
  const double most = allowed.absolute + allowed.relative * std::abs(expected);
  return std::isfinite(error) && most > 0 ? error / most : kHopeless;
}

/// A byte of 255 is an ordinary value.
bool is_unwritten(std::span<const std::byte> got, std::size_t at, std::size_t bytes) {
  const auto own = got.subspan(at * bytes, bytes);
  return bytes > 1 && std::all_of(own.begin(), own.end(), [](std::byte byte) { return byte == std::byte{0xff}; });
}

}  // namespace

std::string compare_output(const std::string& name, std::span<const std::byte> got, Element element,
                           const std::vector<double>& expected, const Allowed& of_all) {
  const Allowed allowed = worked_out(of_all, expected);
  const std::vector<double> values = decode(got, element);
  if (values.size() != expected.size())
    return fmt::format("\"{}\" has {} elements, the reference {}", name, values.size(), expected.size());
  std::size_t wrong = 0, unwritten = 0, first_unwritten = 0, worst = 0;
  double largest = 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_unwritten(got, i, element_bytes(element))) {
      if (unwritten++ == 0) first_unwritten = i;
      continue;
    }
    const double share = share_of(values[i], expected[i], allowed);
    if (share <= 1) continue;
    if (wrong++ == 0 || share > largest) worst = i;
    largest = std::max(largest, share);
  }
  std::string text;
  if (wrong > 0) {
    text = std::isinf(largest) ? fmt::format("{}[{}] is {}, expected {}", name, worst, values[worst], expected[worst])
                               : fmt::format("largest error {:.3g} times the tolerance at {}[{}]: {}, expected {}",
                                             largest, name, worst, values[worst], expected[worst]);
    text += fmt::format("; {} of {} elements are wrong", wrong, values.size());
  }
  if (unwritten > 0)
    text += fmt::format(
        "{}{} of {} elements of {} hold the NaN that outputs and shared memory begin with, the first {}[{}]",
        text.empty() ? "" : "; ", unwritten, values.size(), name, name, first_unwritten);
  return text;
}

}  // namespace fuseline::host_cuda
