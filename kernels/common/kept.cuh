// Numbers that wait in registers between two passes.
#pragma once

#include <cuda_fp16.h>

#include "common/vector.cuh"

namespace fuseline {

/// `full`: floats. `half`: pairs of fp16 in a word, whatever T is: half the registers, relative error 2^-11 (absolute
/// 3e-8 below 6e-5); for numbers of magnitude up to 6e4 behind results of 16 bits. `element`: pairs of T (16 bits), for
/// those who go on in pairs of T, two numbers an instruction.
enum class Keep { full, half, element };

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

template <int N>
struct Kept<N, Keep::element> {
  static_assert(N % 2 == 0 && dtype_bytes == 2, "numbers are kept in pairs");
  Pack<N> pairs;
  FUSELINE_DEVICE void put(const float (&from)[N]) { pairs = pack(from); }
  FUSELINE_DEVICE void get(float (&to)[N]) const { unpack(pairs, to); }
};

/// Sums of products of pairs of T that are added up in T for a few terms, and as floats from there on: two elements an
/// instruction. What is added up must be in the range of T, `run` terms at a time.
template <int N, int run>
class PairSums {
 public:
  /// Adds a*b, the next of the terms, which are numbered by `k` from 0.
  FUSELINE_DEVICE void add(float (&sums)[N], int k, const Pack<N>& a, const Pack<N>& b) {
    partial_ = multiply_add(a, b, partial_);
    if (k % run == run - 1) finish(sums);
  }
  /// To be called after the last term.
  FUSELINE_DEVICE void finish(float (&sums)[N]) {
    float values[N];
    unpack(partial_, values);
#pragma unroll
    for (int i = 0; i < N; ++i) sums[i] += values[i];
    partial_ = zero_pack<N>();
  }

 private:
  Pack<N> partial_ = zero_pack<N>();
};

}  // namespace fuseline
