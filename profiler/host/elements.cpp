#include "profiler/host/elements.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "profiler/host/shim/small_floats.hpp"

namespace fuseline::host_cuda {
namespace {

constexpr std::pair<std::string_view, std::size_t> kElements[] = {{"f32", 4}, {"f16", 2}, {"bf16", 2}, {"f64", 8},
                                                                  {"i32", 4}, {"i64", 8}, {"u64", 8},  {"u8", 1}};

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

template <typename Stored>
std::vector<double> decode_numbers(std::span<const std::byte> bytes) {
  return decode_each<Stored>(bytes, [](Stored value) { return value; });
}

}  // namespace

std::optional<Element> element_from_string(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kElements); ++i) {
    if (kElements[i].first == text) return static_cast<Element>(i);
  }
  return std::nullopt;
}

std::size_t element_bytes(Element element) { return kElements[static_cast<std::size_t>(element)].second; }

std::vector<std::byte> encode(const std::vector<double>& values, Element element) {
  switch (element) {
    case Element::f32:
      return encode_each<float>(values, [](double value) { return static_cast<float>(value); });
    case Element::f16:
      return encode_each<std::uint16_t>(values, [](double value) { return half_bits(static_cast<float>(value)); });
    case Element::bf16:
      return encode_each<std::uint16_t>(values, [](double value) { return bf16_bits(static_cast<float>(value)); });
    case Element::f64:
      return encode_each<double>(values, [](double value) { return value; });
    default:
      throw std::logic_error("whole numbers are not rounded");
  }
}

std::vector<double> decode(std::span<const std::byte> bytes, Element element) {
  switch (element) {
    case Element::f32:
      return decode_numbers<float>(bytes);
    case Element::f16:
      return decode_each<std::uint16_t>(bytes, float_of_half_bits);
    case Element::bf16:
      return decode_each<std::uint16_t>(bytes, float_of_bf16_bits);
    case Element::f64:
      return decode_numbers<double>(bytes);
    case Element::i32:
      return decode_numbers<std::int32_t>(bytes);
    case Element::i64:
      return decode_numbers<std::int64_t>(bytes);
    case Element::u64:
      return decode_numbers<std::uint64_t>(bytes);
    case Element::u8:
      return decode_numbers<std::uint8_t>(bytes);
  }
  return {};
}

}  // namespace fuseline::host_cuda
