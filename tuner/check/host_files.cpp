// The numbers that kernels run on: those of files, and those that a worker would fill tensors with.
#include <cmath>
#include <cstring>
#include <numbers>
#include <span>
#include <utility>

#include "tuner/base/files.hpp"
#include "tuner/base/text.hpp"
#include "tuner/check/host_job.hpp"
#include "tuner/problem/npy_values.hpp"
#include "tuner/problem/tensor_files.hpp"

namespace fuseline::tuner {
namespace {

/// splitmix64's finaliser (Steele, Lea, Flood 2014) over a counter, as profiler/measure/support.cu has it.
std::uint64_t counter_hash(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

double fill_value(const Fill& fill, std::uint64_t seed, std::uint64_t index) {
  if (fill.kind == Fill::Kind::constant) return fill.value;
  const std::uint64_t hash = counter_hash(seed, index);
  const double second = static_cast<double>((hash & 0xffffffffU) >> 8) * 0x1p-24;
  if (fill.kind == Fill::Kind::uniform) return fill.low + (fill.high - fill.low) * second;
  const double first = (static_cast<double>(hash >> 40) + 1.0) * 0x1p-24;  // (0, 1]
  return fill.mean + fill.stddev * std::sqrt(-2.0 * std::log(first)) * std::cos(2.0 * std::numbers::pi * second);
}

template <class Number>
std::string bytes_of(const std::vector<Number>& numbers) {
  std::string bytes(numbers.size() * sizeof(Number), '\0');
  if (!numbers.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

Result<std::string> filled(const Tensor& tensor, std::uint64_t seed) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < tensor.elements; ++i)
    values.push_back(fill_value(tensor.fill, seed, static_cast<std::uint64_t>(i)));
  if (fills(NpyType::f8, tensor.dtype)) return converted(bytes_of(values), NpyType::f8, tensor.dtype);
  std::vector<std::int64_t> whole;
  whole.reserve(values.size());
  for (const double value : values) whole.push_back(std::llrint(value));
  return converted(bytes_of(whole), NpyType::i8, tensor.dtype);
}

/// Whole numbers of a file as fp64, which is what a reference is.
template <class Number>
std::string as_doubles(std::string_view bytes) {
  std::vector<double> values(bytes.size() / sizeof(Number));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Number number{};
    std::memcpy(&number, bytes.data() + i * sizeof(Number), sizeof(Number));
    values[i] = static_cast<double>(number);
  }
  return bytes_of(values);
}

Result<std::string> reference_values(std::string_view bytes, NpyType type) {
  switch (type) {
    case NpyType::i4:
      return as_doubles<std::int32_t>(bytes);
    case NpyType::i8:
      return as_doubles<std::int64_t>(bytes);
    case NpyType::u1:
      return as_doubles<std::uint8_t>(bytes);
    default:
      return converted(bytes, type, Dtype::f64);
  }
}

Result<std::string> values_in(const TensorFile& file, const Tensor& tensor) {
  FUSELINE_TRY(text, read_file(file.file));
  const std::string_view bytes = std::string_view(text).substr(static_cast<std::size_t>(file.header.data_offset));
  auto values = tensor.role == TensorRole::input ? converted(bytes, file.header.type, tensor.dtype)
                                                 : reference_values(bytes, file.header.type);
  if (!values) return bad_input(printable(file.file.string()), "", values.error().reason);
  return values;
}

}  // namespace

Result<std::vector<HostFile>> host_files(const ProblemInstance& instance, const std::string& data, std::uint64_t seed) {
  FUSELINE_TRY(files, tensor_files(instance));
  std::vector<HostFile> made;
  for (std::size_t i = 0; i < instance.tensors.size(); ++i) {
    const Tensor& tensor = instance.tensors[i];
    const TensorFile* file = nullptr;
    for (const TensorFile& each : files) {
      if (each.tensor == tensor.name) file = &each;
    }
    if (file != nullptr) {
      FUSELINE_TRY(values, values_in(*file, tensor));
      made.push_back({host_file(data, i), std::move(values)});
    } else if (tensor.role == TensorRole::input) {
      FUSELINE_TRY(values, filled(tensor, seed + i));
      made.push_back({host_file(data, i), std::move(values)});
    }
  }
  return made;
}

}  // namespace fuseline::tuner
