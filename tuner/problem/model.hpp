// What a PyTorch model takes, holds and gives, as assets/reference/run_reference.py tells it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tuner/base/json.hpp"

namespace fuseline::tuner {

struct ModelTensor {
  std::string name;  ///< As the model has it: "x", "norm.weight", "out".
  std::vector<std::int64_t> shape;
  bool floating = true;  ///< Else whole numbers.

  [[nodiscard]] std::int64_t elements() const;
  [[nodiscard]] std::string shape_text() const;  ///< "[64, 128]"
};

struct Model {
  std::string file;                 ///< The user's, for messages.
  std::vector<ModelTensor> inputs;  ///< Of forward(), in its order.
  std::vector<ModelTensor> held;    ///< Parameters and buffers, as state_dict() has them.
  std::vector<ModelTensor> outputs;
  std::map<std::string, double> numbers;  ///< What it is made with, and attributes of its parts ("norm.eps").
  std::vector<std::string> spread;        ///< Parameters of one value that were drawn round it.
};

/// Errors (bad_input): ill-typed members, no output, a tensor of more than 2^40 elements or of none.
[[nodiscard]] Result<Model> read_model(const JsonView& view);

}  // namespace fuseline::tuner
