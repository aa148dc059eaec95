// A group of neighbouring lanes takes a pixel's channels, a row in channels-last memory: it stays in registers from its
// one load to its one store, maxima and sums travel by shuffle, and neighbouring groups take neighbouring pixels.
#include "common/row_softmax.cuh"
#include "common/row_tile.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_C, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
using Tile = RowTile<Lane, PARAM_in_flight, PARAM_block / PARAM_lanes, DIM_pixels>;
constexpr int vector = Lane::vector;
constexpr int rows = Tile::rows;
constexpr bool persistent = PARAM_blocks_per_sm > 0;

FUSELINE_DEVICE void finish_tile(const Tile& tile, const ColumnPacks<Lane>& conv_bias, const ColumnPacks<Lane>& bias,
                                 T* out, const Lane& lane) {
  constexpr Sigmoid sigmoid = Sigmoid::PARAM_sigmoid;
  constexpr float prescale = static_cast<float>(SCALAR_scale) * sigmoid_prescale<sigmoid>;
  float values[rows][Lane::chunks][vector];
  float factors[rows];
  row_softmax<Reduce::PARAM_reduce>(values, factors, tile.packs, conv_bias, lane);
#pragma unroll
  for (int r = 0; r < rows; ++r) factors[r] *= prescale;
#pragma unroll
  for (int k = 0; k < Lane::chunks; ++k) {
    float start[vector];
    unpack(bias.packs[k], start);
#pragma unroll
    for (int i = 0; i < vector; ++i) start[i] *= prescale;
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      float results[vector];
#pragma unroll
      for (int i = 0; i < vector; ++i)
        results[i] = sigmoid_of_scaled<sigmoid>(fmaf(values[r][k][i], factors[r], start[i]));
      if (lane.owns(k) && tile.has(r, lane)) {
        store_pack<vector, Store::PARAM_store>(out + tile.row(r, lane) * Lane::width + lane.column(k), pack(results));
      }
    }
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    softmax_bias_scale_sigmoid_channels_last_row_group(const T* __restrict__ x, const T* __restrict__ conv_bias,
                                                       const T* __restrict__ bias, T* __restrict__ out) {
  const Lane lane(static_cast<int>(threadIdx.x));
  Tile tile = Tile::load<Load::PARAM_load>(x, blockIdx.x, lane);
  const ColumnPacks<Lane> added(conv_bias, lane);
  const ColumnPacks<Lane> shift(bias, lane);
  if constexpr (persistent) {
    // The next tile's loads are under way while this one is worked on.
    for (long long next = tile.number + gridDim.x; next < Tile::tiles; next += gridDim.x) {
      const Tile ahead = Tile::load<Load::PARAM_load>(x, next, lane);
      finish_tile(tile, added, shift, out, lane);
      tile = ahead;
    }
  }
  finish_tile(tile, added, shift, out, lane);
}
