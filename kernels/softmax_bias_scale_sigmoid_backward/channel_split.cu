// Tiles as in softmax_bias_scale_sigmoid's channel_split: x and dout stay in registers from their one load to the store
// of dx. The grid is persistent, so that a thread adds up dbias of its channels in registers over all tiles it meets; a
// second launch adds the blocks' parts.
#include "common/channel_softmax_backward.cuh"
#include "common/partial_sums.cuh"
#include "common/shared.cuh"

using namespace fuseline;

namespace {

using Tile = ChannelTile<DIM_N, DIM_C, DIM_HW, PARAM_groups, PARAM_lanes, PARAM_vector_bytes / dtype_bytes,
                         PARAM_granule / dtype_bytes, Keep::PARAM_keep>;
using Slopes = PixelSlopes<Tile, Slope::exact>;
constexpr int vector = Tile::vector;
constexpr int per_group = Tile::per_group;
constexpr float scale = static_cast<float>(SCALAR_scale);

// Replaces dout by h, and sums over the tile's channels.
template <bool inside>
FUSELINE_DEVICE void go_back(Tile::Packs& douts, PixelDots<Tile>& dots, float (&sums)[per_group], const Tile& tile,
                             const Tile::Values& values, const Slopes& pixels, const T* bias) {
  const unsigned owned = inside ? 0 : tile.owned();
#pragma unroll
  for (int k = 0; k < per_group; ++k) {
    if (!tile.has_channel(k)) continue;
    const float start = Slopes::channel(to_float(bias[tile.group + k * Tile::groups]), scale);
    douts[k] = upstream<inside>(k, values[k], douts[k], pixels, start, sums[k], dots, owned);
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(Tile::threads, PARAM_blocks_per_sm)
    softmax_bias_scale_sigmoid_backward_channel_split(const T* __restrict__ x, const T* __restrict__ dout,
                                                      const T* __restrict__ bias, T* __restrict__ dx,
                                                      float* __restrict__ parts, int* __restrict__ count) {
  FUSELINE_SHARED(float, shared);
  float sums[per_group] = {};
  for (long long number = blockIdx.x; number < Tile::tiles; number += gridDim.x) {
    const Tile tile(number, static_cast<int>(threadIdx.x));
    Tile::Packs packs, douts;
    tile.load<Load::PARAM_load>(packs, x);
    tile.load<Load::PARAM_load>(douts, dout);
    Tile::Values values;
    float factors[vector];
    tile.softmax(values, factors, packs, shared);
    const Slopes pixels(factors, scale);
    PixelDots<Tile> dots;
    if (tile.inside()) {
      go_back<true>(douts, dots, sums, tile, values, pixels, bias);
    } else {
      go_back<false>(douts, dots, sums, tile, values, pixels, bias);
    }
    const PixelSteps<Tile> steps(tile, pixels, dots, scale, shared);
    store_gradients<Store::PARAM_store>(
        dx, tile, values, steps, [&](int k) { return douts[k]; }, [](int) {});
  }
  __syncthreads();  // Totals of the last tile have been read.
  store_part<Tile>(parts + static_cast<long long>(blockIdx.x) * Tile::channels, sums, scale, shared);
  if (blockIdx.x == 0 && threadIdx.x == 0) *count = static_cast<int>(gridDim.x);
}

extern "C" __global__ void __launch_bounds__(part_threads)
    softmax_bias_scale_sigmoid_backward_channels(const float* __restrict__ parts, const int* __restrict__ count,
                                                 float* __restrict__ dbias) {
  __shared__ float totals[part_slices][part_columns];
  const int channel = static_cast<int>(blockIdx.x * part_columns + threadIdx.x % part_columns);
  const float total = sum_of_parts(parts, *count, Tile::channels, channel, totals);
  if (threadIdx.x < part_columns && channel < Tile::channels) dbias[channel] = total;
}
