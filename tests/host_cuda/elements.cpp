#include "elements.hpp"

#include <cstring>
#include <stdexcept>

#include "shim/small_floats.hpp"

namespace fuseline::host_cuda {
namespace {

template <typename Stored, typename Convert>
std::vector<std::byte> encode_each(const std::vector<double>& values, Convert convert) {
  std::vector<std::byte> bytes(values.size() * sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Stored stored = convert(values[i]);
    std::memcpy(bytes.data() + i * sizeof(stored), &stored, sizeof(stored));
  }
  return bytes;
}

template <typename Stored, typename Convert>
std::vector<double> decode_each(std::span<const std::byte> bytes, Convert convert) {
  std::vector<double> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(stored), sizeof(stored));
    values[i] = static_cast<double>(convert(stored));
  }
  return values;
}

}  // namespace

std::vector<std::byte> encode(const std::vector<double>& values, tuner::Dtype dtype) {
  switch (dtype) {
    case tuner::Dtype::f32:
      return encode_each<float>(values, [](double value) { return static_cast<float>(value); });
    case tuner::Dtype::f16:
      return encode_each<std::uint16_t>(values, [](double value) { return half_bits(static_cast<float>(value)); });
    case tuner::Dtype::bf16:
      return encode_each<std::uint16_t>(values, [](double value) { return bf16_bits(static_cast<float>(value)); });
    case tuner::Dtype::f64:
      return encode_each<double>(values, [](double value) { return value; });
    default:
      throw std::logic_error("tensors of integers have no fill");
  }
}

std::vector<double> decode(std::span<const std::byte> bytes, tuner::Dtype dtype) {
  switch (dtype) {
    case tuner::Dtype::f32:
      return decode_each<float>(bytes, [](float value) { return value; });
    case tuner::Dtype::f16:
      return decode_each<std::uint16_t>(bytes, float_of_half_bits);
    case tuner::Dtype::bf16:
      return decode_each<std::uint16_t>(bytes, float_of_bf16_bits);
    case tuner::Dtype::f64:
      return decode_each<double>(bytes, [](double value) { return value; });
    default:
      throw std::logic_error("tensors of integers have no fill");
  }
}

}  // namespace fuseline::host_cuda
