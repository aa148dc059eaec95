// A group of neighbouring lanes takes a row, as in layernorm_gelu_scale's row_group.
//
// The scalar that the problem adds to x shifts a row and its mean alike, so it cancels in every distance from the mean;
// what is left of it is that a scalar that is not finite makes every output NaN.
#include "common/layernorm_gelu.cuh"
#include "common/row_tile.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_W, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
using Tile = RowTile<Lane, PARAM_in_flight, PARAM_block / PARAM_lanes, DIM_rows>;
constexpr int vector = Lane::vector;
constexpr float sum_weight = static_cast<float>(SCALAR_sum_weight);

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_min_blocks)
    sum_layernorm_row_group(const T* __restrict__ x, const T* __restrict__ gamma, const T* __restrict__ beta,
                            T* __restrict__ out) {
  const Lane lane(static_cast<int>(threadIdx.x));
  const Tile tile = Tile::load<Load::PARAM_load>(x, blockIdx.x, lane);
  const ColumnPacks<Lane> weight(gamma, lane);
  const ColumnPacks<Lane> shift(beta, lane);
  layernorm_gelu_rows<Statistics::two_pass, Reduce::PARAM_reduce, Gelu::none>(
      tile.packs, weight, shift, static_cast<float>(SCALAR_eps) + (sum_weight - sum_weight), 1.0f, lane,
      [&](int r, int k, const Pack<vector>& result) {
        if (tile.has(r, lane))
          store_pack<vector, Store::PARAM_store>(out + tile.row(r, lane) * Lane::width + lane.column(k), result);
      });
}
