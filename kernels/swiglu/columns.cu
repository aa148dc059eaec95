// Threads along the columns; a thread takes the same columns of the gate and of what it gates, for several rows.
#include "common/column_tile.cuh"
#include "common/math.cuh"

using namespace fuseline;

namespace {

using Tile = ColumnTile<DIM_rows, DIM_W, PARAM_block, PARAM_lanes, PARAM_vector_bytes / dtype_bytes, PARAM_in_flight>;
constexpr int vector = Tile::vector;
constexpr Sigmoid sigmoid = Sigmoid::PARAM_sigmoid;

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block) swiglu_columns(const T* __restrict__ x, T* __restrict__ out) {
  const Tile tile(blockIdx.x, static_cast<int>(threadIdx.x));
  Pack<vector> gates[Tile::in_flight], ups[Tile::in_flight];
#pragma unroll
  for (int r = 0; r < Tile::in_flight; ++r) {
    if (!tile.has(r)) continue;
    const T* const row = x + tile.row(r) * (2 * Tile::width) + tile.column;
    gates[r] = load_pack<vector, Load::PARAM_load>(row);
    ups[r] = load_pack<vector, Load::PARAM_load>(row + Tile::width);
  }
#pragma unroll
  for (int r = 0; r < Tile::in_flight; ++r) {
    if (!tile.has(r)) continue;
    float gate[vector], up[vector];
    unpack(gates[r], gate);
    unpack(ups[r], up);
#pragma unroll
    for (int i = 0; i < vector; ++i) up[i] *= gate[i] * sigmoid_of_scaled<sigmoid>(gate[i] * sigmoid_prescale<sigmoid>);
    store_pack<vector, Store::PARAM_store>(out + tile.row(r) * Tile::width + tile.column, pack(up));
  }
}
