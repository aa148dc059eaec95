// Special functions of the GPU, and the sigmoid built on them.
//
// The *_fast functions are single instructions of the special-function unit; plain C++ builds use the C library.
// Infinities and NaN pass through as in the exact functions; subnormal results are flushed to zero.
#pragma once

#include "common/dtype.cuh"

#ifndef __CUDA_ARCH__
#include <cmath>
#endif

namespace fuseline {

constexpr float log2_e = 1.44269504088896340736f;

#ifdef __CUDA_ARCH__

/// 2^x, relative error 2^-22.
FUSELINE_DEVICE float exp2_fast(float x) {
  float result;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}
/// 1/x, relative error 2^-23; 1/0 is infinity.
FUSELINE_DEVICE float reciprocal_fast(float x) {
  float result;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}
/// tanh(x), relative error 2^-11: for 16-bit results only.
FUSELINE_DEVICE float tanh_fast(float x) {
  float result;
  asm("tanh.approx.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
}

#else

inline float exp2_fast(float x) { return std::exp2(x); }
inline float reciprocal_fast(float x) { return 1.0f / x; }
inline float tanh_fast(float x) { return std::tanh(x); }

#endif

FUSELINE_DEVICE float negative_infinity() { return __uint_as_float(0xff800000u); }

/// How 1/(1+exp(-z)) is worked out. `exact`: expf and an IEEE division. `fast`: two special-function instructions,
/// error 3e-7. `tanh_unit`: 0.5 + 0.5*tanh(z/2) with the tanh instruction, error 2.5e-4, so for 16-bit results only.
enum class Sigmoid { exact, fast, tanh_unit };

/// What z must be multiplied by before sigmoid_of_scaled: callers fold it into factors that they apply anyway.
template <Sigmoid form>
constexpr float sigmoid_prescale = form == Sigmoid::exact  ? -1.0f
                                   : form == Sigmoid::fast ? -log2_e
                                                           : 0.5f;

/// The sigmoid of z, given v = z * sigmoid_prescale<form>.
template <Sigmoid form>
FUSELINE_DEVICE float sigmoid_of_scaled(float v) {
  if constexpr (form == Sigmoid::exact) {
    return 1.0f / (1.0f + expf(v));
  } else if constexpr (form == Sigmoid::fast) {
    return reciprocal_fast(1.0f + exp2_fast(v));
  } else {
    return fmaf(0.5f, tanh_fast(v), 0.5f);
  }
}

/// The derivative of the sigmoid at z, given v = z * log2_e: two special-function instructions, relative error 1e-6
/// however large |z| is.
FUSELINE_DEVICE float sigmoid_slope_fast(float v) {
  // The derivative is even: taken where the sigmoid is at most 1/2, nothing cancels in s - s*s. Far out 2^|v| is
  // infinite and s is 0.
  const float s = reciprocal_fast(1.0f + exp2_fast(fabsf(v)));
  return fmaf(-s, s, s);
}

}  // namespace fuseline
