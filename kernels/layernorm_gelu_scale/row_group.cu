// A group of neighbouring lanes takes a row: the row stays in registers from its one load to its one store, the
// statistics travel by shuffle, and neighbouring groups take neighbouring rows, so that a warp's accesses are one run
// of bytes.
#include "common/layernorm_gelu.cuh"
#include "common/row_tile.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_W, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
using Tile = RowTile<Lane, PARAM_in_flight, PARAM_block / PARAM_lanes, DIM_rows>;
constexpr int vector = Lane::vector;
constexpr bool persistent = PARAM_blocks_per_sm > 0;

FUSELINE_DEVICE void finish_tile(const Tile& tile, const ColumnPacks<Lane>& gamma, const ColumnPacks<Lane>& beta,
                                 T* out, const Lane& lane) {
  layernorm_gelu_rows<Statistics::PARAM_statistics, Reduce::PARAM_reduce, Gelu::PARAM_gelu>(
      tile.packs, gamma, beta, static_cast<float>(SCALAR_eps), static_cast<float>(SCALAR_scale), lane,
      [&](int r, int k, const Pack<vector>& result) {
        if (tile.has(r, lane))
          store_pack<vector, Store::PARAM_store>(out + tile.row(r, lane) * Lane::width + lane.column(k), result);
      });
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    layernorm_gelu_scale_row_group(const T* __restrict__ x, const T* __restrict__ gamma, const T* __restrict__ beta,
                                   T* __restrict__ out) {
  const Lane lane(static_cast<int>(threadIdx.x));
  Tile tile = Tile::load<Load::PARAM_load>(x, blockIdx.x, lane);
  const ColumnPacks<Lane> weight(gamma, lane);
  const ColumnPacks<Lane> shift(beta, lane);
  if constexpr (persistent) {
    // The next tile's loads are under way while this one is worked on.
    for (long long next = tile.number + gridDim.x; next < Tile::tiles; next += gridDim.x) {
      const Tile ahead = Tile::load<Load::PARAM_load>(x, next, lane);
      finish_tile(tile, weight, shift, out, lane);
      tile = ahead;
    }
  }
  finish_tile(tile, weight, shift, out, lane);
}
