// The gradients of scale * GELU(LayerNorm(x)) for rows that lie in registers as packs: what the variants of
// layernorm_gelu_scale_backward share.
//
// With r = 1/sqrt(var + eps), n = (x - mean)*r, y = gamma*n + beta and g = scale*dz*GELU'(y): dbeta is the sum of g
// over rows, dgamma that of g*n, and with q = gamma*g dx = r*(q - mean(q) - n*mean(q*n)). Nothing but x is needed of
// the forward pass.
#pragma once

#include "common/column_sums.cuh"
#include "common/layernorm_gelu.cuh"

namespace fuseline {

/// A lane's sums over the rows that it met, for its columns; without the factor `scale`.
template <typename Lane>
struct ColumnSums {
  float gamma[Lane::chunks][Lane::vector] = {};
  float beta[Lane::chunks][Lane::vector] = {};
};

/// What a lane has loaded of `rows` rows; zeros outside them.
template <int rows, typename Lane>
struct BackwardTile {
  Pack<Lane::vector> x[rows][Lane::chunks];
  Pack<Lane::vector> dz[rows][Lane::chunks];
};

/// Works on `rows` rows of a lane, adds to `sums` and hands packs of dx to `store(row, chunk, pack)`. Every lane of the
/// warp must call it.
template <Reduce reduce, Gelu form, int rows, typename Lane, typename Store>
FUSELINE_DEVICE void layernorm_gelu_backward_rows(const BackwardTile<rows, Lane>& tile, const ColumnPacks<Lane>& gamma,
                                                  const ColumnPacks<Lane>& beta, ColumnSums<Lane>& sums, float eps,
                                                  float scale, const Lane& lane, const Store& store) {
  constexpr int vector = Lane::vector;
  constexpr float inverse_width = 1.0f / static_cast<float>(Lane::width);
  float normal[rows][Lane::chunks][vector];
  float upstream[rows][Lane::chunks][vector];
#pragma unroll
  for (int r = 0; r < rows; ++r) {
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) unpack(tile.x[r][k], normal[r][k]);
  }
  float inverse_deviation[rows];
  centre_rows<reduce>(normal, inverse_deviation, lane, eps);
  // Sums over the row of q, then of q*n.
  float totals[2 * rows];
#pragma unroll
  for (int r = 0; r < 2 * rows; ++r) totals[r] = 0.0f;
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
    float weight[vector], shift[vector];
    unpack(gamma.packs[k], weight);
    unpack(beta.packs[k], shift);
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      unpack(tile.dz[r][k], upstream[r][k]);
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        float& n = normal[r][k][i];
        float& q = upstream[r][k][i];
        n *= inverse_deviation[r];
        const float g = q * gelu_slope<form>(fmaf(n, weight[i], shift[i]));
        sums.beta[k][i] += g;
        sums.gamma[k][i] = fmaf(g, n, sums.gamma[k][i]);
        q = g * weight[i];
        totals[2 * r] += q;
        totals[2 * r + 1] = fmaf(q, n, totals[2 * r + 1]);
      }
    }
  }
  group_sums<reduce, Lane::lanes>(totals, lane.number);
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    const float step = scale * inverse_deviation[r];
    const float factor = -step * inverse_width;
    const float by_mean = totals[2 * r] * factor;
    const float by_normal = totals[2 * r + 1] * factor;
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) {
      float results[vector];
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        results[i] = fmaf(upstream[r][k][i], step, fmaf(normal[r][k][i], by_normal, by_mean));
      }
      if (lane.owns(k)) store(r, k, pack(results));
    }
  }
}

/// Adds the sums of all lanes of a block of `threads` and leaves, times scale, dgamma's part in part[0 .. width),
/// dbeta's behind it. `shared` holds threads/32 * 2*width floats, and nobody may be using it still. Every thread must
/// call it.
template <int threads, typename Lane>
FUSELINE_DEVICE void store_part(float* part, ColumnSums<Lane>& sums, float scale, float* shared, const Lane& lane) {
  store_column_sums<threads>(part, sums.gamma, sums.beta, scale, shared, lane);
}

}  // namespace fuseline
