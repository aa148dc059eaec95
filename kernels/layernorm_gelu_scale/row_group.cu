// A group of neighbouring lanes takes a row: the row stays in registers from its one load to its one store, the statistics travel by
// shuffle, and neighbouring groups take neighbouring rows, so that a warp's accesses are one run of bytes.
#include "common/layernorm_gelu.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_W, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
constexpr int vector = Lane::vector;
constexpr int rows = PARAM_in_flight;  // Rows in flight in a group.
constexpr int groups = PARAM_block / PARAM_lanes;
constexpr long long all_rows = DIM_rows;
constexpr long long tile_rows = static_cast<long long>(groups) * rows;
constexpr long long tiles = cdiv(all_rows, tile_rows);
constexpr bool whole_tiles = all_rows % tile_rows == 0;
constexpr bool persistent = PARAM_blocks_per_sm > 0;

struct Tile {
  long long number;
  Pack<vector> packs[rows][Lane::chunks];

  FUSELINE_DEVICE long long row(int r, const Lane& lane) const { return number * tile_rows + r * groups + lane.group; }
  FUSELINE_DEVICE bool has(int r, const Lane& lane) const { return whole_tiles || row(r, lane) < all_rows; }
};

FUSELINE_DEVICE Tile load_tile(const T* x, long long number, const Lane& lane) {
  Tile tile;
  tile.number = number;
#pragma unroll
  for (int r = 0; r < rows; ++r) {
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) {
      if (lane.owns(k) && tile.has(r, lane)) {
        tile.packs[r][k] = load_pack<vector, Load::PARAM_load>(x + tile.row(r, lane) * Lane::width + lane.column(k));
      } else {
        tile.packs[r][k] = zero_pack<vector>();
      }
    }
  }
  return tile;
}

FUSELINE_DEVICE void finish_tile(const Tile& tile, const ColumnPacks<Lane>& gamma, const ColumnPacks<Lane>& beta, T* out, const Lane& lane) {
  layernorm_gelu_rows<Statistics::PARAM_statistics, Reduce::PARAM_reduce, Gelu::PARAM_gelu>(
      tile.packs, gamma, beta, static_cast<float>(SCALAR_eps), static_cast<float>(SCALAR_scale), lane,
      [&](int r, int k, const Pack<vector>& result) {
        if (tile.has(r, lane)) store_pack<vector, Store::PARAM_store>(out + tile.row(r, lane) * Lane::width + lane.column(k), result);
      });
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    layernorm_gelu_scale_row_group(const T* __restrict__ x, const T* __restrict__ gamma, const T* __restrict__ beta, T* __restrict__ out) {
  const Lane lane(static_cast<int>(threadIdx.x));
  Tile tile = load_tile(x, blockIdx.x, lane);
  const ColumnPacks<Lane> weight(gamma, lane);
  const ColumnPacks<Lane> shift(beta, lane);
  if constexpr (persistent) {
    // The next tile's loads are under way while this one is worked on.
    for (long long next = tile.number + gridDim.x; next < tiles; next += gridDim.x) {
      const Tile ahead = load_tile(x, next, lane);
      finish_tile(tile, weight, shift, out, lane);
      tile = ahead;
    }
  }
  finish_tile(tile, weight, shift, out, lane);
}
