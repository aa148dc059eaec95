// The channels-last forms in fp64: the references of the contiguous forms, between two changes of layout.
#include <cstddef>

#include "reference_parts.hpp"

namespace fuseline::host_cuda {
namespace {

/// [outer, a, b] as [outer, b, a].
std::vector<double> swapped(const std::vector<double>& values, std::size_t a, std::size_t b) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t outer = i / (a * b), row = i / b % a, column = i % b;
    result[(outer * b + column) * a + row] = values[i];
  }
  return result;
}

std::size_t size_of(const ReferenceInput& input, const char* dim) {
  return static_cast<std::size_t>(input.dims.at(dim));
}

/// What the problem of this name gives for `input`, whose tensors of all positions have channels last.
ExpectedOutputs channels_last(const char* problem, ReferenceInput input) {
  const std::size_t images = size_of(input, "N"), channels = size_of(input, "C");
  const std::size_t elements = input.tensors.at("x").size();
  for (const char* name : {"x", "dz", "dout"}) {
    const auto found = input.tensors.find(name);
    if (found != input.tensors.end()) found->second = swapped(found->second, elements / images / channels, channels);
  }
  ExpectedOutputs outputs = find_reference(problem)(input);
  for (const char* name : {"out", "dx"}) {
    const auto found = outputs.find(name);
    if (found == outputs.end()) continue;
    ExpectedOutput& output = found->second;
    const std::size_t positions = output.values.size() / images / channels;
    for (std::vector<double>* each : {&output.values, &output.extra_tolerance, &output.per_rounding})
      *each = swapped(*each, channels, positions);
  }
  return outputs;
}

/// The input of a softmax with the convolution's bias added to x.
ReferenceInput with_bias_added(const ReferenceInput& input) {
  ReferenceInput sum = input;
  const std::vector<double>& bias = input.tensors.at("conv_bias");
  std::vector<double>& x = sum.tensors.at("x");
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += bias[i % bias.size()];
  return sum;
}

}  // namespace

ExpectedOutputs layernorm_gelu_scale_channels_last(const ReferenceInput& input) {
  return channels_last("layernorm_gelu_scale", input);
}

ExpectedOutputs layernorm_gelu_scale_channels_last_backward(const ReferenceInput& input) {
  return channels_last("layernorm_gelu_scale_backward", input);
}

ExpectedOutputs sum_layernorm_avgpool_gelu_channels_last(const ReferenceInput& input) {
  return channels_last("sum_layernorm_avgpool_gelu", input);
}

ExpectedOutputs softmax_bias_scale_sigmoid_channels_last(const ReferenceInput& input) {
  return channels_last("softmax_bias_scale_sigmoid", with_bias_added(input));
}

ExpectedOutputs softmax_bias_scale_sigmoid_channels_last_backward(const ReferenceInput& input) {
  ExpectedOutputs outputs = channels_last("softmax_bias_scale_sigmoid_backward", with_bias_added(input));
  const ExpectedOutput& dx = outputs.at("dx");
  const std::size_t channels = size_of(input, "C");
  ExpectedOutput sum = zeros(channels);
  for (std::size_t i = 0; i < dx.values.size(); ++i) {
    sum.values[i % channels] += dx.values[i];
    sum.extra_tolerance[i % channels] += dx.extra_tolerance[i] + kSumRoundings * kRounding * std::abs(dx.values[i]);
  }
  outputs["dconv_bias"] = sum;
  return outputs;
}

}  // namespace fuseline::host_cuda
