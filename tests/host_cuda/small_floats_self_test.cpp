#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "profiler/host/shim/cuda_bf16.h"
#include "profiler/host/shim/cuda_fp16.h"

namespace fuseline::host_cuda {
namespace {

struct Format {
  const char* name;
  int mantissa_bits;
  int exponent_bits;
  std::uint16_t (*round)(float);
  float (*widen)(std::uint16_t);
};

const Format kHalf{"half", 10, 5, half_bits, float_of_half_bits};
const Format kBf16{"bf16", 7, 8, bf16_bits, float_of_bf16_bits};

/// The value of a pattern by the definition of the format.
double value_of(const Format& format, std::uint16_t bits) {
  const int bias = (1 << (format.exponent_bits - 1)) - 1;
  const int exponent = (bits >> format.mantissa_bits) & ((1 << format.exponent_bits) - 1);
  const int mantissa = bits & ((1 << format.mantissa_bits) - 1);
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == (1 << format.exponent_bits) - 1)
    return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - format.mantissa_bits);
  return sign * std::ldexp(mantissa + (1 << format.mantissa_bits), exponent - bias - format.mantissa_bits);
}

class SmallFloat : public testing::TestWithParam<const Format*> {};

TEST_P(SmallFloat, EveryPatternWidensToItsValueAndBack) {
  const Format& format = *GetParam();
  for (unsigned bits = 0; bits < 0x10000u; ++bits) {
    const auto pattern = static_cast<std::uint16_t>(bits);
    const float widened = format.widen(pattern);
    const double expected = value_of(format, pattern);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(widened)) << bits;
      ASSERT_TRUE(std::isnan(value_of(format, format.round(widened)))) << bits;
    } else {
      ASSERT_EQ(static_cast<double>(widened), expected) << bits;
      ASSERT_EQ(format.round(widened), pattern) << bits;
    }
  }
}

/// Rounds by looking at the two neighbours, as the definition says. `magnitude` is finite and not negative.
std::uint16_t nearest(const Format& format, double magnitude) {
  const unsigned infinity = 0x7fffu & ~((1u << format.mantissa_bits) - 1);
  unsigned low = 0, high = infinity;
  while (high - low > 1) {
    const unsigned middle = (low + high) / 2;
    (value_of(format, static_cast<std::uint16_t>(middle)) <= magnitude ? low : high) = middle;
  }
  const double below = value_of(format, static_cast<std::uint16_t>(low));
  // Infinity stands for the next power of two.
  const double above = high == infinity ? std::ldexp(1.0, 1 << (format.exponent_bits - 1))
                                        : value_of(format, static_cast<std::uint16_t>(high));
  if (magnitude - below != above - magnitude)
    return static_cast<std::uint16_t>(magnitude - below < above - magnitude ? low : high);
  return static_cast<std::uint16_t>(low % 2 == 0 ? low : high);
}

TEST_P(SmallFloat, RoundsToTheNearestAndTiesToEven) {
  const Format& format = *GetParam();
  std::mt19937 random(5);
  for (int i = 0; i < 200000; ++i) {
    const float value = __uint_as_float(random() & 0x7fffffffu);
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(format.round(value), nearest(format, static_cast<double>(value))) << value;
    ASSERT_EQ(format.round(-value), nearest(format, static_cast<double>(value)) | 0x8000) << value;
  }
}

TEST_P(SmallFloat, RoundsHalfWayBetweenNeighboursToTheEvenOne) {
  const Format& format = *GetParam();
  const unsigned infinity = 0x7fffu & ~((1u << format.mantissa_bits) - 1);
  for (unsigned low = 0; low < infinity; ++low) {
    const double below = value_of(format, static_cast<std::uint16_t>(low));
    const double above = low + 1 == infinity ? std::ldexp(1.0, 1 << (format.exponent_bits - 1))
                                             : value_of(format, static_cast<std::uint16_t>(low + 1));
    const float middle = static_cast<float>(0.5 * (below + above));
    ASSERT_EQ(format.round(middle), low % 2 == 0 ? low : low + 1) << low;
    ASSERT_EQ(format.round(std::nextafter(middle, -1.0f)), low) << low;
    ASSERT_EQ(format.round(std::nextafter(middle, INFINITY)), low + 1) << low;
  }
}

TEST_P(SmallFloat, InfinityAndNaNStayThemselves) {
  const Format& format = *GetParam();
  EXPECT_EQ(value_of(format, format.round(INFINITY)), INFINITY);
  EXPECT_EQ(value_of(format, format.round(-INFINITY)), -INFINITY);
  EXPECT_TRUE(std::isnan(value_of(format, format.round(std::nanf("")))));
}

INSTANTIATE_TEST_SUITE_P(Formats, SmallFloat, testing::Values(&kHalf, &kBf16),
                         [](const testing::TestParamInfo<const Format*>& tested) {
                           return std::string(tested.param->name);
                         });

TEST(SmallFloatPairs, TheLowElementLiesAtTheLowerAddress) {
  const __half2 halves = __floats2half2_rn(1.0f, 2.0f);
  std::uint16_t patterns[2];
  memcpy(patterns, &halves, sizeof(patterns));
  EXPECT_EQ(patterns[0], half_bits(1.0f));
  EXPECT_EQ(patterns[1], half_bits(2.0f));
  EXPECT_EQ(__half22float2(halves).y, 2.0f);
  EXPECT_EQ(__low2float(__floats2bfloat162_rn(3.0f, 4.0f)), 3.0f);
}

}  // namespace
}  // namespace fuseline::host_cuda
