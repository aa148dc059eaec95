// Elements of .npy files as elements of tensors: rounded once, to nearest.
#include "tuner/problem/npy_values.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/support/npy.hpp"

namespace fuseline::tuner {
namespace {

template <class To, class From>
std::vector<To> as(const std::vector<From>& values, NpyType type, Dtype dtype) {
  const auto bytes = converted(bytes_of(values), type, dtype);
  EXPECT_TRUE(bytes) << bytes.error().message();
  std::vector<To> out(bytes ? bytes->size() / sizeof(To) : 0);
  if (bytes) std::memcpy(out.data(), bytes->data(), bytes->size());
  return out;
}

constexpr double kInfinite = std::numeric_limits<double>::infinity();

TEST(NpyValues, EveryHalfIsItselfAgain) {
  std::vector<std::uint16_t> halves;
  for (unsigned bits = 0; bits < 0x10000U; ++bits) {
    const bool not_a_number = (bits & 0x7fffU) > 0x7c00U;
    if (!not_a_number) halves.push_back(static_cast<std::uint16_t>(bits));
  }
  const auto wide = as<double>(halves, NpyType::f2, Dtype::f64);
  EXPECT_EQ(as<std::uint16_t>(wide, NpyType::f8, Dtype::f16), halves);
  EXPECT_EQ(as<std::uint16_t>(halves, NpyType::f2, Dtype::f16), halves);
  EXPECT_EQ(wide.at(0x3c00), 1.0);
  EXPECT_EQ(wide.at(0x7bff), 65504.0);
  EXPECT_EQ(wide.at(1), 0x1p-24);
  EXPECT_EQ(wide.at(0x7c00), kInfinite);
  // Halfway between two neighbours the even one is taken; a little more or less decides.
  for (std::size_t i = 0; i + 1 < 0x7c00; ++i) {
    const double middle = (wide[i] + wide[i + 1]) / 2;
    const auto even = static_cast<std::uint16_t>(i % 2 == 0 ? i : i + 1);
    const std::vector<double> near = {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e9), -middle};
    ASSERT_EQ(as<std::uint16_t>(near, NpyType::f8, Dtype::f16),
              (std::vector<std::uint16_t>{even, static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(i + 1),
                                          static_cast<std::uint16_t>(even | 0x8000U)}))
        << i;
  }
}

TEST(NpyValues, WhatIsTooLargeForAHalfIsAnInfinity) {
  EXPECT_EQ(as<std::uint16_t>(std::vector<double>{65519.99, 65520, -1e300, kInfinite, 1e-300, -1e-8}, NpyType::f8,
                              Dtype::f16),
            (std::vector<std::uint16_t>{0x7bff, 0x7c00, 0xfc00, 0x7c00, 0, 0x8000}));
  EXPECT_EQ(as<std::uint16_t>(std::vector<float>{std::nanf("")}, NpyType::f4, Dtype::f16)[0] & 0x7fffU, 0x7e00U);
}

TEST(NpyValues, AFloatBecomesTheNearestBfloat) {
  // The upper half of a float, rounded by adding below it.
  std::vector<float> values;
  std::vector<std::uint16_t> expected;
  for (std::uint32_t bits = 0; bits < 0x7f800000U; bits += 0x1357U) {
    values.push_back(std::bit_cast<float>(bits));
    expected.push_back(static_cast<std::uint16_t>((bits + 0x7fffU + (bits >> 16 & 1U)) >> 16));
  }
  values.insert(values.end(), {std::bit_cast<float>(0x3f808000U), std::bit_cast<float>(0x3f818000U), 3.4e38F, -0.0F,
                               std::bit_cast<float>(0x00008000U), std::bit_cast<float>(0x00018000U)});
  expected.insert(expected.end(), {0x3f80, 0x3f82, 0x7f80, 0x8000, 0, 2});
  EXPECT_EQ(as<std::uint16_t>(values, NpyType::f4, Dtype::bf16), expected);
  // Rounding to float first would make it a tie.
  EXPECT_EQ(as<std::uint16_t>(std::vector<double>{1 + 0x1p-8 + 0x1p-40}, NpyType::f8, Dtype::bf16)[0], 0x3f81);
}

TEST(NpyValues, ADoubleBecomesTheNearestFloat) {
  EXPECT_EQ(as<float>(std::vector<double>{0.1, 1e39, -1e39, 3.4028235677973366e38, 3.40282356e38, kInfinite},
                      NpyType::f8, Dtype::f32),
            (std::vector<float>{0.1F, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max(),
                                std::numeric_limits<float>::infinity()}));
}

TEST(NpyValues, WholeNumbersMustFit) {
  EXPECT_EQ(as<std::int32_t>(std::vector<std::int64_t>{-5, 2147483647}, NpyType::i8, Dtype::i32),
            (std::vector<std::int32_t>{-5, 2147483647}));
  EXPECT_EQ(as<std::uint8_t>(std::vector<std::int32_t>{0, 255}, NpyType::i4, Dtype::u8),
            (std::vector<std::uint8_t>{0, 255}));
  EXPECT_EQ(as<double>(std::vector<std::uint8_t>{7, 255}, NpyType::u1, Dtype::f64), (std::vector<double>{7, 255}));
  const auto large = converted(bytes_of(std::vector<std::int64_t>{1, 2147483648}), NpyType::i8, Dtype::i32);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().message(), "element 1 is 2147483648, which i32 does not hold");
  EXPECT_FALSE(converted(bytes_of(std::vector<std::int32_t>{-1}), NpyType::i4, Dtype::u8));
}

TEST(NpyValues, AReferenceIsNoNarrowerThanItsOutput) {
  EXPECT_TRUE(refers_to(NpyType::f8, Dtype::f32));
  EXPECT_TRUE(refers_to(NpyType::f4, Dtype::f32));
  EXPECT_FALSE(refers_to(NpyType::f2, Dtype::f32));
  EXPECT_TRUE(refers_to(NpyType::f2, Dtype::f16));
  EXPECT_FALSE(refers_to(NpyType::f2, Dtype::bf16));
  EXPECT_FALSE(refers_to(NpyType::f4, Dtype::f64));
  EXPECT_FALSE(refers_to(NpyType::i4, Dtype::f32));
  EXPECT_FALSE(refers_to(NpyType::u1, Dtype::i32));
  EXPECT_TRUE(refers_to(NpyType::i8, Dtype::u8));
  EXPECT_TRUE(fills(NpyType::f2, Dtype::f32));
  EXPECT_TRUE(fills(NpyType::u1, Dtype::i32));
  EXPECT_FALSE(fills(NpyType::f4, Dtype::i32));
}

}  // namespace
}  // namespace fuseline::tuner
