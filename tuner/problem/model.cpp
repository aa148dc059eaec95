#include "tuner/problem/model.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "tuner/base/text.hpp"

namespace fuseline::tuner {
namespace {

constexpr std::int64_t kMostModelElements = std::int64_t{1} << 40;

Result<ModelTensor> read_tensor(const JsonView& view) {
  ModelTensor tensor;
  FUSELINE_TRY(name, view.at("name").and_then([](const JsonView& each) { return each.string(); }));
  tensor.name = name;
  FUSELINE_TRY(floating, view.at("floating").and_then([](const JsonView& each) { return each.boolean(); }));
  tensor.floating = floating;
  FUSELINE_TRY(shape, view.at("shape"));
  FUSELINE_TRY(rank, shape.array_size());
  std::int64_t elements = 1;
  for (std::size_t i = 0; i < rank; ++i) {
    FUSELINE_TRY(size, shape.at(i).and_then([](const JsonView& each) { return each.integer(); }));
    if (size < 1 || size > kMostModelElements / elements)
      return shape.fail(fmt::format("{} has no elements, or too many", printable(name)));
    elements *= size;
    tensor.shape.push_back(size);
  }
  return tensor;
}

Result<std::vector<ModelTensor>> read_tensors(const JsonView& model, const char* member) {
  FUSELINE_TRY(view, model.at(member));
  FUSELINE_TRY(count, view.array_size());
  std::vector<ModelTensor> tensors;
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(tensor, view.at(i).and_then(read_tensor));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace

std::int64_t ModelTensor::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t size : shape) product *= size;
  return product;
}

std::string ModelTensor::shape_text() const { return fmt::format("[{}]", fmt::join(shape, ", ")); }

Result<Model> read_model(const JsonView& view) {
  Model model;
  model.file = view.file();
  for (auto [member, tensors] :
       {std::pair{"inputs", &model.inputs}, {"held", &model.held}, {"outputs", &model.outputs}}) {
    FUSELINE_TRY(read, read_tensors(view, member));
    *tensors = std::move(read);
  }
  if (model.outputs.empty()) return view.fail("Model gives no tensor");
  FUSELINE_TRY(numbers, view.at("numbers"));
  for (const auto& [name, json] : numbers.json().items()) {
    FUSELINE_TRY(number, numbers.at(name).and_then([](const JsonView& each) { return each.number(); }));
    model.numbers[name] = number;
  }
  FUSELINE_TRY(spread, view.at("spread"));
  FUSELINE_TRY(count, spread.array_size());
  for (std::size_t i = 0; i < count; ++i) {
    FUSELINE_TRY(name, spread.at(i).and_then([](const JsonView& each) { return each.string(); }));
    model.spread.push_back(name);
  }
  return model;
}

}  // namespace fuseline::tuner
