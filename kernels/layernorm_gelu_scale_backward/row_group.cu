// A group of neighbouring lanes takes a row: x and dz stay in registers from their one load to the store of dx. The
// grid is persistent, so that lanes add up dgamma and dbeta of their columns in registers over all rows they meet; a
// second launch adds the blocks' parts.
#include "common/layernorm_gelu_backward.cuh"
#include "common/partial_sums.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_W, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
constexpr int vector = Lane::vector;
constexpr int rows = PARAM_in_flight;
constexpr int groups = PARAM_block / PARAM_lanes;
constexpr long long all_rows = DIM_rows;
constexpr long long tile_rows = static_cast<long long>(groups) * rows;
constexpr long long tiles = cdiv(all_rows, tile_rows);
constexpr bool whole_tiles = all_rows % tile_rows == 0;
using Tile = BackwardTile<rows, Lane>;

FUSELINE_DEVICE long long row_of(long long tile, int r, const Lane& lane) {
  return tile * tile_rows + r * groups + lane.group;
}
FUSELINE_DEVICE bool has(long long row) { return whole_tiles || row < all_rows; }

FUSELINE_DEVICE void load_tile(Tile& tile, const T* x, const T* dz, long long number, const Lane& lane) {
#pragma unroll
  for (int r = 0; r < rows; ++r) {
    const long long row = row_of(number, r, lane);
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) {
      if (lane.owns(k) && has(row)) {
        tile.x[r][k] = load_pack<vector, Load::PARAM_load>(x + row * Lane::width + lane.column(k));
        tile.dz[r][k] = load_pack<vector, Load::PARAM_load>(dz + row * Lane::width + lane.column(k));
      } else {
        tile.x[r][k] = zero_pack<vector>();
        tile.dz[r][k] = zero_pack<vector>();
      }
    }
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_blocks_per_sm)
    layernorm_gelu_scale_backward_row_group(const T* __restrict__ x, const T* __restrict__ dz,
                                            const T* __restrict__ gamma, const T* __restrict__ beta, T* __restrict__ dx,
                                            float* __restrict__ parts, int* __restrict__ count) {
  FUSELINE_SHARED(float, shared);
  const Lane lane(static_cast<int>(threadIdx.x));
  const ColumnPacks<Lane> weight(gamma, lane);
  const ColumnPacks<Lane> shift(beta, lane);
  ColumnSums<Lane> sums;
  Tile tile;
  const auto finish = [&](long long number) {
    layernorm_gelu_backward_rows<Reduce::PARAM_reduce, Gelu::PARAM_gelu>(
        tile, weight, shift, sums, static_cast<float>(SCALAR_eps), static_cast<float>(SCALAR_scale), lane,
        [&](int r, int k, const Pack<vector>& result) {
          const long long row = row_of(number, r, lane);
          if (has(row)) store_pack<vector, Store::PARAM_store>(dx + row * Lane::width + lane.column(k), result);
        });
  };
  if constexpr (PARAM_ahead == 1) {
    // The next tile's loads are under way while this one is worked on.
    load_tile(tile, x, dz, blockIdx.x, lane);
    for (long long number = blockIdx.x; number < tiles; number += gridDim.x) {
      Tile ahead;
      const long long next = number + gridDim.x;
      if (next < tiles) load_tile(ahead, x, dz, next, lane);
      finish(number);
      tile = ahead;
    }
  } else {
    for (long long number = blockIdx.x; number < tiles; number += gridDim.x) {
      load_tile(tile, x, dz, number, lane);
      finish(number);
    }
  }
  store_part<PARAM_block>(parts + static_cast<long long>(blockIdx.x) * 2 * Lane::width, sums,
                          static_cast<float>(SCALAR_scale), shared, lane);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    layernorm_gelu_scale_backward_columns(const float* __restrict__ parts, const int* __restrict__ count,
                                          float* __restrict__ dgamma, float* __restrict__ dbeta) {
  __shared__ float totals[part_slices][part_columns];
  constexpr int columns = 2 * Lane::width;
  const int column = static_cast<int>(blockIdx.x * part_columns + threadIdx.x % part_columns);
  const float total = sum_of_parts(parts, *count, columns, column, totals);
  if (threadIdx.x < part_columns && column < columns)
    (column < Lane::width ? dgamma + column : dbeta + (column - Lane::width))[0] = total;
}
