// A persistent grid: while a block works on a tile as in channel_split, its threads' vectors of the tiles ahead are on
// their way into a ring in shared memory by cp.async.
#include "common/channel_softmax.cuh"
#include "common/channel_stage.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Tile = ChannelTile<DIM_N, DIM_C, DIM_HW, PARAM_groups, PARAM_lanes, 16 / dtype_bytes, PARAM_granule / dtype_bytes,
                         Keep::PARAM_keep>;
constexpr int stages = PARAM_stages;
static_assert(Tile::whole_tensor, "the last vector must not reach past the end");

// Starts copying a tile into a stage. Past the last tile the group of copies is empty, so that counts stay in step.
FUSELINE_DEVICE void start_copy(T* stage, const T* x, unsigned number) {
  TileAhead<Tile>(number).copy_all(stage, x);
  async_commit();
}

}  // namespace

extern "C" __global__ void __launch_bounds__(Tile::threads, PARAM_blocks_per_sm)
    softmax_bias_scale_sigmoid_channel_ring(const T* __restrict__ x, const T* __restrict__ bias, T* __restrict__ out) {
  FUSELINE_SHARED(T, ring);
  float* const shared = reinterpret_cast<float*>(ring + stages * stage_elements<Tile>);
  const unsigned step = gridDim.x;
#pragma unroll
  for (int s = 0; s + 1 < stages; ++s) start_copy(ring + s * stage_elements<Tile>, x, blockIdx.x + s * step);
  int stage = 0;
  for (unsigned number = blockIdx.x; number < Tile::tiles; number += step) {
    // The stage before this one was read in the last round and is free now.
    const int freed = stage == 0 ? stages - 1 : stage - 1;
    start_copy(ring + freed * stage_elements<Tile>, x, number + (stages - 1) * step);
    async_wait<stages - 1>();
    const Tile tile(number, static_cast<int>(threadIdx.x));
    Tile::Packs packs;
    read_stage(packs, ring + stage * stage_elements<Tile>, tile);
    Tile::Values values;
    float factors[Tile::vector];
    tile.softmax(values, factors, packs, shared);
    tile.finish<Sigmoid::PARAM_sigmoid, Store::PARAM_store>(out, bias, values, factors,
                                                            static_cast<float>(SCALAR_scale));
    stage = stage + 1 == stages ? 0 : stage + 1;
  }
}
