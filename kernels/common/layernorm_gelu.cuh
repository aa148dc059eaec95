// LayerNorm, GELU and scale of rows that lie in registers as packs: what the variants of layernorm_gelu_scale share.
#pragma once

#include "common/gelu.cuh"
#include "common/rows.cuh"
#include "common/vector.cuh"

namespace fuseline {

/// `two_pass`: mean first, then the squares; `merged`: lanes' own moments merged.
enum class Statistics { two_pass, merged };

/// Packs of the lane's columns of a vector as long as the row, such as gamma.
template <typename Lane>
struct ColumnPacks {
  Pack<Lane::vector> packs[Lane::chunks];

  FUSELINE_DEVICE ColumnPacks(const T* vector, const Lane& lane) {
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k)
      packs[k] = lane.owns(k) ? load_pack<Lane::vector>(vector + lane.column(k)) : zero_pack<Lane::vector>();
  }
};

/// Works on `rows` rows of a lane and hands the packs of the result to `store(row, chunk, pack)`. Every lane of the
/// warp must call it.
template <Statistics statistics, Reduce reduce, Gelu form, int rows, typename Lane, typename Store>
FUSELINE_DEVICE void layernorm_gelu_rows(const Pack<Lane::vector> (&packs)[rows][Lane::chunks],
                                         const ColumnPacks<Lane>& gamma, const ColumnPacks<Lane>& beta, float eps,
                                         float scale, const Lane& lane, const Store& store) {
  constexpr int vector = Lane::vector;
  float values[rows][Lane::chunks][vector];
#pragma unroll
  for (int r = 0; r < rows; ++r) {
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) unpack(packs[r][k], values[r][k]);
  }
  float inverse_deviation[rows];
  if constexpr (statistics == Statistics::merged) {
    centre_rows_merged<rows, Lane>(values, inverse_deviation, eps);
  } else {
    centre_rows<reduce>(values, inverse_deviation, lane, eps);
  }
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
    float weight[vector], shift[vector];
    unpack(gamma.packs[k], weight);
    unpack(beta.packs[k], shift);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float results[vector];
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        results[i] = gelu<form>(fmaf(values[r][k][i] * inverse_deviation[r], weight[i], shift[i]), scale);
      }
      if (lane.owns(k)) store(r, k, pack(results));
    }
  }
}

}  // namespace fuseline
