// Conversions between float and the 16-bit formats by their bits: to nearest, ties to even.
#ifndef FUSELINE_HOST_CUDA_SMALL_FLOATS_HPP
#define FUSELINE_HOST_CUDA_SMALL_FLOATS_HPP

#include "profiler/host/shim/builtins.hpp"

namespace fuseline::host_cuda {

/// `bits` without its low `dropped` bits, rounded to nearest, ties to even. 0 < dropped < 32.
inline unsigned rounded_shift(unsigned bits, unsigned dropped) {
  const unsigned half = 1u << (dropped - 1);
  const unsigned odd = (bits >> dropped) & 1u;
  return (bits + (half - 1u) + odd) >> dropped;
}

inline uint16_t bf16_bits(float value) {
  const unsigned bits = __float_as_uint(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return 0x7fff;  // As CUDA has it: one NaN for all.
  return static_cast<uint16_t>(rounded_shift(bits, 16));
}

inline float float_of_bf16_bits(uint16_t bits) { return __uint_as_float(static_cast<unsigned>(bits) << 16); }

inline uint16_t half_bits(float value) {
  const unsigned bits = __float_as_uint(value);
  const unsigned sign = (bits >> 16) & 0x8000u;
  const unsigned magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return 0x7fff;
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // 65520 and more round to infinity.
  if (magnitude < 0x33000000u) return static_cast<uint16_t>(sign);             // Below half of the least subnormal.
  if (magnitude >= 0x38800000u) return static_cast<uint16_t>(sign | rounded_shift(magnitude - 0x38000000u, 13));
  const unsigned exponent = magnitude >> 23;
  const unsigned mantissa = (magnitude & 0x7fffffu) | 0x800000u;
  return static_cast<uint16_t>(sign | rounded_shift(mantissa, 126 - exponent));
}

inline float float_of_half_bits(uint16_t bits) {
  const unsigned sign = (bits & 0x8000u) << 16;
  const unsigned exponent = (bits >> 10) & 0x1fu;
  const unsigned mantissa = bits & 0x3ffu;
  if (exponent == 31) return __uint_as_float(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return __uint_as_float(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float magnitude = static_cast<float>(mantissa) * 5.9604644775390625e-8f;  // 2^-24
  return sign != 0 ? -magnitude : magnitude;
}

}  // namespace fuseline::host_cuda

#endif
