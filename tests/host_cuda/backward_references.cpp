// Gradients in fp64, from the derivatives of the formulas.
#include <algorithm>

#include "reference_parts.hpp"

namespace fuseline::host_cuda {
namespace {

double gelu_derivative(double y) {
  constexpr double kDensityAtZero = 0.39894228040143267794;
  return 0.5 * std::erfc(-y / std::sqrt(2.0)) + y * std::exp(-0.5 * y * y) * kDensityAtZero;
}

/// One row's part of the gradients.
class BackwardRow {
 public:
  BackwardRow(const ReferenceInput& input, std::size_t row, std::size_t width)
      : gamma_(input.tensors.at("gamma")), beta_(input.tensors.at("beta")), start_(row * width), width_(width) {
    const double scale = input.scalars.at("scale");
    const std::vector<double>& dz = input.tensors.at("dz");
    normal_ = normalise(&input.tensors.at("x")[start_], width, input.scalars.at("eps"));
    for (std::size_t w = 0; w < width; ++w) {
      g_.push_back(scale * dz[start_ + w] * gelu_derivative(gamma_[w] * normal_.values[w] + beta_[w]));
      steepness_.push_back(std::abs(scale * dz[start_ + w] * gamma_[w]) * kSteepestSlope);
    }
  }

  void add_columns(ExpectedOutput& dgamma, ExpectedOutput& dbeta) const {
    for (std::size_t w = 0; w < width_; ++w) {
      const double n = normal_.values[w];
      dgamma.values[w] += g_[w] * n;
      dbeta.values[w] += g_[w];
      const double of_gamma = steepness_[w] * std::abs(n) + std::abs(g_[w]);
      dgamma.extra_tolerance[w] += of_gamma * normal_.uncertainty + kSumRoundings * kRounding * std::abs(g_[w] * n);
      dbeta.extra_tolerance[w] += steepness_[w] * normal_.uncertainty + kSumRoundings * kRounding * std::abs(g_[w]);
      dgamma.per_rounding[w] += of_gamma * normal_.per_rounding;
      dbeta.per_rounding[w] += steepness_[w] * normal_.per_rounding;
    }
  }

  void write_dx(ExpectedOutput& dx) const {
    double mean_q = 0.0, mean_qn = 0.0, shift_q = 0.0, shift_qn = 0.0, size_q = 0.0;
    for (std::size_t w = 0; w < width_; ++w) {
      const double share = 1.0 / static_cast<double>(width_), q = gamma_[w] * g_[w], n = normal_.values[w];
      mean_q += q * share;
      mean_qn += q * n * share;
      shift_q += std::abs(gamma_[w]) * steepness_[w] * share;
      shift_qn += (std::abs(gamma_[w] * n) * steepness_[w] + std::abs(q)) * share;
      size_q += std::abs(q) * share;
    }
    for (std::size_t w = 0; w < width_; ++w) {
      const double q = gamma_[w] * g_[w], n = normal_.values[w];
      dx.values[start_ + w] = normal_.inverse_deviation * (q - mean_q - n * mean_qn);
      // How dx moves where all of n moves by one unit; and roundings of its three terms, which may cancel.
      const double moves = normal_.inverse_deviation *
                           (std::abs(gamma_[w]) * steepness_[w] + shift_q + std::abs(n) * shift_qn + std::abs(mean_qn));
      const double size = normal_.inverse_deviation * (std::abs(q) + size_q + std::abs(n * mean_qn));
      dx.extra_tolerance[start_ + w] = moves * normal_.uncertainty + kSumRoundings * kRounding * size;
      dx.per_rounding[start_ + w] = moves * normal_.per_rounding;
    }
  }

 private:
  const std::vector<double>& gamma_;
  const std::vector<double>& beta_;
  std::size_t start_;
  std::size_t width_;
  NormalRow normal_;
  std::vector<double> g_;          ///< The gradient at the affine map's output.
  std::vector<double> steepness_;  ///< How fast g may change with n.
};

}  // namespace

ExpectedOutputs layernorm_gelu_scale_backward(const ReferenceInput& input) {
  const auto width = static_cast<std::size_t>(input.dims.at("W"));
  const std::size_t elements = input.tensors.at("x").size();
  ExpectedOutput dx = zeros(elements), dgamma = zeros(width), dbeta = zeros(width);
  for (std::size_t row = 0; row * width < elements; ++row) {
    const BackwardRow one(input, row, width);
    one.add_columns(dgamma, dbeta);
    one.write_dx(dx);
  }
  return {{"dx", dx}, {"dgamma", dgamma}, {"dbeta", dbeta}};
}

ExpectedOutputs softmax_bias_scale_sigmoid_backward(const ReferenceInput& input) {
  const auto images = static_cast<std::size_t>(input.dims.at("N")),
             channels = static_cast<std::size_t>(input.dims.at("C"));
  const std::size_t plane = input.tensors.at("x").size() / images / channels;
  const std::vector<double>&x = input.tensors.at("x"), &dout = input.tensors.at("dout"),
        &bias = input.tensors.at("bias");
  const double scale = input.scalars.at("scale");
  ExpectedOutput dx = zeros(x.size()), dbias = zeros(channels);
  std::vector<double> p(channels), g(channels);
  for (std::size_t pixel = 0; pixel < images * plane; ++pixel) {
    const auto at = [&](std::size_t c) { return (pixel / plane * channels + c) * plane + pixel % plane; };
    double largest = -INFINITY, sum = 0.0, dot = 0.0, size = 0.0;
    for (std::size_t c = 0; c < channels; ++c) largest = std::max(largest, x[at(c)]);
    for (std::size_t c = 0; c < channels; ++c) sum += std::exp(x[at(c)] - largest);
    for (std::size_t c = 0; c < channels; ++c) {
      p[c] = std::exp(x[at(c)] - largest) / sum;
      // The derivative is even in its argument; this way nothing cancels.
      const double small = std::exp(-std::abs(scale * (p[c] + bias[c])));
      g[c] = scale * dout[at(c)] * small / ((1.0 + small) * (1.0 + small));
      dot += p[c] * g[c];
      size += p[c] * std::abs(g[c]);
    }
    for (std::size_t c = 0; c < channels; ++c) {
      dx.values[at(c)] = p[c] * (g[c] - dot);
      dx.extra_tolerance[at(c)] = kSumRoundings * kRounding * p[c] * (std::abs(g[c]) + size);
      dbias.values[c] += g[c];
      dbias.extra_tolerance[c] += kSumRoundings * kRounding * std::abs(g[c]);
    }
  }
  return {{"dx", dx}, {"dbias", dbias}};
}

}  // namespace fuseline::host_cuda
