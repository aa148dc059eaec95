// Pixels are worked on as in row_group, but x and dout of the tiles ahead are on their way into a ring in shared memory
// by cp.async: a lane copies, waits for and reads only its own vectors, so the ring needs no barrier, and what is under
// way takes no registers.
#include "common/column_sums.cuh"
#include "common/partial_sums.cuh"
#include "common/pipeline.cuh"
#include "common/row_softmax_backward.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_C, PARAM_lanes, PARAM_vector_bytes / dtype_bytes>;
constexpr int vector = Lane::vector;
constexpr int rows = PARAM_in_flight;
constexpr int stages = PARAM_stages;
constexpr int groups = PARAM_block / PARAM_lanes;
constexpr long long all_rows = DIM_pixels;
constexpr long long tile_rows = static_cast<long long>(groups) * rows;
constexpr long long tiles = cdiv(all_rows, tile_rows);
constexpr bool whole_tiles = all_rows % tile_rows == 0;
constexpr int tensor_elements = rows * Lane::chunks * PARAM_block * vector;  // Of one tensor in a stage.
constexpr int stage_elements = 2 * tensor_elements;
using Packs = Pack<vector>[rows][Lane::chunks];

FUSELINE_DEVICE long long row_of(long long tile, int r, const Lane& lane) {
  return tile * tile_rows + r * groups + lane.group;
}
FUSELINE_DEVICE bool has(long long row) { return whole_tiles || row < all_rows; }

// A lane's vector in a stage: neighbouring lanes' vectors are neighbours.
FUSELINE_DEVICE int place_of(int r, int k) {
  return ((r * Lane::chunks + k) * PARAM_block + static_cast<int>(threadIdx.x)) * vector;
}

// Starts copying a tile into a stage. Past the last tile the group of copies is empty, so that counts stay in step.
FUSELINE_DEVICE void start_copy(T* stage, const T* x, const T* dout, long long number, const Lane& lane) {
  if (number < tiles) {
#pragma unroll
    for (int r = 0; r < rows; ++r) {
      const long long row = row_of(number, r, lane);
#pragma unroll
      for (int k = 0; k < Lane::chunks; ++k) {
        if (lane.owns(k) && has(row)) {
          const long long at = row * Lane::width + lane.column(k);
          async_copy<vector * dtype_bytes>(stage + place_of(r, k), x + at);
          async_copy<vector * dtype_bytes>(stage + tensor_elements + place_of(r, k), dout + at);
        }
      }
    }
  }
  async_commit();
}

FUSELINE_DEVICE void read_stage(Packs& packs, const T* stage, long long number, const Lane& lane) {
#pragma unroll
  for (int r = 0; r < rows; ++r) {
#pragma unroll
    for (int k = 0; k < Lane::chunks; ++k) {
      const bool there = lane.owns(k) && has(row_of(number, r, lane));
      packs[r][k] = there ? load_pack<vector>(stage + place_of(r, k)) : zero_pack<vector>();
    }
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_blocks_per_sm)
    softmax_bias_scale_sigmoid_channels_last_backward_row_ring(const T* __restrict__ x, const T* __restrict__ dout,
                                                               const T* __restrict__ conv_bias,
                                                               const T* __restrict__ bias, T* __restrict__ dx,
                                                               float* __restrict__ parts, int* __restrict__ count) {
  FUSELINE_SHARED(T, ring);
  constexpr float scale = static_cast<float>(SCALAR_scale);
  const Lane lane(static_cast<int>(threadIdx.x));
  const long long step = gridDim.x;
#pragma unroll
  for (int s = 0; s < stages; ++s) start_copy(ring + s * stage_elements, x, dout, blockIdx.x + s * step, lane);
  const ColumnPacks<Lane> added(conv_bias, lane);
  const ColumnPacks<Lane> shift(bias, lane);
  BiasSums<Lane> sums;
  int stage = 0;
  for (long long number = blockIdx.x; number < tiles; number += step) {
    async_wait<stages - 1>();
    T* const here = ring + stage * stage_elements;
    Packs tile_x, tile_dout;
    read_stage(tile_x, here, number, lane);
    read_stage(tile_dout, here + tensor_elements, number, lane);
    start_copy(here, x, dout, number + stages * step, lane);  // What it held lies in registers now.
    row_softmax_backward<Reduce::PARAM_reduce>(
        tile_x, tile_dout, added, shift, sums, scale, lane, [&](int r, int k, const Pack<vector>& result) {
          const long long row = row_of(number, r, lane);
          if (has(row)) store_pack<vector, Store::PARAM_store>(dx + row * Lane::width + lane.column(k), result);
        });
    stage = stage + 1 == stages ? 0 : stage + 1;
  }
  __syncthreads();  // The ring is the block's scratch from here on; copies into it have all been waited for.
  store_column_sums<PARAM_block>(parts + static_cast<long long>(blockIdx.x) * 2 * Lane::width, sums.conv_bias,
                                 sums.bias, scale, reinterpret_cast<float*>(ring), lane);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    softmax_bias_scale_sigmoid_channels_last_backward_ring_columns(const float* __restrict__ parts,
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
