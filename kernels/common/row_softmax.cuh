// Softmax along rows that lie in registers as packs: what the channels-last forms of softmax_bias_scale_sigmoid share.
#pragma once

#include "common/layernorm_gelu.cuh"
#include "common/math.cuh"
#include "common/rows.cuh"

namespace fuseline {

/// Largest value over each group of `lanes` neighbouring lanes, in all of them; a NaN loses against a number.
template <int lanes>
FUSELINE_DEVICE float group_largest(float value) {
#pragma unroll
  for (int step = lanes / 2; step > 0; step /= 2) value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, step));
  return value;
}

/// Exponentials of rows and, for each row, the factor that makes them probabilities: the softmax of x + conv_bias.
/// Exponentials of columns outside the row are 0. Every lane of the warp must call it.
template <Reduce reduce, int rows, typename Lane>
FUSELINE_DEVICE void row_softmax(float (&exponentials)[rows][Lane::chunks][Lane::vector], float (&factors)[rows],
                                 const Pack<Lane::vector> (&packs)[rows][Lane::chunks],
                                 const ColumnPacks<Lane>& conv_bias, const Lane& lane) {
  constexpr int vector = Lane::vector;
  float largest[rows];
#pragma unroll
  for (int r = 0; r < rows; ++r) largest[r] = negative_infinity();
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
    float added[vector];
    unpack(conv_bias.packs[k], added);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      unpack(packs[r][k], exponentials[r][k]);
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        if (lane.owns(k)) largest[r] = fmaxf(largest[r], exponentials[r][k][i] + added[i]);
      }
    }
  }
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    largest[r] = group_largest<Lane::lanes>(largest[r]);
    // With no logit above -infinity the sum is 0 or NaN, whatever is subtracted; infinity from infinity would make it
    // NaN always.
    if (largest[r] == negative_infinity()) largest[r] = 0.0f;
    factors[r] = 0.0f;
  }
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
    float added[vector];
    unpack(conv_bias.packs[k], added);
#pragma unroll
    for (int i = 0; i < vector; ++i) {
      const float start = added[i] * log2_e;
#pragma unroll
      for (int r = 0; r < rows; ++r) {
        // x - largest first: where it is small, and only there does the exponential count, it is exact.
        const float exponent = fmaf(exponentials[r][k][i] - largest[r], log2_e, start);
        exponentials[r][k][i] = lane.owns(k) ? exp2_fast(exponent) : 0.0f;
        factors[r] += exponentials[r][k][i];
      }
    }
  }
  group_sums<reduce, Lane::lanes>(factors, lane.number);
#pragma unroll
  for (int r = 0; r < rows; ++r) factors[r] = reciprocal_fast(factors[r]);
}

}  // namespace fuseline
