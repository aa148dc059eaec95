#include "fills.hpp"

#include <cmath>
#include <limits>
#include <random>

namespace fuseline::host_cuda {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<double> fill_tensor(const tuner::Tensor& tensor, std::mt19937_64& random) {
  std::normal_distribution<double> normal(tensor.fill.mean, tensor.fill.stddev);
  std::uniform_real_distribution<double> uniform(tensor.fill.low, tensor.fill.high);
  std::vector<double> values(static_cast<std::size_t>(tensor.elements));
  for (double& value : values) {
    switch (tensor.fill.kind) {
      case tuner::Fill::Kind::normal:
        value = normal(random);
        break;
      case tuner::Fill::Kind::uniform:
        value = uniform(random);
        break;
      case tuner::Fill::Kind::constant:
        value = tensor.fill.value;
        break;
    }
  }
  return values;
}

Tensors fill_inputs(const tuner::ProblemInstance& instance) {
  std::mt19937_64 random(20);
  Tensors inputs;
  for (const tuner::Tensor& tensor : instance.tensors) {
    if (tensor.role == tuner::TensorRole::input) inputs[tensor.name] = fill_tensor(tensor, random);
  }
  return inputs;
}

std::size_t dim(const tuner::ProblemInstance& instance, const char* name) {
  return static_cast<std::size_t>(instance.scope.at(name));
}

void scale_and_shift(std::vector<double>& values, double factor, double offset) {
  for (double& value : values) value = value * factor + offset;
}

/// Traps of a normalisation over rows of `width` elements of x.
std::vector<NamedFill> row_traps(const tuner::ProblemInstance& instance, std::size_t width) {
  const Tensors plain = fill_inputs(instance);
  const bool f32 = instance.dtype == tuner::Dtype::f32;
  std::vector<NamedFill> fills;
  const auto add = [&](const char* name) -> Tensors& { return fills.emplace_back(NamedFill{name, plain}).inputs; };

  // A 16-bit 10,000 is known to 4 or 32: rows must spread further to differ at all.
  scale_and_shift(add("a mean of 10,000").at("x"), f32 ? 1.0 : 100.0, 1e4);
  scale_and_shift(add("large magnitudes").at("x"), instance.dtype == tuner::Dtype::f16 ? 1e4 : 1e15, 0.0);
  scale_and_shift(add("constant rows").at("x"), 0.0, 3.7);
  if (plain.count("gamma") > 0) scale_and_shift(add("a wide gamma").at("gamma"), 8.0, 0.0);

  std::vector<double>& x = add("rows that are not finite").at("x");
  const std::size_t rows = x.size() / width;
  for (std::size_t row = rows / 3; row < rows; row += 7) {
    const double value = row % 3 == 0 ? kNaN : row % 3 == 1 ? INFINITY : -INFINITY;
    x[row * width + row % width] = value;
  }
  return fills;
}

/// Traps of what is worked out element by element, or over rows of `width` elements after an activation: its far ends,
/// and values that are not finite and must stay in their rows.
std::vector<NamedFill> element_traps(const tuner::ProblemInstance& instance, std::size_t width) {
  const Tensors plain = fill_inputs(instance);
  std::vector<NamedFill> fills;
  const auto add = [&](const char* name) -> Tensors& { return fills.emplace_back(NamedFill{name, plain}).inputs; };
  scale_and_shift(add("the far ends").at("x"), 30.0, 0.0);
  scale_and_shift(add("large magnitudes").at("x"), instance.dtype == tuner::Dtype::f16 ? 50.0 : 1e9, 0.0);
  std::vector<double>& x = add("rows that are not finite").at("x");
  for (std::size_t row = 0; row < x.size() / width; row += 3)
    x[row * width + row % width] = row % 2 == 0 ? kNaN : -INFINITY;
  return fills;
}

/// Traps of a softmax over the channels of [N, C, H, W] or, where the problem has no planes, [N, H, W, C].
std::vector<NamedFill> channel_traps(const tuner::ProblemInstance& instance) {
  const Tensors plain = fill_inputs(instance);
  std::vector<NamedFill> fills;
  const auto add = [&](const char* name) -> Tensors& { return fills.emplace_back(NamedFill{name, plain}).inputs; };
  scale_and_shift(add("large logits").at("x"), 1e3, 0.0);
  scale_and_shift(add("equal logits").at("x"), 0.0, 1e4);

  std::vector<double>& x = add("logits that are not finite").at("x");
  const std::size_t channels = dim(instance, "C");
  const std::size_t plane = instance.scope.count("HW") > 0 ? dim(instance, "HW") : 1;
  for (std::size_t pixel = 0; pixel < x.size() / channels; ++pixel) {
    const std::size_t start = pixel / plane * channels * plane + pixel % plane;
    const std::size_t channel = start + pixel % channels * plane;
    switch (pixel % 8) {
      case 1:
        x[channel] = -INFINITY;
        break;
      case 3:
        for (std::size_t c = 0; c < channels; ++c) x[start + c * plane] = -INFINITY;
        break;
      case 4:
        x[channel] = INFINITY;
        break;
      case 6:
        x[channel] = kNaN;
        break;
      default:
        break;
    }
  }
  return fills;
}

}  // namespace

std::vector<NamedFill> make_fills(const tuner::ProblemInstance& instance) {
  std::vector<NamedFill> fills{{"the problem's own fill", fill_inputs(instance)}};
  std::vector<NamedFill> traps;
  const std::string& name = instance.problem->name;
  if (name.rfind("layernorm_gelu_scale", 0) == 0 || name.rfind("sum_layernorm", 0) == 0 || name == "rmsnorm_residual") {
    traps = row_traps(instance, dim(instance, "W"));
  } else if (name.rfind("softmax_bias_scale_sigmoid", 0) == 0) {
    traps = channel_traps(instance);
  } else if (name == "bias_gelu") {
    traps = element_traps(instance, dim(instance, "W"));
  } else if (name == "swiglu") {
    traps = element_traps(instance, 2 * dim(instance, "W"));
  } else if (name == "groupnorm_silu") {
    traps = element_traps(instance, dim(instance, "D"));
  }
  for (NamedFill& trap : traps) fills.push_back(std::move(trap));
  return fills;
}

}  // namespace fuseline::host_cuda
