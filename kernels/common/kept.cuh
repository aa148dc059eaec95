// Numbers that wait in registers between two passes.
#pragma once

#include "common/dtype.cuh"

#include <cuda_fp16.h>

namespace fuseline {

/// `full`: floats. `half`: pairs of fp16 in a word, whatever T is: half the registers, relative error 2^-11 (absolute 3e-8 below 6e-5); for
/// numbers of magnitude up to 6e4 behind results of 16 bits.
enum class Keep { full, half };

template <int N, Keep keep>
struct Kept {
  float values[N];
  FUSELINE_DEVICE void put(const float (&from)[N]) {
#pragma unroll
    for (int i = 0; i < N; ++i) values[i] = from[i];
  }
  FUSELINE_DEVICE void get(float (&to)[N]) const {
#pragma unroll
    for (int i = 0; i < N; ++i) to[i] = values[i];
  }
};

template <int N>
struct Kept<N, Keep::half> {
  static_assert(N % 2 == 0, "numbers are kept in pairs");
  __half2 pairs[N / 2];
  FUSELINE_DEVICE void put(const float (&from)[N]) {
#pragma unroll
    for (int i = 0; i < N / 2; ++i) pairs[i] = __floats2half2_rn(from[2 * i], from[2 * i + 1]);
  }
  FUSELINE_DEVICE void get(float (&to)[N]) const {
#pragma unroll
    for (int i = 0; i < N / 2; ++i) {
      const float2 both = __half22float2(pairs[i]);
      to[2 * i] = both.x;
      to[2 * i + 1] = both.y;
    }
  }
};

}  // namespace fuseline
