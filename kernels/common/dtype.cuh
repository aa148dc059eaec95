// The element type of this build and exact conversions between it and float.
//
// Kernels keep elements as T in memory and compute in float. One of FUSELINE_DTYPE_F32, FUSELINE_DTYPE_F16 and
// FUSELINE_DTYPE_BF16 is defined to 1 by whoever compiles.
#pragma once

#if defined(FUSELINE_DTYPE_F16)
#include <cuda_fp16.h>
#elif defined(FUSELINE_DTYPE_BF16)
#include <cuda_bf16.h>
#elif !defined(FUSELINE_DTYPE_F32)
#error "define one of FUSELINE_DTYPE_F32, FUSELINE_DTYPE_F16, FUSELINE_DTYPE_BF16"
#endif

#define FUSELINE_DEVICE __device__ __forceinline__

namespace fuseline {

#if defined(FUSELINE_DTYPE_F16)
using T = __half;
#elif defined(FUSELINE_DTYPE_BF16)
using T = __nv_bfloat16;
#else
using T = float;
#endif

constexpr int dtype_bytes = static_cast<int>(sizeof(T));

template <typename Integer>
constexpr Integer cdiv(Integer a, Integer b) {
  return (a + b - 1) / b;
}

/// Two elements of a 16-bit T that share a 32-bit word; `low` lies at the lower address.
struct FloatPair {
  float low;
  float high;
};

#if defined(FUSELINE_DTYPE_F16)

FUSELINE_DEVICE float to_float(T value) { return __half2float(value); }
FUSELINE_DEVICE T from_float(float value) { return __float2half_rn(value); }

FUSELINE_DEVICE FloatPair unpack_pair(unsigned word) {
  __half2 both;
  memcpy(&both, &word, sizeof(word));
  const float2 values = __half22float2(both);
  return {values.x, values.y};
}

FUSELINE_DEVICE unsigned pack_pair(float low, float high) {
  const __half2 both = __floats2half2_rn(low, high);
  unsigned word;
  memcpy(&word, &both, sizeof(word));
  return word;
}

#elif defined(FUSELINE_DTYPE_BF16)

FUSELINE_DEVICE float to_float(T value) { return __bfloat162float(value); }
FUSELINE_DEVICE T from_float(float value) { return __float2bfloat16_rn(value); }

// A bf16 is the upper half of a float: no conversion instruction is needed.
FUSELINE_DEVICE FloatPair unpack_pair(unsigned word) {
  return {__uint_as_float(word << 16), __uint_as_float(word & 0xffff0000u)};
}

FUSELINE_DEVICE unsigned pack_pair(float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  unsigned word;
  memcpy(&word, &both, sizeof(word));
  return word;
}

#else

FUSELINE_DEVICE float to_float(T value) { return value; }
FUSELINE_DEVICE T from_float(float value) { return value; }

#endif

}  // namespace fuseline
