#include "tuner/stats/shift.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tuner/stats/statistics.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::size_t kLeastOnASide = 4;
constexpr std::size_t kLeast = 16;  // Of fewer no order is rare enough: p is 0.01 or more.
constexpr double kClear = 0.01, kLarge = 0.01;

/// Ranks from 1; equal values share the mean of theirs.
std::vector<double> mean_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t i = first; i < end; ++i) ranks[order[i]] = static_cast<double>(first + end + 1) / 2;
  }
  return ranks;
}

/// How many of the first values are before the change.
struct Change {
  std::size_t before = 0;
  double k = 0;
};

/// By ranks |U_t| is |2 (R_1 + ... + R_t) - t (n + 1)|: a pass where the sum over pairs takes n^2 steps.
Change clearest(const std::vector<double>& values) {
  const std::vector<double> ranks = mean_ranks(values);
  const double n = static_cast<double>(values.size());
  Change change;
  double sum_of_ranks = 0;
  for (std::size_t t = 1; t + kLeastOnASide <= values.size(); ++t) {
    sum_of_ranks += ranks[t - 1];
    const double u = std::abs(2 * sum_of_ranks - static_cast<double>(t) * (n + 1));
    if (t >= kLeastOnASide && (change.before == 0 || u > change.k)) change = {t, u};
  }
  return change;
}

}  // namespace

bool Shift::counts() const { return p < kClear && std::abs(relative) > kLarge; }

std::optional<Shift> largest_shift(std::span<const double> samples) {
  if (samples.size() < kLeast) return std::nullopt;
  std::vector<double> values;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!std::isfinite(samples[i])) continue;
    values.push_back(samples[i]);
    positions.push_back(i);
  }
  if (values.size() < kLeast) return std::nullopt;
  const Change change = clearest(values);
  const std::span<const double> all(values);
  const double n = static_cast<double>(values.size()), before = median(all.first(change.before)),
               after = median(all.subspan(change.before));
  Shift shift;
  shift.at = positions[change.before];
  shift.relative = before > 0 ? after / before - 1 : 0;
  shift.p = std::min(1.0, 2 * std::exp(-6 * change.k * change.k / (n * n * n + n * n)));
  return shift;
}

}  // namespace fuseline::tuner
