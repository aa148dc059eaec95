// The wider family of row operations in fp64, written from the formulas.
#include <algorithm>

#include "reference_parts.hpp"

namespace fuseline::host_cuda {
namespace {

double silu(double a) { return a / (1.0 + std::exp(-a)); }

}  // namespace

ExpectedOutputs bias_gelu(const ReferenceInput& input) {
  const std::vector<double>&x = input.tensors.at("x"), &bias = input.tensors.at("bias");
  ExpectedOutput out = zeros(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double shift = bias[i % bias.size()];
    out.values[i] = gelu(x[i] + shift);
    out.extra_tolerance[i] = kSteepestGelu * 2.0 * kRounding * (std::abs(x[i]) + std::abs(shift));
  }
  return {{"out", out}};
}

ExpectedOutputs swiglu(const ReferenceInput& input) {
  const auto width = static_cast<std::size_t>(input.dims.at("W"));
  const std::vector<double>& x = input.tensors.at("x");
  ExpectedOutput out = zeros(x.size() / 2);
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const std::size_t gate = i / width * 2 * width + i % width;
    out.values[i] = silu(x[gate]) * x[gate + width];
  }
  return {{"out", out}};
}

ExpectedOutputs rmsnorm_residual(const ReferenceInput& input) {
  const auto width = static_cast<std::size_t>(input.dims.at("W"));
  const std::vector<double>&x = input.tensors.at("x"), &residual = input.tensors.at("residual"),
        &weight = input.tensors.at("weight");
  ExpectedOutput h = zeros(x.size()), y = zeros(x.size());
  for (std::size_t row = 0; row * width < x.size(); ++row) {
    double squares = 0.0;
    for (std::size_t i = row * width; i < (row + 1) * width; ++i) {
      h.values[i] = x[i] + residual[i];
      squares += h.values[i] * h.values[i] / static_cast<double>(width);
    }
    const double inverse = 1.0 / std::sqrt(squares + input.scalars.at("eps"));
    for (std::size_t i = row * width; i < (row + 1) * width; ++i) {
      const double factor = inverse * weight[i % width];
      y.values[i] = h.values[i] * factor;
      // The sum may cancel.
      h.extra_tolerance[i] = kRounding * (std::abs(x[i]) + std::abs(residual[i]));
      y.extra_tolerance[i] = 2.0 * h.extra_tolerance[i] * std::abs(factor);
    }
  }
  return {{"h", h}, {"y", y}};
}

ExpectedOutputs groupnorm_silu(const ReferenceInput& input) {
  const auto groups = static_cast<std::size_t>(input.dims.at("G")),
             width = static_cast<std::size_t>(input.dims.at("D"));
  const std::vector<double>&x = input.tensors.at("x"), &bias = input.tensors.at("bias"),
        &gamma = input.tensors.at("gamma"), &beta = input.tensors.at("beta");
  ExpectedOutput out = zeros(x.size());
  std::vector<double> values(width);
  for (std::size_t start = 0; start < x.size(); start += width) {
    const std::size_t first = start % (groups * width);
    double largest = 0.0;  // Of what is added, whose roundings a small deviation brings out.
    for (std::size_t d = 0; d < width; ++d) {
      values[d] = silu(x[start + d]) + bias[first + d];
      largest = std::max(largest, std::abs(silu(x[start + d])) + std::abs(bias[first + d]));
    }
    const NormalRow normal = normalise(values.data(), width, input.scalars.at("eps"));
    for (std::size_t d = 0; d < width; ++d) {
      out.values[start + d] = gamma[first + d] * normal.values[d] + beta[first + d];
      const double roundings = 4.0 * kRoundings * kRounding * largest * normal.inverse_deviation;
      out.extra_tolerance[start + d] = std::abs(gamma[first + d]) * (normal.uncertainty + roundings);
      out.per_rounding[start + d] = std::abs(gamma[first + d]) * normal.per_rounding;
    }
  }
  return {{"out", out}};
}

}  // namespace fuseline::host_cuda
