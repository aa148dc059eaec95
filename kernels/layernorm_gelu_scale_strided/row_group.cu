// layernorm_gelu_scale's row_group over rows that start any number of elements apart; the output is contiguous.
#include "common/layernorm_gelu.cuh"
#include "common/row_tile.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_W, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
using Tile = RowTile<Lane, PARAM_in_flight, PARAM_block / PARAM_lanes, DIM_rows, DIM_row_stride>;
constexpr int vector = Lane::vector;

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    layernorm_gelu_scale_strided_row_group(const T* __restrict__ x, const T* __restrict__ gamma,
                                           const T* __restrict__ beta, T* __restrict__ out) {
  const Lane lane(static_cast<int>(threadIdx.x));
  const Tile tile = Tile::load<Load::PARAM_load>(x, blockIdx.x, lane);
  const ColumnPacks<Lane> weight(gamma, lane);
  const ColumnPacks<Lane> shift(beta, lane);
  layernorm_gelu_rows<Statistics::two_pass, Reduce::PARAM_reduce, Gelu::PARAM_gelu>(
      tile.packs, weight, shift, static_cast<float>(SCALAR_eps), static_cast<float>(SCALAR_scale), lane,
      [&](int r, int k, const Pack<vector>& result) {
        if (tile.has(r, lane))
          store_pack<vector, Store::PARAM_store>(out + tile.row(r, lane) * Lane::width + lane.column(k), result);
      });
}
