// A group of neighbouring lanes takes a pixel's channels: x and dout stay in registers from their one load to the store
// of dx. The grid is persistent, so that lanes add up dbias and dconv_bias of their channels in registers over all
// pixels they meet; a second launch adds the blocks' parts.
#include "common/column_sums.cuh"
#include "common/partial_sums.cuh"
#include "common/row_softmax_backward.cuh"
#include "common/row_tile.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_C, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
using Rows = RowTile<Lane, PARAM_in_flight, PARAM_block / PARAM_lanes, DIM_pixels>;
constexpr int vector = Lane::vector;
constexpr int rows = Rows::rows;

struct Tile {
  Rows x;
  Rows dout;

  FUSELINE_DEVICE Tile(const T* all_x, const T* all_dout, long long number, const Lane& lane)
      : x(Rows::load<Load::PARAM_load>(all_x, number, lane)),
        dout(Rows::load<Load::PARAM_load>(all_dout, number, lane)) {}
};

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_blocks_per_sm)
    softmax_bias_scale_sigmoid_channels_last_backward_row_group(const T* __restrict__ x, const T* __restrict__ dout,
                                                                const T* __restrict__ conv_bias,
                                                                const T* __restrict__ bias, T* __restrict__ dx,
                                                                float* __restrict__ parts, int* __restrict__ count) {
  FUSELINE_SHARED(float, shared);
  constexpr float scale = static_cast<float>(SCALAR_scale);
  const Lane lane(static_cast<int>(threadIdx.x));
  const ColumnPacks<Lane> added(conv_bias, lane);
  const ColumnPacks<Lane> shift(bias, lane);
  BiasSums<Lane> sums;
  const auto finish = [&](const Tile& tile) {
    row_softmax_backward<Reduce::PARAM_reduce>(
        tile.x.packs, tile.dout.packs, added, shift, sums, scale, lane, [&](int r, int k, const Pack<vector>& result) {
          if (tile.x.has(r, lane)) {
            store_pack<vector, Store::PARAM_store>(dx + tile.x.row(r, lane) * Lane::width + lane.column(k), result);
          }
        });
  };
  if constexpr (PARAM_ahead == 1) {
    // The next tile's loads are under way while this one is worked on.
    Tile tile(x, dout, blockIdx.x, lane);
    for (long long next = blockIdx.x + static_cast<long long>(gridDim.x); next < Rows::tiles; next += gridDim.x) {
      const Tile ahead(x, dout, next, lane);
      finish(tile);
      tile = ahead;
    }
    finish(tile);
  } else {
    for (long long number = blockIdx.x; number < Rows::tiles; number += gridDim.x) finish(Tile(x, dout, number, lane));
  }
  store_column_sums<PARAM_block>(parts + static_cast<long long>(blockIdx.x) * 2 * Lane::width, sums.conv_bias,
                                 sums.bias, scale, shared, lane);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    softmax_bias_scale_sigmoid_channels_last_backward_columns(const float* __restrict__ parts,
                                                              const int* __restrict__ count,
                                                              float* __restrict__ dconv_bias,
                                                              float* __restrict__ dbias) {
  __shared__ float totals[part_slices][part_columns];
  constexpr int columns = 2 * Lane::width;
  const int column = static_cast<int>(blockIdx.x * part_columns + threadIdx.x % part_columns);
  const float total = sum_of_parts(parts, *count, columns, column, totals);
  if (threadIdx.x < part_columns && column < columns)
    (column < Lane::width ? dconv_bias + column : dbias + (column - Lane::width))[0] = total;
}
