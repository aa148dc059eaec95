// What several references share, and the references that are registered in references.cpp but written elsewhere.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "references.hpp"

namespace fuseline::host_cuda {

inline double gelu(double y) { return y * 0.5 * std::erfc(-y / std::sqrt(2.0)); }

// GELU is nowhere steeper, and its derivative nowhere steeper than kSteepestSlope.
constexpr double kSteepestGelu = 1.13;
constexpr double kSteepestSlope = 0.8;

/// Half an epsilon of float: what one rounding may shift a number by, relative to it.
constexpr double kRounding = 0x1p-24;

/// Float roundings that a sum of terms may show, relative to the sum of their magnitudes.
constexpr double kSumRoundings = 16.0;

/// A row centred and scaled to variance 1.
struct NormalRow {
  std::vector<double> values;
  double inverse_deviation = 0;
  double uncertainty =
      0;  ///< Of the values, for float arithmetic: the mean cannot be known better than to a few roundings.
  double per_rounding =
      0;  ///< What one more rounding of the mean shifts the values by, if the row varies less than eps.
};
[[nodiscard]] NormalRow normalise(const double* row, std::size_t width, double eps);

/// An output of `size` zeros with no extra tolerance.
[[nodiscard]] ExpectedOutput zeros(std::size_t size);

[[nodiscard]] ExpectedOutputs layernorm_gelu_scale_backward(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs softmax_bias_scale_sigmoid_backward(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs bias_gelu(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs swiglu(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs rmsnorm_residual(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs groupnorm_silu(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs layernorm_gelu_scale_channels_last(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs layernorm_gelu_scale_channels_last_backward(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs sum_layernorm_avgpool_gelu_channels_last(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs softmax_bias_scale_sigmoid_channels_last(const ReferenceInput& input);
[[nodiscard]] ExpectedOutputs softmax_bias_scale_sigmoid_channels_last_backward(const ReferenceInput& input);

}  // namespace fuseline::host_cuda
