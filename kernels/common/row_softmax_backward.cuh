// The gradients of sigmoid(scale * (softmax(x + conv_bias) + bias)) for rows that lie in registers as packs: what the
// variants of softmax_bias_scale_sigmoid_channels_last_backward share.
//
// With p the softmax, z = scale*(p + bias) and h = dout*sigmoid'(z): dbias is the sum of scale*h over rows, dx =
// p*scale*(h - sum of p*h over the row), and dconv_bias is the sum of dx over rows.
#pragma once

#include "common/row_softmax.cuh"

namespace fuseline {

/// A lane's sums over the rows that it met, for its columns; without the factor `scale`.
template <typename Lane>
struct BiasSums {
  float conv_bias[Lane::chunks][Lane::vector] = {};
  float bias[Lane::chunks][Lane::vector] = {};
};

/// Works on `rows` rows of a lane, adds to `sums` and hands packs of dx to `store(row, chunk, pack)`. x and dout must
/// be 0 outside the rows. Every lane of the warp must call it.
template <Reduce reduce, int rows, typename Lane, typename Store>
FUSELINE_DEVICE void row_softmax_backward(const Pack<Lane::vector> (&x)[rows][Lane::chunks],
                                          const Pack<Lane::vector> (&dout)[rows][Lane::chunks],
                                          const ColumnPacks<Lane>& conv_bias, const ColumnPacks<Lane>& bias,
                                          BiasSums<Lane>& sums, float scale, const Lane& lane, const Store& store) {
  constexpr int vector = Lane::vector;
  float probabilities[rows][Lane::chunks][vector];
  float upstream[rows][Lane::chunks][vector];
  float factors[rows], dots[rows];
  row_softmax<reduce>(probabilities, factors, x, conv_bias, lane);
#pragma unroll
  for (int r = 0; r < rows; ++r) dots[r] = 0.0f;
  const float slope_scale = scale * log2_e;
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
    float start[vector];
    unpack(bias.packs[k], start);
#pragma unroll
    for (int i = 0; i < vector; ++i) start[i] *= slope_scale;
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      unpack(dout[r][k], upstream[r][k]);
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        float& p = probabilities[r][k][i];
        float& h = upstream[r][k][i];
        p *= factors[r];
        h *= sigmoid_slope_fast(fmaf(p, slope_scale, start[i]));
        sums.bias[k][i] += h;
        dots[r] = fmaf(p, h, dots[r]);
      }
    }
  }
  group_sums<reduce, Lane::lanes>(dots, lane.number);
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float results[vector];
#pragma unroll
      for (int i = 0; i < vector; ++i) {
        const float gradient = probabilities[r][k][i] * (upstream[r][k][i] - dots[r]);
        sums.conv_bias[k][i] += gradient;
        results[i] = gradient * scale;
      }
      if (lane.owns(k)) store(r, k, pack(results));
    }
  }
}

}  // namespace fuseline
