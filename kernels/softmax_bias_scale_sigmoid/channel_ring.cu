// A persistent grid: while a block works on a tile as in channel_split, its threads' vectors of the tiles ahead are on their way into
// a ring in shared memory by cp.async. A thread copies, waits for and reads only its own vectors, so the ring needs no barrier.
#include "common/channel_softmax.cuh"
#include "common/pipeline.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Tile = ChannelTile<DIM_N, DIM_C, DIM_HW, PARAM_groups, PARAM_lanes, 16 / dtype_bytes, PARAM_granule / dtype_bytes, Keep::PARAM_keep>;
constexpr int vector = Tile::vector;
constexpr int stages = PARAM_stages;
constexpr int stage_elements = Tile::per_group * Tile::threads * vector;
static_assert(Tile::whole_tensor, "the last vector must not reach past the end");

// The thread's vector of channel k in a stage: neighbouring threads' vectors are neighbours.
FUSELINE_DEVICE int place_of(int k) { return (k * Tile::threads + static_cast<int>(threadIdx.x)) * vector; }

// Starts copying a tile into a stage. Past the last tile the group of copies is empty, so that counts stay in step.
FUSELINE_DEVICE void start_copy(T* stage, const T* x, long long number) {
  if (number < Tile::tiles) {
    const Tile tile(number, static_cast<int>(threadIdx.x));
    if (tile.loads()) {
#pragma unroll
      for (int k = 0; k < Tile::per_group; ++k) {
        if (tile.has_channel(k)) async_copy(stage + place_of(k), x + tile.at(k));
      }
    }
  }
  async_commit();
}

FUSELINE_DEVICE void read_stage(Tile::Packs& packs, const T* stage, const Tile& tile) {
  const bool any = tile.loads();
#pragma unroll
  for (int k = 0; k < Tile::per_group; ++k) {
    packs[k] = any && tile.has_channel(k) ? load_pack<vector>(stage + place_of(k)) : zero_pack<vector>();
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(Tile::threads, PARAM_blocks_per_sm)
    softmax_bias_scale_sigmoid_channel_ring(const T* __restrict__ x, const T* __restrict__ bias, T* __restrict__ out) {
  FUSELINE_SHARED(T, ring);
  float* const shared = reinterpret_cast<float*>(ring + stages * stage_elements);
  const long long step = gridDim.x;
#pragma unroll
  for (int s = 0; s + 1 < stages; ++s) start_copy(ring + s * stage_elements, x, blockIdx.x + s * step);
  int stage = 0;
  for (long long number = blockIdx.x; number < Tile::tiles; number += step) {
    // The stage before this one was read in the last round and is free now.
    const int freed = stage == 0 ? stages - 1 : stage - 1;
    start_copy(ring + freed * stage_elements, x, number + (stages - 1) * step);
    async_wait<stages - 1>();
    const Tile tile(number, static_cast<int>(threadIdx.x));
    Tile::Packs packs;
    read_stage(packs, ring + stage * stage_elements, tile);
    Tile::Values values;
    float factors[vector];
    tile.softmax(values, factors, packs, shared);
    tile.finish<Sigmoid::PARAM_sigmoid, Store::PARAM_store>(out, bias, values, factors, static_cast<float>(SCALAR_scale));
    stage = stage + 1 == stages ? 0 : stage + 1;
  }
}
