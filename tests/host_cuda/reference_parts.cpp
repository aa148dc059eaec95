#include "reference_parts.hpp"

namespace fuseline::host_cuda {

NormalRow normalise(const double* row, std::size_t width, double eps) {
  double mean = 0.0;
  for (std::size_t w = 0; w < width; ++w) mean += row[w] / static_cast<double>(width);
  double variance = 0.0;
  for (std::size_t w = 0; w < width; ++w) variance += (row[w] - mean) * (row[w] - mean) / static_cast<double>(width);
  const double deviation = std::sqrt(variance + eps);
  NormalRow result;
  for (std::size_t w = 0; w < width; ++w) result.values.push_back((row[w] - mean) / deviation);
  result.inverse_deviation = 1.0 / deviation;
  const double one_rounding = kRounding * std::abs(mean) / deviation;
  result.uncertainty = kRoundings * one_rounding;
  // Roundings of a sum of equal numbers all go the same way. In a row that varies they do not, and errors stay near the
  // square root of the bound.
  if (variance < eps) result.per_rounding = one_rounding;
  return result;
}

ExpectedOutput zeros(std::size_t size) {
  const std::vector<double> none(size, 0.0);
  return {none, none, none};
}

}  // namespace fuseline::host_cuda
