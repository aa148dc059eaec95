// Tiles as in channel_split, but x and dout of the next tile come into shared memory by cp.async while this one is
// worked on.
#include "common/channel_softmax_backward.cuh"
#include "common/channel_stage.cuh"
#include "common/partial_sums.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

/// Where h waits for the sum over channels: in registers, or in shared memory in dout's place, whose next copy starts
/// later then.
enum class Hold { registers, shared };

using Tile = ChannelTile<DIM_N, DIM_C, DIM_HW, PARAM_groups, PARAM_lanes, PARAM_vector_bytes / dtype_bytes,
                         PARAM_granule / dtype_bytes, Keep::PARAM_keep>;
constexpr int vector = Tile::vector;
constexpr int per_group = Tile::per_group;
using Ahead = TileAhead<Tile>;
using Slopes = PixelSlopes<Tile, Slope::PARAM_slope>;
constexpr float scale = static_cast<float>(SCALAR_scale);
constexpr bool in_registers = Hold::PARAM_hold == Hold::registers;
static_assert(Tile::whole_tensor, "the last vector must not reach past the end");

struct Memory {
  const T* x;
  const T* dout;
  T* x_stage;
  T* dout_stage;
  float* shared;  ///< For sums over groups.
  Slopes::Channel* channels;
};

// h of a tile, and the sums over its channels. What has been read is copied ahead.
template <bool inside>
FUSELINE_DEVICE void go_back(Tile::Packs& held, PixelDots<Tile>& dots, float (&sums)[per_group], const Tile& tile,
                             const Tile::Values& values, const Slopes& pixels, const Memory& memory,
                             const Ahead& ahead) {
  const unsigned owned = inside ? 0 : tile.owned();
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
    if (tile.has_channel(k)) {
      T* const place = memory.dout_stage + place_in_stage<Tile>(k);
      const Slopes::Channel channel = memory.channels[tile.group + k * Tile::groups];
      const Pack<vector> h =
          upstream<inside>(k, values[k], load_pack<vector>(place), pixels, channel, sums[k], dots, owned);
      if constexpr (in_registers) {
        held[k] = h;
      } else {
        store_pack(place, h);
      }
    }
    ahead.copy(memory.x_stage, memory.x, k);
    if constexpr (in_registers) ahead.copy(memory.dout_stage, memory.dout, k);
  }
  async_commit();
}

}  // namespace

extern "C" __global__ void __launch_bounds__(Tile::threads, PARAM_blocks_per_sm)
    softmax_bias_scale_sigmoid_backward_channel_ring(const T* __restrict__ x, const T* __restrict__ dout,
                                                     const T* __restrict__ bias, T* __restrict__ dx,
                                                     float* __restrict__ parts, int* __restrict__ count) {
  FUSELINE_SHARED(T, ring);
  Slopes::Channel* const channels = reinterpret_cast<Slopes::Channel*>(ring + 2 * stage_elements<Tile>);
  float* const shared = reinterpret_cast<float*>(channels + Tile::channels);
  const Memory memory{x, dout, ring, ring + stage_elements<Tile>, shared, channels};
  const int thread = static_cast<int>(threadIdx.x);
  Ahead ahead(blockIdx.x);
  ahead.copy_all(memory.x_stage, x);
  async_commit();
  ahead.copy_all(memory.dout_stage, dout);
  async_commit();
  for (int c = thread; c < Tile::channels; c += Tile::threads) channels[c] = Slopes::channel(to_float(bias[c]), scale);
  __syncthreads();
  float sums[per_group] = {};
  for (unsigned number = blockIdx.x; number < Tile::tiles; number += gridDim.x) {
    const Tile tile = ahead.tile;
    ahead = Ahead(number + gridDim.x);
    async_wait<1>();
    Tile::Packs packs;
    read_stage(packs, memory.x_stage, tile);
    Tile::Values values;
    float factors[vector];
    tile.softmax(values, factors, packs, shared);
    const Slopes pixels(factors, scale);
    async_wait<0>();
    PixelDots<Tile> dots;
    Tile::Packs held;
    if (tile.inside()) {
      go_back<true>(held, dots, sums, tile, values, pixels, memory, ahead);
    } else {
      go_back<false>(held, dots, sums, tile, values, pixels, memory, ahead);
    }
    const PixelSteps<Tile> steps(tile, pixels, dots, scale, shared);
    store_gradients<Store::PARAM_store>(
        dx, tile, values, steps,
        [&](int k) { return in_registers ? held[k] : load_pack<vector>(memory.dout_stage + place_in_stage<Tile>(k)); },
        [&](int k) {
          if constexpr (!in_registers) ahead.copy(memory.dout_stage, dout, k);
        });
    async_commit();  // Empty where h was held in registers: counts stay in step.
  }
  __syncthreads();  // Totals of the last tile have been read.
  store_part<Tile>(parts + static_cast<long long>(blockIdx.x) * Tile::channels, sums, scale, shared);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    softmax_bias_scale_sigmoid_backward_ring_channels(const float* __restrict__ parts, const int* __restrict__ count,
                                                      float* __restrict__ dbias) {
  __shared__ float totals[part_slices][part_columns];
  const int channel = static_cast<int>(blockIdx.x * part_columns + threadIdx.x % part_columns);
  const float total = sum_of_parts(parts, *count, Tile::channels, channel, totals);
  if (threadIdx.x < part_columns && channel < Tile::channels) dbias[channel] = total;
}
