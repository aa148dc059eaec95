#include "references.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "reference_parts.hpp"

namespace fuseline::host_cuda {
namespace {

ExpectedOutputs layernorm_gelu_scale(const ReferenceInput& input) {
  const auto width = static_cast<std::size_t>(input.dims.at("W"));
  const std::vector<double>&x = input.tensors.at("x"), &gamma = input.tensors.at("gamma"),
        &beta = input.tensors.at("beta");
  const double scale = input.scalars.at("scale");
  ExpectedOutput out;
  for (std::size_t row = 0; row * width < x.size(); ++row) {
    const NormalRow normal = normalise(&x[row * width], width, input.scalars.at("eps"));
    for (std::size_t w = 0; w < width; ++w) {
      out.values.push_back(scale * gelu(gamma[w] * normal.values[w] + beta[w]));
      out.extra_tolerance.push_back(kSteepestGelu * std::abs(scale * gamma[w]) * normal.uncertainty);
      out.per_rounding.push_back(kSteepestGelu * std::abs(scale * gamma[w]) * normal.per_rounding);
    }
  }
  return {{"out", out}};
}

ExpectedOutputs layernorm_gelu_scale_strided(const ReferenceInput& input) {
  const auto width = static_cast<std::size_t>(input.dims.at("W")),
             stride = static_cast<std::size_t>(input.dims.at("row_stride"));
  ReferenceInput packed = input;
  std::vector<double> rows;
  for (std::size_t row = 0; row < static_cast<std::size_t>(input.dims.at("rows")); ++row) {
    const auto start = input.tensors.at("x").begin() + static_cast<std::ptrdiff_t>(row * stride);
    rows.insert(rows.end(), start, start + static_cast<std::ptrdiff_t>(width));
  }
  packed.tensors.at("x") = rows;
  return layernorm_gelu_scale(packed);
}

ExpectedOutputs sum_layernorm(const ReferenceInput& input) {
  const auto width = static_cast<std::size_t>(input.dims.at("W"));
  const std::vector<double>&gamma = input.tensors.at("gamma"), &beta = input.tensors.at("beta");
  std::vector<double> sum = input.tensors.at("x");
  for (double& value : sum) value += input.scalars.at("sum_weight");
  ExpectedOutput out = zeros(sum.size());
  for (std::size_t i = 0; i < sum.size(); i += width) {
    const NormalRow normal = normalise(&sum[i], width, input.scalars.at("eps"));
    for (std::size_t w = 0; w < width; ++w) {
      out.values[i + w] = gamma[w] * normal.values[w] + beta[w];
      out.extra_tolerance[i + w] = std::abs(gamma[w]) * normal.uncertainty;
      out.per_rounding[i + w] = std::abs(gamma[w]) * normal.per_rounding;
    }
  }
  return {{"out", out}};
}

ExpectedOutputs sum_layernorm_avgpool_gelu(const ReferenceInput& input) {
  const auto dim = [&](const char* name) { return static_cast<std::size_t>(input.dims.at(name)); };
  const std::size_t volumes = dim("N") * dim("C"), depth = dim("D"), height = dim("H"), width = dim("W");
  const std::vector<double>&gamma = input.tensors.at("gamma"), &beta = input.tensors.at("beta");
  std::vector<double> sum = input.tensors.at("x");
  for (double& value : sum) value += input.scalars.at("sum_weight");
  const std::size_t out_depth = depth / 2, out_height = height / 2, out_width = width / 2;
  ExpectedOutput out;
  out.values.assign(volumes * out_depth * out_height * out_width, 0.0);
  out.extra_tolerance = out.per_rounding = out.values;
  for (std::size_t row = 0; row < volumes * depth * height; ++row) {
    const std::size_t h = row % height, d = row / height % depth, volume = row / height / depth;
    if (h / 2 >= out_height || d / 2 >= out_depth) continue;  // Pooling drops what does not fill a window.
    const NormalRow normal = normalise(&sum[row * width], width, input.scalars.at("eps"));
    for (std::size_t w = 0; w < 2 * out_width; ++w) {
      const std::size_t at = ((volume * out_depth + d / 2) * out_height + h / 2) * out_width + w / 2;
      out.values[at] += (gamma[w] * normal.values[w] + beta[w]) / 8.0;
      out.extra_tolerance[at] += kSteepestGelu * std::abs(gamma[w]) * normal.uncertainty / 8.0;
      out.per_rounding[at] += kSteepestGelu * std::abs(gamma[w]) * normal.per_rounding / 8.0;
    }
  }
  for (double& value : out.values) value = gelu(value);
  return {{"out", out}};
}

ExpectedOutputs softmax_bias_scale_sigmoid(const ReferenceInput& input) {
  const auto images = static_cast<std::size_t>(input.dims.at("N")),
             channels = static_cast<std::size_t>(input.dims.at("C"));
  const std::size_t plane = input.tensors.at("x").size() / images / channels;
  const std::vector<double>&x = input.tensors.at("x"), &bias = input.tensors.at("bias");
  ExpectedOutput out;
  out.values.assign(x.size(), 0.0);
  out.extra_tolerance = out.per_rounding = out.values;
  for (std::size_t image = 0; image < images; ++image) {
    for (std::size_t pixel = 0; pixel < plane; ++pixel) {
      const auto at = [&](std::size_t c) { return (image * channels + c) * plane + pixel; };
      double largest = -INFINITY;
      for (std::size_t c = 0; c < channels; ++c) largest = std::max(largest, x[at(c)]);
      double sum = 0.0;
      for (std::size_t c = 0; c < channels; ++c) sum += std::exp(x[at(c)] - largest);
      for (std::size_t c = 0; c < channels; ++c) {
        const double z = input.scalars.at("scale") * (std::exp(x[at(c)] - largest) / sum + bias[c]);
        out.values[at(c)] = 1.0 / (1.0 + std::exp(-z));
      }
    }
  }
  return {{"out", out}};
}

}  // namespace

Reference find_reference(const std::string& problem) {
  static const std::map<std::string, Reference> references{
      {"layernorm_gelu_scale", layernorm_gelu_scale},
      {"layernorm_gelu_scale_strided", layernorm_gelu_scale_strided},
      {"sum_layernorm", sum_layernorm},
      {"sum_layernorm_avgpool_gelu", sum_layernorm_avgpool_gelu},
      {"softmax_bias_scale_sigmoid", softmax_bias_scale_sigmoid},
      {"layernorm_gelu_scale_backward", layernorm_gelu_scale_backward},
      {"softmax_bias_scale_sigmoid_backward", softmax_bias_scale_sigmoid_backward},
      {"bias_gelu", bias_gelu},
      {"swiglu", swiglu},
      {"rmsnorm_residual", rmsnorm_residual},
      {"groupnorm_silu", groupnorm_silu},
      {"layernorm_gelu_scale_channels_last", layernorm_gelu_scale_channels_last},
      {"layernorm_gelu_scale_channels_last_backward", layernorm_gelu_scale_channels_last_backward},
      {"sum_layernorm_avgpool_gelu_channels_last", sum_layernorm_avgpool_gelu_channels_last},
      {"softmax_bias_scale_sigmoid_channels_last", softmax_bias_scale_sigmoid_channels_last},
      {"softmax_bias_scale_sigmoid_channels_last_backward", softmax_bias_scale_sigmoid_channels_last_backward},
  };
  const auto found = references.find(problem);
  return found == references.end() ? nullptr : found->second;
}

}  // namespace fuseline::host_cuda
