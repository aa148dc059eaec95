#include "tuner/problem/npy_values.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace fuseline::tuner {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they lie in the file");

/// Of a format of 16 bits.
struct Format {
  int exponent_bits, fraction_bits;
};
constexpr Format kHalf{5, 10}, kBfloat{8, 7};

/// The nearest number of the format, ties to even (IEEE 754-2019, 4.3.1), from the bits of a double: rounded once.
std::uint16_t rounded(double value, Format format) {
  constexpr int kFraction = 52, kBias = 1023;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 48 & 0x8000U);
  const int exponent = static_cast<int>(bits >> kFraction & 0x7ffU) - kBias;
  std::uint64_t fraction = bits & ((std::uint64_t{1} << kFraction) - 1);
  const auto infinity = static_cast<std::uint16_t>(((1U << format.exponent_bits) - 1) << format.fraction_bits);
  if (exponent == kBias + 1) {  // Infinity or NaN.
    const unsigned quiet = fraction == 0 ? 0U : 1U << (format.fraction_bits - 1);
    return static_cast<std::uint16_t>(sign | infinity | quiet);
  }
  const int lowest = 2 - (1 << (format.exponent_bits - 1));  // Of a normal number.
  if (exponent < lowest - format.fraction_bits - 1) return sign;
  fraction |= std::uint64_t{1} << kFraction;
  const int below = exponent < lowest ? lowest - exponent : 0;
  const int shift = kFraction - format.fraction_bits + below;
  const std::uint64_t rest = fraction & ((std::uint64_t{1} << shift) - 1);
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  std::uint64_t kept = fraction >> shift;
  if (rest > half || (rest == half && (kept & 1U) != 0)) ++kept;
  // The leading one counts as one in the exponent, and so does a carry out of the fraction.
  const int steps = exponent < lowest ? 0 : exponent - lowest;
  kept += static_cast<std::uint64_t>(steps) << format.fraction_bits;
  return static_cast<std::uint16_t>(sign | (kept < infinity ? kept : infinity));
}

/// The same for a float, of which the standard leaves open what becomes of a double out of its range.
float rounded_float(double value) {
  constexpr double kMost = std::numeric_limits<float>::max();
  if (!(std::fabs(value) > kMost)) return static_cast<float>(value);
  constexpr double kInfinite = 0x1.ffffffp127;  // Halfway to what would come next.
  return std::copysign(
      std::fabs(value) < kInfinite ? std::numeric_limits<float>::max() : std::numeric_limits<float>::infinity(),
      value < 0 ? -1.0F : 1.0F);
}

double widened_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const std::uint64_t sign = static_cast<std::uint64_t>(bits >> 15) << 63;
  const std::uint64_t fraction = bits & 0x3ffU;
  if (exponent == 0) {
    const double magnitude = static_cast<double>(fraction) * 0x1p-24;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint64_t wide = exponent == 0x1f ? 0x7ffU : static_cast<std::uint64_t>(exponent - 15 + 1023);
  return std::bit_cast<double>(sign | wide << 52 | fraction << 42);
}

template <class T>
T element(std::string_view bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

/// Bytes of `to(element i)` for every i of `count`.
template <class From, class To>
std::string all(std::string_view bytes, To to) {
  const std::size_t count = bytes.size() / sizeof(From);
  using Element = decltype(to(From{}));
  std::string out(count * sizeof(Element), '\0');
  for (std::size_t i = 0; i < count; ++i) {
    const Element value = to(element<From>(bytes, i));
    std::memcpy(out.data() + i * sizeof(Element), &value, sizeof(Element));
  }
  return out;
}

template <class From, class Widen>
std::string reals(std::string_view bytes, Dtype dtype, Widen widen) {
  switch (dtype) {
    case Dtype::f16:
      return all<From>(bytes, [&](From value) { return rounded(widen(value), kHalf); });
    case Dtype::bf16:
      return all<From>(bytes, [&](From value) { return rounded(widen(value), kBfloat); });
    case Dtype::f64:
      return all<From>(bytes, [&](From value) { return widen(value); });
    default:
      return all<From>(bytes, [&](From value) { return rounded_float(widen(value)); });
  }
}

/// The first element that a whole number of type To does not hold.
template <class To, class From>
Result<std::string> whole(std::string_view bytes, Dtype dtype) {
  for (std::size_t i = 0; i < bytes.size() / sizeof(From); ++i) {
    const auto value = static_cast<std::int64_t>(element<From>(bytes, i));
    if (value < std::int64_t{std::numeric_limits<To>::min()} || value > std::int64_t{std::numeric_limits<To>::max()})
      return bad_input(fmt::format("element {} is {}, which {} does not hold", i, value, to_string(dtype)));
  }
  return all<From>(bytes, [](From value) { return static_cast<To>(value); });
}

template <class From>
Result<std::string> integers(std::string_view bytes, Dtype dtype) {
  if (dtype == Dtype::f64) return all<From>(bytes, [](From value) { return static_cast<double>(value); });
  return dtype == Dtype::u8 ? whole<std::uint8_t, From>(bytes, dtype) : whole<std::int32_t, From>(bytes, dtype);
}

bool is_whole(Dtype dtype) { return dtype == Dtype::i32 || dtype == Dtype::u8; }

}  // namespace

bool fills(NpyType type, Dtype dtype) {
  if (dtype == Dtype::i64 || dtype == Dtype::u64) return false;  // No tensor has them.
  return is_integer(type) == is_whole(dtype);
}

bool refers_to(NpyType type, Dtype dtype) {
  // f16 has not the range of bf16.
  return fills(type, dtype) && npy_type_bytes(type) >= dtype_bytes(dtype) &&
         !(type == NpyType::f2 && dtype == Dtype::bf16);
}

Result<std::string> converted(std::string_view bytes, NpyType type, Dtype dtype) {
  switch (type) {
    case NpyType::f2:
      return reals<std::uint16_t>(bytes, dtype, widened_half);
    case NpyType::f4:
      return reals<float>(bytes, dtype, [](float value) { return static_cast<double>(value); });
    case NpyType::f8:
      return reals<double>(bytes, dtype, [](double value) { return value; });
    case NpyType::i4:
      return integers<std::int32_t>(bytes, dtype);
    case NpyType::i8:
      return integers<std::int64_t>(bytes, dtype);
    case NpyType::u1:
      return integers<std::uint8_t>(bytes, dtype);
  }
  return bad_input("an unknown type");
}

}  // namespace fuseline::tuner
