// Threads along the columns, each with one vector of the bias for several rows.
#include "common/column_tile.cuh"
#include "common/gelu.cuh"

using namespace fuseline;

namespace {

using Tile = ColumnTile<DIM_rows, DIM_W, PARAM_block, PARAM_lanes, PARAM_vector_bytes / dtype_bytes, PARAM_in_flight>;
constexpr int vector = Tile::vector;

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block)
    bias_gelu_columns(const T* __restrict__ x, const T* __restrict__ bias, T* __restrict__ out) {
  const Tile tile(blockIdx.x, static_cast<int>(threadIdx.x));
  Pack<vector> packs[Tile::in_flight];
#pragma unroll
  for (int r = 0; r < Tile::in_flight; ++r) {
    if (tile.has(r)) packs[r] = load_pack<vector, Load::PARAM_load>(x + tile.row(r) * Tile::width + tile.column);
  }
  if (!tile.owns_columns()) return;
  float shift[vector];
  unpack(load_pack<vector>(bias + tile.column), shift);
#pragma unroll
  for (int r = 0; r < Tile::in_flight; ++r) {
    if (!tile.has(r)) continue;
    float values[vector];
    unpack(packs[r], values);
#pragma unroll
    for (int i = 0; i < vector; ++i) values[i] = gelu<Gelu::PARAM_gelu>(values[i] + shift[i], 1.0f);
    store_pack<vector, Store::PARAM_store>(out + tile.row(r) * Tile::width + tile.column, pack(values));
  }
}
