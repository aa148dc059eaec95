// A persistent grid whose blocks bring the rows ahead into a ring of tiles in shared memory, so that loads are always
// under way without registers to hold them; rows are then worked on as in row_group.
#include "common/layernorm_gelu.cuh"
#include "common/pipeline.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Lane = RowLane<DIM_W, PARAM_lanes, 16 / dtype_bytes>;
constexpr int vector = Lane::vector;
constexpr int rows = PARAM_in_flight;
constexpr int groups = PARAM_block / PARAM_lanes;
constexpr int tile_rows = groups * rows;
constexpr int tile_elements = tile_rows * Lane::width;
constexpr int stages = PARAM_stages;
constexpr long long all_rows = DIM_rows;
constexpr long long tiles = cdiv(all_rows, static_cast<long long>(tile_rows));
constexpr bool whole_tiles = all_rows % tile_rows == 0;
constexpr Copy copy = Copy::PARAM_copy;
static_assert(Lane::width % vector == 0, "rows must be multiples of 16 bytes");

struct Position {
  const Lane& lane;
  long long tile;
  FUSELINE_DEVICE int local(int r) const { return r * groups + lane.group; }
  FUSELINE_DEVICE long long row(int r) const { return tile * tile_rows + local(r); }
  FUSELINE_DEVICE bool has(int r) const { return whole_tiles || row(r) < all_rows; }
};

// Starts copying a tile into a stage. Without a tile the group of copies is empty, so that counts stay in step.
FUSELINE_DEVICE void start_copy(T* stage, BulkBarrier& barrier, const T* x, const Position& at) {
  if constexpr (copy == Copy::bulk) {
    if (threadIdx.x == 0 && at.tile < tiles) {
      const long long first = at.tile * tile_rows;
      const long long left = all_rows - first;
      const unsigned bytes = static_cast<unsigned>((left < tile_rows ? left : tile_rows) * Lane::width * dtype_bytes);
      bulk_expect(barrier, bytes);
      bulk_copy(stage, x + first * Lane::width, bytes, barrier);
    }
  } else {
    if (at.tile < tiles) {
#pragma unroll
      for (int r = 0; r < rows; ++r) {
#pragma unroll
        for (int k = 0; k < Lane::chunks; ++k) {
          if (at.lane.owns(k) && at.has(r)) {
            async_copy(stage + at.local(r) * Lane::width + at.lane.column(k),
                       x + at.row(r) * Lane::width + at.lane.column(k));
          }
        }
      }
    }
    async_commit();
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(PARAM_block, PARAM_blocks_per_sm)
    layernorm_gelu_scale_row_ring(const T* __restrict__ x, const T* __restrict__ gamma, const T* __restrict__ beta,
                                  T* __restrict__ out) {
  FUSELINE_SHARED(T, ring);
  __shared__ BulkBarrier barriers[stages];
  const Lane lane(static_cast<int>(threadIdx.x));
  if constexpr (copy == Copy::bulk) {
    if (threadIdx.x == 0) {
      for (int s = 0; s < stages; ++s) bulk_prepare(barriers[s]);
    }
    __syncthreads();
  }
  const long long step = gridDim.x;
#pragma unroll
  for (int s = 0; s + 1 < stages; ++s)
    start_copy(ring + s * tile_elements, barriers[s], x, {lane, blockIdx.x + s * step});
  const ColumnPacks<Lane> weight(gamma, lane);
  const ColumnPacks<Lane> shift(beta, lane);
  int stage = 0;
  unsigned parity = 0;
  for (long long tile = blockIdx.x; tile < tiles; tile += step) {
    // The stage before this one was read in the last round and is free now.
    const int freed = stage == 0 ? stages - 1 : stage - 1;
    if constexpr (copy == Copy::bulk) __syncthreads();
    start_copy(ring + freed * tile_elements, barriers[freed], x, {lane, tile + (stages - 1) * step});
    if constexpr (copy == Copy::bulk) {
      bulk_wait(barriers[stage], parity);
    } else {
      async_wait<stages - 1>();
    }
    const Position at{lane, tile};
    Pack<vector> packs[rows][Lane::chunks];
#pragma unroll
    for (int r = 0; r < rows; ++r) {
#pragma unroll
      for (int k = 0; k < Lane::chunks; ++k) {
        packs[r][k] = lane.owns(k) && at.has(r)
                          ? load_pack<vector>(ring + stage * tile_elements + at.local(r) * Lane::width + lane.column(k))
                          : zero_pack<vector>();
      }
    }
    layernorm_gelu_rows<Statistics::PARAM_statistics, Reduce::butterfly, Gelu::PARAM_gelu>(
        packs, weight, shift, static_cast<float>(SCALAR_eps), static_cast<float>(SCALAR_scale), lane,
        [&](int r, int k, const Pack<vector>& result) {
          if (at.has(r)) store_pack<vector, Store::PARAM_store>(out + at.row(r) * Lane::width + lane.column(k), result);
        });
    if (++stage == stages) {
      stage = 0;
      parity ^= 1;
    }
  }
}
